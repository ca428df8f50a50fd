#include "floe/commit/cherry_pick.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "commit/snapshot_writer.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/expr/prune.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kWapId = "wap.id";
constexpr std::string_view kPublishedWapId = "published-wap-id";
constexpr std::string_view kSourceSnapshotId = "source-snapshot-id";

std::string Attempt(const Snapshot& picked) {
  return fmt::format("can't cherry-pick snapshot {}", picked.snapshot_id);
}

[[noreturn]] void Refuse(const Snapshot& picked, std::string_view why) {
  throw InvalidArgumentError(fmt::format("{}: {}", Attempt(picked), why),
                             {.snapshot_id = picked.snapshot_id});
}

SnapshotPtr Require(const Table& table, int64_t snapshot_id) {
  SnapshotPtr snapshot = table.metadata().FindSnapshot(snapshot_id);
  if (snapshot == nullptr) {
    throw NoSuchSnapshotError(
        fmt::format("can't cherry-pick snapshot {}: table {} does not have it", snapshot_id,
                    table.identifier().ToString()),
        {.table = table.identifier().ToString(), .snapshot_id = snapshot_id});
  }
  return snapshot;
}

bool ReplacesPartitions(const Snapshot& snapshot) {
  return snapshot.operation == "overwrite" &&
         ToLower(FindProperty(snapshot.summary, kReplacePartitions).value_or("")) == "true";
}

Properties SummaryOf(const Snapshot& picked) {
  Properties summary{{std::string(kSourceSnapshotId), fmt::to_string(picked.snapshot_id)}};
  if (auto wap_id = FindProperty(picked.summary, kWapId)) {
    summary.emplace_back(kPublishedWapId, *std::move(wap_id));
  }
  return summary;
}

std::vector<SnapshotPtr> HistoryOfMain(const TableMetadata& metadata) {
  const SnapshotPtr head = metadata.current_snapshot();
  return head == nullptr ? std::vector<SnapshotPtr>()
                         : AncestorsOf(metadata, head->snapshot_id);
}

Type PartitionTypeOf(const TableMetadata& metadata, int32_t spec_id) {
  return PartitionType(*metadata.SpecById(spec_id), *metadata.schema(), metadata.schemas);
}

/// Whether partitions of two specs can't have a row in common: where both have a field, its
/// values differ.
bool AreApart(const PartitionSpec& one, const PartitionValues& in_one,
              const PartitionSpec& other, const PartitionValues& in_other) {
  for (size_t i = 0; i < one.fields().size(); ++i) {
    for (size_t j = 0; j < other.fields().size(); ++j) {
      const PartitionField& field = one.fields()[i];
      const bool is_same = field.source_id == other.fields()[j].source_id &&
                           field.transform == other.fields()[j].transform &&
                           field.transform.kind() != Transform::Kind::kVoid;
      if (is_same && PartitionKey({in_one[i]}) != PartitionKey({in_other[j]})) {
        return true;
      }
    }
  }
  return false;
}

/// Partitions of some files, by spec.
class Partitions {
 public:
  Partitions(const TableMetadata& metadata,
             const std::vector<const std::vector<DataFile>*>& files)
      : metadata_(metadata) {
    for (const std::vector<DataFile>* some : files) {
      for (const DataFile& file : *some) {
        keys_.emplace(file.spec_id, PartitionKey(file.partition));
        values_.emplace_back(file.spec_id, file.partition);
      }
    }
  }

  bool MayBeIn(const ManifestFile& manifest) const {
    const std::vector<FieldSummary> summaries = manifest.Summaries();
    return std::ranges::any_of(values_, [&](const auto& item) {
      return item.first == manifest.partition_spec_id &&
             ManifestMayContain(summaries, item.second);
    });
  }
  /// Whether rows of them may be in it, under whatever spec.
  bool MayMeet(const ManifestFile& manifest) const {
    return MayBeIn(manifest) || std::ranges::any_of(values_, [&](const auto& item) {
             return item.first != manifest.partition_spec_id;
           });
  }
  /// Whether one of them is this one, or may have rows that are in it under its spec.
  bool Have(int32_t spec_id, const PartitionValues& partition) const {
    return keys_.contains({spec_id, PartitionKey(partition)}) ||
           std::ranges::any_of(values_, [&](const auto& item) {
             return item.first != spec_id &&
                    !AreApart(*metadata_.SpecById(item.first), item.second,
                              *metadata_.SpecById(spec_id), partition);
           });
  }

