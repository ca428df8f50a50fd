#include "floe/commit/overwrite_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
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
#include "io/parallel_requests.h"

namespace floe::inline v0 {

/// What becomes of one manifest.
struct OverwriteFiles::Rewrite {
  std::optional<ManifestFile> manifest;  ///< nothing: it has no files left to tell of
  SummaryCounts counts;
  std::vector<std::string> removed;  ///< paths of data files
};

OverwriteFiles::OverwriteFiles(const Table& table, Options options)
    : writer_(std::make_unique<SnapshotWriter>(table, options.summary, options.branch)),
      options_(std::move(options)),
      spec_id_(table.metadata().default_spec_id) {}

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

  /// Tells of partitions of a spec whether none of their rows is left.
  std::function<bool(const PartitionValues&)> TakenPartitions(int32_t spec_id) const {
    if (!filter_) {
      return [this, spec_id](const PartitionValues& partition) {
        return spec_id == change_.spec_id_ &&
               change_.partitions_.contains(PartitionKey(partition));
      };
    }
    const Type type = PartitionTypeOf(base_.metadata(), spec_id);
    return
        [filter = ProjectStrict(*filter_, *base_.metadata().SpecById(spec_id), type)](
            const PartitionValues& partition) { return EvaluatePartition(*filter, partition); };
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
  const auto added = writer_->AddedSince(base);
  if (!added) {
    ThrowConflict(base,
                  "the snapshot that it was planned on is not part of the table's current "
                  "history");
  }
  const Selector selector(*this, base);
  for (const SnapshotPtr& snapshot : *added) {
    for (const ManifestFile& manifest : ReadManifests(*base.io(), *snapshot)) {
      const bool adds = manifest.added_snapshot_id == snapshot->snapshot_id &&
                        manifest.added_files_count != 0;
      if (adds && !selector.Find(manifest).empty()) {
        ThrowConflict(base, fmt::format("snapshot {} has added data to what is being replaced",
                                        snapshot->snapshot_id));
      }
    }
  }
}

std::shared_ptr<const OverwriteFiles::Rewrite> OverwriteFiles::RewriteDataManifest(
    const Table& base, const Selector& selector, const ManifestFile& manifest) const {
  if (!manifest.may_have_live_files()) {
    return std::make_shared<Rewrite>();  // it only tells what earlier snapshots deleted
  }
  std::set<std::string> replaced;
  for (auto& [path, all_rows_match] : selector.Find(manifest)) {
    if (!all_rows_match) {
      ThrowConflict(base,
                    fmt::format("{} came meanwhile, and maybe only some of its rows match "
                                "the filter",
                                path));
    }
    replaced.insert(std::move(path));
  }
  if (replaced.empty()) {
    return std::make_shared<Rewrite>(manifest);
  }
  return RemoveEntries(base, manifest, [&](const ManifestEntries& entries, size_t i) {
    return replaced.contains(std::string(entries.file_path(i)));
  });
}

/// Leaves out the delete files that no data file has a use for when `removed` are gone: the
/// specification wants no deletion vector of a file that is not there.
std::shared_ptr<const OverwriteFiles::Rewrite> OverwriteFiles::RewriteDeleteManifest(
    const Table& base, const Selector& selector, const ManifestFile& manifest,
    const std::set<std::string>& removed) const {
  if (!manifest.may_have_live_files()) {
    return std::make_shared<Rewrite>();
  }
  const auto is_taken = selector.TakenPartitions(manifest.partition_spec_id);
  const auto is_useless = [&](const ManifestEntries& entries, size_t i) {
    const auto referenced = entries.referenced_data_file(i);
    return referenced ? removed.contains(std::string(*referenced))
                      : is_taken(entries.partition(i));
  };
  const auto entries = ReadManifest(
      *base.io(), manifest, PartitionTypeOf(base.metadata(), manifest.partition_spec_id),
      {.keep_details = false});
  for (size_t i = 0; i < entries->size(); ++i) {
    if (is_useless(*entries, i)) {
      return RemoveEntries(base, manifest, is_useless);
    }
  }
  return std::make_shared<Rewrite>(manifest);
}

/// Writes a manifest anew, with the files that `is_removed` takes as deleted.
std::shared_ptr<const OverwriteFiles::Rewrite> OverwriteFiles::RemoveEntries(
    const Table& base, const ManifestFile& manifest, const EntryPredicate& is_removed) const {
  auto rewrite = std::make_shared<Rewrite>();
  rewrite->manifest =
      writer_->DeleteEntries(base, manifest, is_removed, &rewrite->counts, &rewrite->removed);
  return rewrite;
}

void OverwriteFiles::CheckCanRewrite(const Table& base, const ManifestFile& manifest) const {
  if (!filter_ && manifest.content == ManifestContent::kData &&
      manifest.may_have_live_files() && manifest.partition_spec_id != spec_id_) {
    ThrowUnsupported(base, fmt::format("it has files under partition spec {} and its default "
                                       "spec is {}; this version of floe can't replace "
                                       "partitions across specs",
                                       manifest.partition_spec_id, spec_id_));
  }
}

/// What becomes of the base's manifests; those of an earlier try are used again.
std::vector<std::shared_ptr<const OverwriteFiles::Rewrite>> OverwriteFiles::RewriteManifests(
    const Table& base, const std::vector<ManifestFile>& before) {
  const Selector selector(*this, base);
  std::vector<std::shared_ptr<const Rewrite>> rewrites(before.size());
  const auto rewrite_all = [&](ManifestContent content, const auto& rewrite) {
    ParallelFor(
        before.size(),
        [&](size_t i) {
          if (before[i].content == content) {
            rewrites[i] = rewrite(before[i]);
          }
        },
        ParallelRequests(*base.io(), base.metadata_folder(), {.stop = options_.stop}));
  };
  rewrite_all(ManifestContent::kData, [&](const ManifestFile& manifest) {
    const auto known = rewrites_.find(KeyOf(base, manifest));
    return known != rewrites_.end() ? known->second
                                    : RewriteDataManifest(base, selector, manifest);
  });
  std::set<std::string> removed;
  for (size_t i = 0; i < before.size(); ++i) {
    if (rewrites[i] != nullptr) {
      rewrites_[KeyOf(base, before[i])] = rewrites[i];
      removed.insert(rewrites[i]->removed.begin(), rewrites[i]->removed.end());
    }
  }
  rewrite_all(ManifestContent::kDeletes, [&](const ManifestFile& manifest) {
    return RewriteDeleteManifest(base, selector, manifest, removed);
  });
  return rewrites;
}

AppliedChange OverwriteFiles::Apply(const Table& base) {
  std::vector<ManifestFile> before;
  if (const SnapshotPtr parent = writer_->Parent(base)) {
    before = ReadManifests(*base.io(), *parent);
  }
  for (const ManifestFile& manifest : before) {
    CheckCanRewrite(base, manifest);
  }
  const auto rewrites = RewriteManifests(base, before);
  std::vector<ManifestFile> manifests = writer_->AddedManifests(base, files_);
  SummaryCounts counts;
  if (!filter_) {
    counts.MarkPartitionsReplaced();
  }
  for (const DataFile& file : files_) {
    counts.AddFile(file);
  }
  for (const auto& rewrite : rewrites) {
    counts.Merge(rewrite->counts);
    if (rewrite->manifest) {
      manifests.push_back(*rewrite->manifest);
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
