#include "commit/snapshot_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/avro/codec.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/manifest_writer.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

/// Entries of one manifest at most, so that planning can share out the work.
constexpr size_t kMaxEntriesPerManifest = 10'000;

std::optional<int64_t> CountIn(const Properties& summary, std::string_view key) {
  const auto text = FindProperty(summary, key);
  int64_t value = 0;
  if (!text) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text->begin(), text->end(), value);
  return error == std::errc() && end == text->end() ? std::optional(value) : std::nullopt;
}

/// 16 random bytes, for Avro's sync markers.
std::string RandomSync(Random& random) {
  std::string bytes(16, '\0');
  for (size_t i = 0; i < bytes.size(); i += sizeof(uint64_t)) {
    const uint64_t word = random.Next();
    std::memcpy(bytes.data() + i, &word, sizeof(word));
  }
  return bytes;
}

AvroCompression ManifestCompression(const Properties& properties) {
  namespace props = table_properties;
  const std::string name = ToLower(TextProperty(properties, props::kManifestCodec));
  AvroCompression compression;
  if (name == "zstd") {
    compression.codec = AvroCodec::kZstandard;
  } else if (name == "snappy") {
    compression.codec = AvroCodec::kSnappy;
  } else if (name == "uncompressed") {
    compression.codec = AvroCodec::kNull;
  } else if (name != "gzip") {
    throw InvalidArgumentError(fmt::format("table property '{}' is '{}'; expected {}",
                                           props::kManifestCodec.name, name,
                                           props::kManifestCodec.doc));
  }
  if (!TextProperty(properties, props::kManifestLevel).empty()) {
    compression.level = static_cast<int>(IntegerProperty(properties, props::kManifestLevel));
  }
  return compression;
}

int64_t NewSnapshotId(const Table& table) {
  while (true) {
    const auto id = static_cast<int64_t>(table.environment().random->Next() &
                                         uint64_t{std::numeric_limits<int64_t>::max()});
    if (id != 0 && table.metadata().FindSnapshot(id) == nullptr) {
      return id;
    }
  }
}

/// Counts what lists of version 1 did not.
void CountManifests(const Table& base, std::vector<ManifestFile>* manifests) {
  const TableMetadata& metadata = base.metadata();
  for (ManifestFile& manifest : *manifests) {
    if (!HasCounts(manifest)) {
      const PartitionSpec& spec = *metadata.SpecById(manifest.partition_spec_id);
      CountEntries(*base.io(), PartitionType(spec, *metadata.schema(), metadata.schemas),
                   &manifest);
    }
  }
}

}  // namespace

std::string KeyOf(const Table& base, const ManifestFile& manifest) {
  return fmt::format("{} {} {} {} {}", base.metadata().format_version,
                     base.metadata().current_schema_id, manifest.sequence_number.value_or(0),
                     manifest.first_row_id.value_or(-1), manifest.manifest_path);
}

void MoveBranch(const TableMetadata& metadata, const std::string& branch, int64_t snapshot_id,
                AppliedChange* applied) {
  const auto before = metadata.refs.find(branch);
  const bool exists = before != metadata.refs.end();
  applied->requirements.emplace_back(AssertRefSnapshotId{
      branch, exists ? std::optional(before->second.snapshot_id) : std::nullopt,
      exists ? std::optional(before->second) : std::nullopt});
  SnapshotRef ref = exists ? before->second : SnapshotRef();  // its retention stays
  ref.snapshot_id = snapshot_id;
  applied->updates.push_back(SetSnapshotRefUpdate{branch, std::move(ref)});
}

void SummaryCounts::Counts::Add(const Counts& other) {
  data_files += other.data_files;
  records += other.records;
  bytes += other.bytes;
  position_delete_files += other.position_delete_files;
  deletion_vectors += other.deletion_vectors;
  equality_delete_files += other.equality_delete_files;
  position_deletes += other.position_deletes;
  equality_deletes += other.equality_deletes;
}

void SummaryCounts::Count(const DataFile& file, Counts* counts) {
  if (file.content == FileContent::kData) {
    ++counts->data_files;
    counts->records += file.record_count;
  } else if (file.content == FileContent::kEqualityDeletes) {
    ++counts->equality_delete_files;
    counts->equality_deletes += file.record_count;
  } else {
    ++(file.content_offset ? counts->deletion_vectors : counts->position_delete_files);
    counts->position_deletes += file.record_count;
  }
  counts->bytes += file.content_size_in_bytes.value_or(file.file_size_in_bytes);
  if (!file.partition.empty()) {
    partitions_.insert(PartitionKey(file.partition));
  }
}