 private:
  const TableMetadata& metadata_;
  std::set<std::pair<int32_t, std::string>> keys_;
  std::vector<std::pair<int32_t, PartitionValues>> values_;
};

/// The folder of a partition that `snapshot` added files to or deleted files from, and that is
/// one of `partitions`; nothing if there is none.
std::optional<std::string> FindChanged(const Table& base, const Snapshot& snapshot,
                                       const Partitions& partitions) {
  const TableMetadata& metadata = base.metadata();
  for (const ManifestFile& manifest : ReadManifests(*base.io(), snapshot)) {
    const PartitionSpec& spec = *metadata.SpecById(manifest.partition_spec_id);
    // Deletes without a partition are about rows of all.
    const bool everywhere =
        manifest.content == ManifestContent::kDeletes && spec.is_unpartitioned();
    if (manifest.added_snapshot_id != snapshot.snapshot_id ||
        (!everywhere && !partitions.MayMeet(manifest))) {
      continue;
    }
    const auto entries =
        ReadManifest(*base.io(), manifest, PartitionTypeOf(metadata, spec.spec_id()),
                     {.include_deleted = true, .keep_details = false});
    for (size_t i = 0; i < entries->size(); ++i) {
      if (entries->status(i) != EntryStatus::kExisting &&
          entries->snapshot_id(i) == snapshot.snapshot_id &&
          (everywhere || partitions.Have(spec.spec_id(), entries->partition(i)))) {
        return spec.PathOf(entries->partition(i));
      }
    }
  }
  return std::nullopt;
}

}  // namespace

CherryPick::CherryPick(const Table& table, int64_t snapshot_id)
    : picked_(Require(table, snapshot_id)),
      replaces_partitions_(ReplacesPartitions(*picked_)),
      writer_(std::make_unique<SnapshotWriter>(table, SummaryOf(*picked_),
                                               std::string(kMainBranch))) {
  CheckMetadata(table.metadata());
}

CherryPick::~CherryPick() = default;

bool CherryPick::IsNext(const TableMetadata& metadata) const {
  const SnapshotPtr head = metadata.current_snapshot();
  return head == nullptr ? !picked_->parent_snapshot_id
                         : picked_->parent_snapshot_id == head->snapshot_id;
}

void CherryPick::CheckMetadata(const TableMetadata& metadata) const {
  const std::string id = fmt::to_string(picked_->snapshot_id);
  const auto wap_id = FindProperty(picked_->summary, kWapId);
  for (const SnapshotPtr& snapshot : HistoryOfMain(metadata)) {
    std::string found;
    if (snapshot->snapshot_id == picked_->snapshot_id) {
      found = "main has it already";
    } else if (FindProperty(snapshot->summary, kSourceSnapshotId) == id) {
      found = fmt::format("snapshot {} of main has picked it already", snapshot->snapshot_id);
    } else if (wap_id && (FindProperty(snapshot->summary, kWapId) == wap_id ||
                          FindProperty(snapshot->summary, kPublishedWapId) == wap_id)) {
      found = fmt::format("snapshot {} of main has published its wap.id '{}' already",
                          snapshot->snapshot_id, *wap_id);
    }
    if (!found.empty()) {
      throw AlreadyExistsError(fmt::format("{}: {}", Attempt(*picked_), found),
                               {.snapshot_id = picked_->snapshot_id});
    }
  }
  if (picked_->operation != "append" && !replaces_partitions_ && !IsNext(metadata)) {
    Refuse(*picked_,
           fmt::format("its operation is '{}', and it does not follow the current snapshot; "
                       "only appends and replacements of whole partitions "
                       "(replace-partitions=true) can be made again",
                       picked_->operation));
  }
}

/// Fills in the files that the snapshot added and deleted.
void CherryPick::ReadPicked(const Table& base) {
  if (is_read_) {
    return;
  }
  const int64_t id = picked_->snapshot_id;
  for (const ManifestFile& manifest : ReadManifests(*base.io(), *picked_)) {
    if (manifest.added_snapshot_id != id && !picked_->manifest_list.empty()) {
      continue;
    }
    const auto entries = ReadManifest(
        *base.io(), manifest, PartitionTypeOf(base.metadata(), manifest.partition_spec_id),
        {.include_deleted = true});
    for (size_t i = 0; i < entries->size(); ++i) {
      if (entries->snapshot_id(i) != id || entries->status(i) == EntryStatus::kExisting) {
        continue;
      }
      const bool is_added = entries->status(i) == EntryStatus::kAdded;
      if (entries->content(i) != FileContent::kData) {
        if (!is_added) {
          continue;  // went with its data file
        }
        throw UnsupportedError(
            fmt::format("{}: it adds row-level deletes, which this version of floe can't "
                        "make again",
                        Attempt(*picked_)),
            {.snapshot_id = id});
      }
      DataFile file = entries->ToDataFile(i);
      if (is_added) {
        file.first_row_id.reset();  // its rows are new ones here
        added_.push_back(std::move(file));
      } else {
        deleted_.push_back(std::move(file));
      }
    }
  }
  is_read_ = true;
}

