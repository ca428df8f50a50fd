#include "floe/commit/overwrite_files.h"

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

#include "commit/snapshot_writer.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/commit/change.h"
#include "floe/expr/bound.h"
#include "floe/expr/prune.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// What becomes of one manifest.
struct OverwriteFiles::Rewrite {
  std::optional<ManifestFile> manifest;  ///< nothing: it has no files left to tell of
  SummaryCounts counts;
};

OverwriteFiles::OverwriteFiles(const Table& table, Options options)
    : writer_(std::make_unique<SnapshotWriter>(table, options.summary)),
      options_(std::move(options)),
      spec_id_(table.metadata().default_spec_id) {
  if (const SnapshotPtr current = table.current_snapshot()) {
    start_snapshot_id_ = current->snapshot_id;
  }
}

OverwriteFiles::~OverwriteFiles() = default;

void OverwriteFiles::ReplacePartition(PartitionValues partition) {
  std::string key = PartitionKey(partition);
  partitions_.emplace(std::move(key), std::move(partition));
}

OverwriteFiles& OverwriteFiles::Add(DataFile file) {
  files_.push_back(std::move(file));
  return *this;
}

namespace {

Type PartitionTypeOf(const TableMetadata& metadata, int32_t spec_id) {
  return PartitionType(*metadata.SpecById(spec_id), *metadata.schema(), metadata.schemas);
}

[[noreturn]] void ThrowConflict(const Table& base, std::string_view problem) {
  throw CommitConflictError(
      fmt::format("can't overwrite in table {}: {}; nothing of this commit is in the table: "
                  "refresh and try again",
                  base.identifier().ToString(), problem),
      {.table = base.identifier().ToString()});
}

[[noreturn]] void ThrowUnsupported(const Table& base, std::string_view problem) {
  throw UnsupportedError(
      fmt::format("can't overwrite in table {}: {}", base.identifier().ToString(), problem),
      {.table = base.identifier().ToString()});
}

}  // namespace

/// Finds the files that are to be replaced in a base's manifests.
class OverwriteFiles::Selector {
 public:
  Selector(const OverwriteFiles& change, const Table& base) : change_(change), base_(base) {
    if (change_.filter_) {
      filter_ =
          Bind(*change_.filter_, *base.metadata().schema(), change_.options_.case_sensitive);
    }
  }

  /// Paths of the manifest's live files that may have rows to be replaced, with whether all of
  /// their rows are.
  std::vector<std::pair<std::string, bool>> Find(const ManifestFile& manifest) const {
    const TableMetadata& metadata = base_.metadata();
    const Type type = PartitionTypeOf(metadata, manifest.partition_spec_id);
    ManifestReadOptions options{.keep_details = false};
    if (filter_) {
      const PartitionSpec& spec = *metadata.SpecById(manifest.partition_spec_id);
      options.partition_filter = ProjectInclusive(*filter_, spec, type);
      options.strict_partition_filter = ProjectStrict(*filter_, spec, type);
      options.row_filter = filter_;
      if (!ManifestMayMatch(*options.partition_filter, manifest.Summaries())) {
        return {};
      }
    } else if (!MayContainPartitions(manifest)) {
      return {};
    }
    const auto entries = ReadManifest(*base_.io(), manifest, type, options);
    std::vector<std::pair<std::string, bool>> found;
    for (size_t i = 0; i < entries->size(); ++i) {
      if (filter_ || change_.partitions_.contains(PartitionKey(entries->partition(i)))) {
        found.emplace_back(entries->file_path(i), !filter_ || entries->all_rows_match(i));
      }
    }
    return found;
  }

 private:
  bool MayContainPartitions(const ManifestFile& manifest) const {
    if (manifest.partition_spec_id != change_.spec_id_) {
      return false;
    }
    const std::vector<FieldSummary> summaries = manifest.Summaries();
    return std::ranges::any_of(change_.partitions_, [&](const auto& item) {
      return ManifestMayContain(summaries, item.second);
    });
  }

  const OverwriteFiles& change_;
  const Table& base_;
  BoundExpressionPtr filter_;
};

void OverwriteFiles::Validate(const Table& base) {
  writer_->CheckBase(base, files_);
  const TableMetadata& metadata = base.metadata();
  if (!filter_ && metadata.default_spec_id != spec_id_) {
    ThrowConflict(base, "its partition spec was changed meanwhile");
  }
  if (options_.isolation == Isolation::kSnapshot) {
    return;
  }
  const Selector selector(*this, base);
  SnapshotPtr at = base.current_snapshot();
  while (at != nullptr && at->snapshot_id != start_snapshot_id_) {
    for (ManifestFile& manifest : ReadManifests(*base.io(), *at)) {
      const bool adds =
          manifest.added_snapshot_id == at->snapshot_id && manifest.added_files_count != 0;
      if (adds && !selector.Find(manifest).empty()) {
        ThrowConflict(base, fmt::format("snapshot {} has added data to what is being replaced",
                                        at->snapshot_id));
      }
    }
    at = at->parent_snapshot_id ? metadata.FindSnapshot(*at->parent_snapshot_id) : nullptr;
  }
  if (at == nullptr && start_snapshot_id_) {
    ThrowConflict(base, fmt::format("snapshot {}, which it was planned on, is not part of the "
                                    "table's current history",
                                    *start_snapshot_id_));
  }
}