void SummaryCounts::Merge(const SummaryCounts& other) {
  added_.Add(other.added_);
  deleted_.Add(other.deleted_);
  partitions_.insert(other.partitions_.begin(), other.partitions_.end());
}

namespace {

void PutCount(std::string_view key, int64_t value, Properties* summary) {
  if (value != 0) {
    SetProperty(std::string(key), fmt::to_string(value), summary);
  }
}

}  // namespace

/// Counts of delete files, in the words of the specification's appendix F.
void SummaryCounts::PutDeletes(const Counts& counts, std::string_view did,
                               Properties* summary) {
  for (const auto& [what, count] :
       {std::pair("delete-files", counts.delete_files()),
        std::pair("position-delete-files", counts.position_delete_files),
        std::pair("dvs", counts.deletion_vectors),
        std::pair("equality-delete-files", counts.equality_delete_files),
        std::pair("position-deletes", counts.position_deletes),
        std::pair("equality-deletes", counts.equality_deletes)}) {
    PutCount(fmt::format("{}-{}", did, what), count, summary);
  }
}

Properties SummaryCounts::Build(const Snapshot* previous, const Properties& extra) const {
  Properties summary;
  const Properties before_it =
      previous == nullptr ? Properties() : previous->summary.ToProperties();
  if (replaces_partitions_) {
    SetProperty(std::string(kReplacePartitions), "true", &summary);
  }
  PutCount("added-data-files", added_.data_files, &summary);
  PutCount("added-records", added_.records, &summary);
  PutDeletes(added_, "added", &summary);
  PutCount("added-files-size", added_.bytes, &summary);
  PutCount("deleted-data-files", deleted_.data_files, &summary);
  PutCount("deleted-records", deleted_.records, &summary);
  PutDeletes(deleted_, "removed", &summary);
  PutCount("removed-files-size", deleted_.bytes, &summary);
  PutCount("changed-partition-count", static_cast<int64_t>(partitions_.size()), &summary);
  const auto total = [&](std::string_view key, int64_t change) {
    // A total is only known if the one before it is.
    const auto before = previous == nullptr ? 0 : CountIn(before_it, key);
    if (before) {
      SetProperty(std::string(key), fmt::to_string(*before + change), &summary);
    }
  };
  total("total-data-files", added_.data_files - deleted_.data_files);
  total("total-records", added_.records - deleted_.records);
  total("total-files-size", added_.bytes - deleted_.bytes);
  total("total-delete-files", added_.delete_files() - deleted_.delete_files());
  total("total-position-deletes", added_.position_deletes - deleted_.position_deletes);
  total("total-equality-deletes", added_.equality_deletes - deleted_.equality_deletes);
  for (const auto& [key, value] : extra) {
    SetProperty(key, value, &summary);
  }
  return summary;
}

SnapshotWriter::SnapshotWriter(const Table& table, Properties summary, WriteBranch branch)
    : table_(table),
      summary_(std::move(summary)),
      branch_(std::move(branch)),
      snapshot_id_(NewSnapshotId(table)),
      commit_uuid_(MakeUuid(*table.environment().random)) {
  CheckSummaryProperties(summary_);
  Parent(table);
}

namespace {

/// A column that is required now, and may have nulls in files that were written for `then`;
/// null if there is none.
const Schema::Place* FindNewlyRequired(const Schema& then, const Schema& now) {
  for (const Schema::Place& place : now.places()) {
    const Schema::Place* before = then.Find(place.field->id);
    if (place.field->required && (before == nullptr || !before->field->required)) {
      return &place;
    }
  }
  return nullptr;
}

}  // namespace

void SnapshotWriter::CheckBase(const Table& base, const std::vector<DataFile>& files) const {
  const TableMetadata& then = table_.metadata();
  const TableMetadata& now = base.metadata();
  // A table of version 1 may get its uuid late. The schema is gone if it was to be part of the
  // same commit and came out with other ids, because others added columns meanwhile.
  bool same = (then.table_uuid == now.table_uuid || then.table_uuid.empty()) &&
              std::ranges::any_of(now.schemas, [&](const SchemaPtr& schema) {
                return schema->SameColumns(*then.schema());
              });
  for (const DataFile& file : files) {
    const auto found = std::ranges::find_if(
        now.partition_specs,
        [&](const PartitionSpecPtr& spec) { return spec->spec_id() == file.spec_id; });
    same = same && found != now.partition_specs.end() &&
           (*found)->SameFields(*then.SpecById(file.spec_id));
  }
  if (!same) {
    throw CommitConflictError(
        fmt::format("table {} was replaced, or got other columns, while it was being written; "
                    "nothing of this commit is in it: load it again",
                    base.identifier().ToString()),
        {.table = base.identifier().ToString()});
  }
  const Schema::Place* required =
      files.empty() ? nullptr : FindNewlyRequired(*then.schema(), *now.schema());
  if (required != nullptr) {
    throw CommitConflictError(
        fmt::format("column '{}' of table {} became required while it was being written; "
                    "nothing of this commit is in it: load it again",
                    required->full_name, base.identifier().ToString()),
        {.table = base.identifier().ToString(), .column = required->full_name});
  }
}