/// Nobody may have changed what is to be replaced since the snapshot was made.
void CherryPick::CheckPartitions(const Table& base) const {
  const std::optional<int64_t>& parent_id = picked_->parent_snapshot_id;
  std::vector<SnapshotPtr> since = HistoryOfMain(base.metadata());
  const auto parent = std::ranges::find_if(
      since, [&](const SnapshotPtr& snapshot) { return snapshot->snapshot_id == parent_id; });
  // Without a parent it must have been made before the first snapshot, which has none either.
  if (parent_id ? parent == since.end()
                : !since.empty() && since.back()->parent_snapshot_id.has_value()) {
    Refuse(*picked_,
           fmt::format("it replaces partitions as they were in {}, which is not part of main's "
                       "history",
                       parent_id ? fmt::format("snapshot {}", *parent_id) : "the empty table"));
  }
  since.erase(parent, since.end());
  const Partitions partitions(base.metadata(), {&added_, &deleted_});
  for (const SnapshotPtr& snapshot : since) {
    if (const auto changed = FindChanged(base, *snapshot, partitions)) {
      Refuse(*picked_, fmt::format("it replaces partition '{}', which snapshot {} has changed "
                                   "meanwhile",
                                   *changed, snapshot->snapshot_id));
    }
  }
}

void CherryPick::Validate(const Table& base) {
  CheckMetadata(base.metadata());
  if (IsNext(base.metadata())) {
    return;
  }
  ReadPicked(base);
  writer_->CheckBase(base, added_);
  if (replaces_partitions_) {
    CheckPartitions(base);
  } else if (!deleted_.empty()) {
    Refuse(*picked_, "it is called an append, and deletes files");
  }
}

AppliedChange CherryPick::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  was_next_ = IsNext(metadata);
  if (was_next_) {
    AppliedChange applied;
    MoveBranch(metadata, std::string(kMainBranch), picked_->snapshot_id, &applied);
    return applied;
  }
  std::set<std::string> paths;
  for (const DataFile& file : deleted_) {
    paths.insert(file.file_path);
  }
  // A deletion vector goes with its file.
  const auto is_deleted = [&](const ManifestEntries& entries, size_t i) {
    return paths.contains(
        std::string(entries.referenced_data_file(i).value_or(entries.file_path(i))));
  };
  const Partitions deleted(metadata, {&deleted_});
  SummaryCounts counts;
  if (replaces_partitions_) {
    counts.MarkPartitionsReplaced();
  }
  for (const DataFile& file : added_) {
    counts.AddFile(file);
  }
  std::vector<ManifestFile> manifests = writer_->AddedManifests(base, added_);
  const SnapshotPtr head = metadata.current_snapshot();
  std::vector<std::string> gone;
  for (ManifestFile& manifest :
       head == nullptr ? std::vector<ManifestFile>() : ReadManifests(*base.io(), *head)) {
    manifests.push_back(manifest.may_have_live_files() && deleted.MayBeIn(manifest)
                            ? writer_->DeleteEntries(base, manifest, is_deleted, &counts, &gone)
                            : std::move(manifest));
  }
  return writer_->MakeSnapshot(base, picked_->operation, counts, std::move(manifests), added_);
}

bool CherryPick::IsIn(const TableMetadata& metadata) const {
  if (!was_next_) {
    return writer_->IsIn(metadata);
  }
  return std::ranges::any_of(HistoryOfMain(metadata), [&](const SnapshotPtr& snapshot) {
    return snapshot->snapshot_id == picked_->snapshot_id;
  });
}

void CherryPick::DiscardUnused() noexcept { writer_->DiscardUnused(); }
void CherryPick::DiscardAll() noexcept { writer_->DiscardAll(); }

}  // namespace floe::inline v0
