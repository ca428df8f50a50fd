#include "floe/commit/row_delta.h"

#include <fmt/format.h>

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
#include "floe/commit/overwrite_files.h"
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
#include "io/parallel_requests.h"

namespace floe::inline v0 {

/// What becomes of one manifest.
struct RowDelta::Rewrite {
  std::optional<ManifestFile> manifest;  ///< nothing: it has no files left to tell of
  SummaryCounts counts;
  std::vector<std::string> found;  ///< data files of it that must be there
};

namespace {

Type PartitionTypeOf(const TableMetadata& metadata, const ManifestFile& manifest) {
  return PartitionType(*metadata.SpecById(manifest.partition_spec_id), *metadata.schema(),
                       metadata.schemas);
}

[[noreturn]] void ThrowConflict(const Table& base, std::string_view problem) {
  throw CommitConflictError(
      fmt::format("can't change rows of table {}: {}; nothing of this commit is in the table: "
                  "refresh and try again",
                  base.identifier().ToString(), problem),
      {.table = base.identifier().ToString()});
}

}  // namespace

RowDelta::RowDelta(const Table& table, BoundExpressionPtr filter, Options options)
    : writer_(std::make_unique<SnapshotWriter>(table, options.summary, options.branch)),
      options_(std::move(options)),
      format_version_(table.metadata().format_version),
      filter_(std::move(filter)) {}

RowDelta::~RowDelta() = default;

RowDelta& RowDelta::RemoveFile(std::string data_file) {
  needed_.insert(data_file);
  removed_.insert(std::move(data_file));
  return *this;
}

RowDelta& RowDelta::RewriteFile(std::string data_file) {
  rewritten_.insert(data_file);
  return RemoveFile(std::move(data_file));
}

RowDelta& RowDelta::ExpectRowIds(std::string data_file, std::optional<int64_t> first_row_id) {
  first_row_ids_.insert_or_assign(std::move(data_file), first_row_id);
  return *this;
}

RowDelta& RowDelta::AddFile(DataFile file) {
  files_.push_back(std::move(file));
  return *this;
}

RowDelta& RowDelta::AddDeletes(DataFile deletes, const std::vector<std::string>& data_files) {
  needed_.insert(data_files.begin(), data_files.end());
  if (deletes.file_format == FileFormat::kPuffin) {
    vectored_.insert(data_files.begin(), data_files.end());
  }
  deletes_.push_back(std::move(deletes));
  return *this;
}

/// Lets through files that may have rows of the filter.
ManifestReadOptions RowDelta::FilterFor(const Table& base, const ManifestFile& manifest) const {
  const TableMetadata& metadata = base.metadata();
  return {.keep_details = false,
          .partition_filter =
              ProjectInclusive(*filter_, *metadata.SpecById(manifest.partition_spec_id),
                               PartitionTypeOf(metadata, manifest)),
          .row_filter = filter_};
}

/// Data files that `snapshot_id` added must have no row of the filter.
void RowDelta::CheckAdded(const Table& base, const ManifestFile& manifest,
                          int64_t snapshot_id) const {
  const ManifestReadOptions options = FilterFor(base, manifest);
  if (!ManifestMayMatch(*options.partition_filter, manifest.Summaries())) {
    return;
  }
  const auto entries =
      ReadManifest(*base.io(), manifest, PartitionTypeOf(base.metadata(), manifest), options);
  for (size_t i = 0; i < entries->size(); ++i) {
    if (entries->snapshot_id(i) == snapshot_id && entries->status(i) == EntryStatus::kAdded) {
      ThrowConflict(base, fmt::format("snapshot {} has added data that may match the filter",
                                      snapshot_id));
    }
  }
}

/// Rows that `snapshot_id` deleted must be in none of the files whose other rows are written
/// again, or whose deleted rows a new deletion vector lists.
void RowDelta::CheckAddedDeletes(const Table& base, const ManifestFile& manifest,
                                 int64_t snapshot_id) const {
  const auto entries =
      ReadManifest(*base.io(), manifest, PartitionTypeOf(base.metadata(), manifest),
                   {.keep_details = false});
  for (size_t i = 0; i < entries->size(); ++i) {
    if (entries->snapshot_id(i) != snapshot_id || entries->status(i) != EntryStatus::kAdded) {
      continue;
    }
    const auto referenced = entries->referenced_data_file(i);
    const std::string path(referenced.value_or(""));
    if (referenced ? rewritten_.contains(path) || vectored_.contains(path)
                   : !rewritten_.empty()) {
      ThrowConflict(base, fmt::format("snapshot {} has deleted rows of {}", snapshot_id,
                                      referenced ? path : "files that are written again"));
    }
  }
}

void RowDelta::Validate(const Table& base) {
  writer_->CheckBase(base, files_);
  // Another version has other delete files, and row ids that rows written again must keep.
  if (base.metadata().format_version != format_version_ &&
      !(rewritten_.empty() && deletes_.empty())) {
    ThrowConflict(base, fmt::format("its format version was changed from {} to {} meanwhile",
                                    format_version_, base.metadata().format_version));
  }
  const auto added = writer_->AddedSince(base);
  if (!added) {
    ThrowConflict(base,
                  "the snapshot that its rows were looked for in is not part of the "
                  "table's current history");
  }
  for (const SnapshotPtr& snapshot : *added) {
    for (const ManifestFile& manifest : ReadManifests(*base.io(), *snapshot)) {
      if (manifest.added_snapshot_id != snapshot->snapshot_id ||
          manifest.added_files_count == 0) {
        continue;
      }
      if (manifest.content == ManifestContent::kDeletes) {
        CheckAddedDeletes(base, manifest, snapshot->snapshot_id);
      } else if (options_.isolation == Isolation::kSerializable) {
        CheckAdded(base, manifest, snapshot->snapshot_id);
      }
    }
  }
}

std::shared_ptr<const RowDelta::Rewrite> RowDelta::RewriteDataManifest(
    const Table& base, const ManifestFile& manifest) const {
  auto rewrite = std::make_shared<Rewrite>();
  if (!manifest.may_have_live_files()) {
    return rewrite;  // it only tells what earlier snapshots deleted
  }
  rewrite->manifest = manifest;
  const ManifestReadOptions options = FilterFor(base, manifest);
  if (!ManifestMayMatch(*options.partition_filter, manifest.Summaries())) {
    return rewrite;
  }
  const auto entries =
      ReadManifest(*base.io(), manifest, PartitionTypeOf(base.metadata(), manifest), options);
  bool has_removed = false;
  for (size_t i = 0; i < entries->size(); ++i) {
    std::string path(entries->file_path(i));
    has_removed = has_removed || removed_.contains(path);
    const auto expected = first_row_ids_.find(path);
    if (expected != first_row_ids_.end() && expected->second != entries->first_row_id(i)) {
      ThrowConflict(base, fmt::format("the rows of {}, which are written again, got their row "
                                      "ids meanwhile",
                                      path));
    }
    if (needed_.contains(path)) {
      rewrite->found.push_back(std::move(path));
    }
  }
  if (has_removed) {
    std::vector<std::string> deleted;
    rewrite->manifest = writer_->DeleteEntries(
        base, manifest,
        [&](const ManifestEntries& all, size_t i) {
          return removed_.contains(std::string(all.file_path(i)));
        },
        &rewrite->counts, &deleted);
  }
  return rewrite;
}

/// Leaves out what was deleted of files that go, and what a new deletion vector has.
std::shared_ptr<const RowDelta::Rewrite> RowDelta::RewriteDeleteManifest(
    const Table& base, const ManifestFile& manifest) const {
  auto rewrite = std::make_shared<Rewrite>();
  if (!manifest.may_have_live_files()) {
    return rewrite;
  }
  rewrite->manifest = manifest;
  const auto is_useless = [&](const ManifestEntries& entries, size_t i) {
    const std::string path(entries.referenced_data_file(i).value_or(""));
    return removed_.contains(path) || vectored_.contains(path);
  };
  const auto entries =
      ReadManifest(*base.io(), manifest, PartitionTypeOf(base.metadata(), manifest),
                   {.keep_details = false});
  for (size_t i = 0; i < entries->size(); ++i) {
    if (is_useless(*entries, i)) {
      std::vector<std::string> deleted;
      rewrite->manifest =
          writer_->DeleteEntries(base, manifest, is_useless, &rewrite->counts, &deleted);
      break;
    }
  }
  return rewrite;
}

/// What becomes of the base's manifests; those of an earlier try are used again.
std::vector<std::shared_ptr<const RowDelta::Rewrite>> RowDelta::RewriteManifests(
    const Table& base, const std::vector<ManifestFile>& before) {
  std::vector<std::shared_ptr<const Rewrite>> rewrites(before.size());
  ParallelFor(
      before.size(),
      [&](size_t i) {
        const auto known = rewrites_.find(KeyOf(base, before[i]));
        if (known != rewrites_.end()) {
          rewrites[i] = known->second;
        } else {
          rewrites[i] = before[i].content == ManifestContent::kData
                            ? RewriteDataManifest(base, before[i])
                            : RewriteDeleteManifest(base, before[i]);
        }
      },
      ParallelRequests(*base.io(), base.metadata_folder(), {.stop = options_.stop}));
  for (size_t i = 0; i < before.size(); ++i) {
    rewrites_[KeyOf(base, before[i])] = rewrites[i];
  }
  return rewrites;
}

void RowDelta::CheckAllFound(
    const Table& base, const std::vector<std::shared_ptr<const Rewrite>>& rewrites) const {
  std::set<std::string> found;
  for (const auto& rewrite : rewrites) {
    found.insert(rewrite->found.begin(), rewrite->found.end());
  }
  for (const std::string& path : needed_) {
    if (!found.contains(path)) {
      ThrowConflict(base, fmt::format("data file {}, which has rows to be taken out, is not in "
                                      "it any more",
                                      path));
    }
  }
}

AppliedChange RowDelta::Apply(const Table& base) {
  std::vector<ManifestFile> before;
  if (const SnapshotPtr parent = writer_->Parent(base)) {
    before = ReadManifests(*base.io(), *parent);
  }
  const auto rewrites = RewriteManifests(base, before);
  CheckAllFound(base, rewrites);
  std::vector<DataFile> added = files_;
  added.insert(added.end(), deletes_.begin(), deletes_.end());
  std::vector<ManifestFile> manifests = writer_->AddedManifests(base, added);
  SummaryCounts counts;
  for (const DataFile& file : added) {
    counts.AddFile(file);
  }
  for (const auto& rewrite : rewrites) {
    counts.Merge(rewrite->counts);
    if (rewrite->manifest) {
      manifests.push_back(*rewrite->manifest);
    }
  }
  return writer_->MakeSnapshot(base, files_.empty() ? "delete" : "overwrite", counts, manifests,
                               added);
}

bool RowDelta::IsIn(const TableMetadata& metadata) const { return writer_->IsIn(metadata); }
void RowDelta::DiscardUnused() noexcept { writer_->DiscardUnused(); }
void RowDelta::DiscardAll() noexcept {
  writer_->DiscardAll();
  rewrites_.clear();
}

}  // namespace floe::inline v0