std::optional<std::vector<SnapshotPtr>> SnapshotWriter::AddedSince(const Table& base) const {
  const TableMetadata& then = table_.metadata();
  const SnapshotPtr planned_on = Parent(table_);
  std::vector<SnapshotPtr> added;
  bool passed = planned_on == nullptr;
  SnapshotPtr at = Parent(base);
  while (at != nullptr) {
    // Earlier changes of the same transaction keep their snapshots' ids on another base.
    const SnapshotPtr known = then.FindSnapshot(at->snapshot_id);
    passed = passed || at->snapshot_id == planned_on->snapshot_id;
    if (known == nullptr) {
      added.push_back(at);
    } else if (passed && known->parent_snapshot_id == at->parent_snapshot_id) {
      return added;
    }
    at = at->parent_snapshot_id ? base.metadata().FindSnapshot(*at->parent_snapshot_id)
                                : nullptr;
  }
  return passed ? std::optional(std::move(added)) : std::nullopt;
}

const std::vector<ManifestFile>& SnapshotWriter::AddedManifests(
    const Table& base, const std::vector<DataFile>& files) {
  const std::pair written_for(base.metadata().format_version,
                              base.metadata().current_schema_id);
  if (!added_manifests_ || added_written_for_ != written_for) {
    std::map<std::pair<ManifestContent, int32_t>, std::vector<std::vector<ManifestEntry>>>
        by_spec;
    for (const DataFile& file : files) {
      const auto content = file.content == FileContent::kData ? ManifestContent::kData
                                                              : ManifestContent::kDeletes;
      auto& groups = by_spec[{content, file.spec_id}];
      if (groups.empty() || groups.back().size() == kMaxEntriesPerManifest) {
        groups.emplace_back();
      }
      groups.back().push_back(
          {EntryStatus::kAdded, snapshot_id_, std::nullopt, std::nullopt, file});
    }
    std::vector<ManifestFile> manifests;
    for (const auto& [kind, groups] : by_spec) {
      for (const auto& entries : groups) {
        manifests.push_back(WriteManifest(base, kind.second, entries, kind.first));
      }
    }
    added_manifests_ = std::move(manifests);
    added_written_for_ = written_for;
  }
  return *added_manifests_;
}

ManifestFile SnapshotWriter::WriteManifest(const Table& base, int32_t spec_id,
                                           const std::vector<ManifestEntry>& entries,
                                           ManifestContent content) {
  const TableMetadata& metadata = base.metadata();
  const PartitionSpec& spec = *metadata.SpecById(spec_id);
  const Type partition_type = PartitionType(spec, *metadata.schema(), metadata.schemas);
  ManifestWriter writer(*metadata.schema(), spec, partition_type, snapshot_id_,
                        RandomSync(*base.environment().random),
                        {.format_version = metadata.format_version,
                         .content = content,
                         .compression = ManifestCompression(metadata.properties)});
  for (const ManifestEntry& entry : entries) {
    writer.Add(entry);
  }
  ManifestWriter::Finished finished = std::move(writer).Finish();
  {
    const std::lock_guard lock(mutex_);
    finished.manifest.manifest_path =
        fmt::format("{}/{}-m{}.avro", base.metadata_folder(), commit_uuid_, manifest_count_++);
    written_.insert(finished.manifest.manifest_path);
  }
  WriteUniqueFile(*base.io(), finished.manifest.manifest_path, finished.content);
  return finished.manifest;
}