std::shared_ptr<const OverwriteFiles::Rewrite> OverwriteFiles::RewriteManifest(
    const Table& base, const Selector& selector, const ManifestFile& manifest) const {
  auto rewrite = std::make_shared<Rewrite>();
  if (!manifest.may_have_live_files()) {
    return rewrite;  // it only tells what earlier snapshots deleted
  }
  std::set<std::string> replaced;
  for (auto& [path, all_rows_match] : selector.Find(manifest)) {
    if (!all_rows_match) {
      ThrowUnsupported(base,
                       fmt::format("the filter would cut file {} in two, and this version "
                                   "of floe replaces whole files only; use a filter that "
                                   "follows the table's partitions",
                                   path));
    }
    replaced.insert(std::move(path));
  }
  if (replaced.empty()) {
    rewrite->manifest = manifest;
    return rewrite;
  }
  const auto entries = ReadManifest(
      *base.io(), manifest, PartitionTypeOf(base.metadata(), manifest.partition_spec_id), {});
  std::vector<ManifestEntry> kept;
  for (size_t i = 0; i < entries->size(); ++i) {
    ManifestEntry entry{EntryStatus::kExisting, entries->snapshot_id(i),
                        entries->sequence_number(i), entries->file_sequence_number(i),
                        entries->ToDataFile(i)};
    if (replaced.contains(entry.data_file.file_path)) {
      entry.status = EntryStatus::kDeleted;
      entry.snapshot_id = writer_->snapshot_id();
      rewrite->counts.DeleteFile(entry.data_file);
    }
    kept.push_back(std::move(entry));
  }
  rewrite->manifest = writer_->WriteManifest(base, manifest.partition_spec_id, kept);
  return rewrite;
}

AppliedChange OverwriteFiles::Apply(const Table& base) {
  std::vector<ManifestFile> before;
  if (const SnapshotPtr parent = base.current_snapshot()) {
    before = ReadManifests(*base.io(), *parent);
  }
  for (const ManifestFile& manifest : before) {
    if (!manifest.may_have_live_files()) {
      continue;
    }
    if (manifest.content == ManifestContent::kDeletes) {
      ThrowUnsupported(base,
                       "it has row-level deletes, which this version of floe does not "
                       "support");
    }
    if (!filter_ && manifest.partition_spec_id != spec_id_) {
      ThrowUnsupported(base, fmt::format("it has files under partition spec {} and its default "
                                         "spec is {}; this version of floe can't replace "
                                         "partitions across specs",
                                         manifest.partition_spec_id, spec_id_));
    }
  }
  const std::pair written_for(base.metadata().format_version,
                              base.metadata().current_schema_id);
  if (rewrites_written_for_ != written_for) {
    rewrites_.clear();
    rewrites_written_for_ = written_for;
  }
  const Selector selector(*this, base);
  std::vector<std::shared_ptr<const Rewrite>> rewrites(before.size());
  ParallelFor(before.size(),
              [&](size_t i) {
                const auto known = rewrites_.find(before[i].manifest_path);
                rewrites[i] = known != rewrites_.end()
                                  ? known->second
                                  : RewriteManifest(base, selector, before[i]);
              },
              {.stop = options_.stop});
  std::vector<ManifestFile> manifests = writer_->AddedManifests(base, files_);
  SummaryCounts counts;
  for (const DataFile& file : files_) {
    counts.AddFile(file);
  }
  for (size_t i = 0; i < before.size(); ++i) {
    rewrites_[before[i].manifest_path] = rewrites[i];
    counts.Merge(rewrites[i]->counts);
    if (rewrites[i]->manifest) {
      manifests.push_back(*rewrites[i]->manifest);
    }
  }
  return writer_->MakeSnapshot(base, "overwrite", counts, manifests, files_);
}

bool OverwriteFiles::IsIn(const TableMetadata& metadata) const {
  return writer_->IsIn(metadata);
}
void OverwriteFiles::DiscardUnused() noexcept { writer_->DiscardUnused(); }
void OverwriteFiles::DiscardAll() noexcept {
  writer_->DiscardAll();
  rewrites_.clear();
}

}  // namespace floe::inline v0