ManifestFile SnapshotWriter::DeleteEntries(const Table& base, const ManifestFile& manifest,
                                           const EntryPredicate& is_deleted,
                                           SummaryCounts* counts,
                                           std::vector<std::string>* deleted) {
  const TableMetadata& metadata = base.metadata();
  const PartitionSpec& spec = *metadata.SpecById(manifest.partition_spec_id);
  const auto entries = ReadManifest(
      *base.io(), manifest, PartitionType(spec, *metadata.schema(), metadata.schemas), {});
  std::vector<ManifestEntry> kept;
  const size_t deleted_before = deleted->size();
  for (size_t i = 0; i < entries->size(); ++i) {
    ManifestEntry entry{EntryStatus::kExisting, entries->snapshot_id(i),
                        entries->sequence_number(i), entries->file_sequence_number(i),
                        entries->ToDataFile(i)};
    if (is_deleted(*entries, i)) {
      entry.status = EntryStatus::kDeleted;
      entry.snapshot_id = snapshot_id_;
      counts->DeleteFile(entry.data_file);
      deleted->push_back(entry.data_file.file_path);
    }
    kept.push_back(std::move(entry));
  }
  return deleted->size() == deleted_before
             ? manifest
             : WriteManifest(base, manifest.partition_spec_id, kept, manifest.content);
}

std::string SnapshotWriter::WriteList(const Table& base,
                                      const std::vector<ManifestFile>& manifests,
                                      const Snapshot& snapshot) {
  std::string list = fmt::format("{}/snap-{}-{}-{}.avro", base.metadata_folder(), snapshot_id_,
                                 attempts_++, commit_uuid_);
  {
    const std::lock_guard lock(mutex_);
    written_.insert(list);
  }
  WriteUniqueFile(*base.io(), list,
                  EncodeManifestList(manifests,
                                     {.format_version = base.metadata().format_version,
                                      .snapshot_id = snapshot_id_,
                                      .parent_snapshot_id = snapshot.parent_snapshot_id,
                                      .sequence_number = snapshot.sequence_number,
                                      .first_row_id = snapshot.first_row_id},
                                     RandomSync(*base.environment().random)));
  return list;
}

AppliedChange SnapshotWriter::MakeSnapshot(const Table& base, std::string operation,
                                           const SummaryCounts& counts,
                                           std::vector<ManifestFile> manifests,
                                           const std::vector<DataFile>& added) {
  const TableMetadata& metadata = base.metadata();
  const SnapshotPtr parent = Parent(base);
  const std::optional<int64_t> parent_id =
      parent == nullptr ? std::nullopt : std::optional(parent->snapshot_id);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->snapshot_id = snapshot_id_;
  snapshot->parent_snapshot_id = parent_id;
  if (metadata.format_version > 1) {
    snapshot->sequence_number = metadata.last_sequence_number + 1;
    CountManifests(base, &manifests);
  }
  if (metadata.format_version > 2) {
    // Each try takes the table's next row ids; manifests in a list have theirs for good.
    snapshot->first_row_id = metadata.next_row_id;
    snapshot->added_rows =
        AssignFirstRowIds(metadata.next_row_id, &manifests) - metadata.next_row_id;
  }
  snapshot->timestamp_ms =
      std::max(base.environment().clock->NowMs(), metadata.last_updated_ms);
  const std::string list = WriteList(base, manifests, *snapshot);
  snapshot->manifest_list = list;
  snapshot->operation = std::move(operation);
  snapshot->summary = counts.Build(parent.get(), summary_);
  snapshot->schema_id = metadata.current_schema_id;

  last_used_ = {list};
  AppliedChange applied;
  applied.new_files.push_back(list);
  for (const DataFile& file : added) {
    applied.new_files.push_back(file.file_path);
  }
  {
    const std::lock_guard lock(mutex_);
    for (const ManifestFile& manifest : manifests) {
      if (written_.contains(manifest.manifest_path)) {
        last_used_.insert(manifest.manifest_path);
        applied.new_files.push_back(manifest.manifest_path);
      }
    }
  }
  if (!added.empty()) {
    // A try behind a change of columns checks its files against them.
    applied.requirements.emplace_back(AssertCurrentSchemaId{metadata.current_schema_id});
  }
  applied.updates.push_back(AddSnapshotUpdate{std::move(snapshot)});
  if (branch_) {
    MoveBranch(metadata, *branch_, snapshot_id_, &applied);
  }
  return applied;
}

bool SnapshotWriter::IsIn(const TableMetadata& metadata) const {
  return metadata.FindSnapshot(snapshot_id_) != nullptr;
}

void SnapshotWriter::Discard(const std::set<std::string>& keep) noexcept {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> unused;
  std::ranges::set_difference(written_, keep, std::back_inserter(unused));
  DeleteLeftovers(*table_.io(), unused);
  std::erase_if(written_, [&](const std::string& file) { return !keep.contains(file); });
}

void SnapshotWriter::DiscardUnused() noexcept { Discard(last_used_); }

void SnapshotWriter::DiscardAll() noexcept {
  Discard({});
  added_manifests_.reset();
}

}  // namespace floe::inline v0
