#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/commit/change.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

class SnapshotWriter;

/// What a change validates against commits that came between its planning and its commit.
enum class Isolation : uint8_t {
  /// Nobody may have added data to what is replaced since the table was read.
  kSerializable,
  /// The last writer wins: what others added meanwhile is replaced as well, or stays where rows
  /// of files are replaced or deleted, which were looked for before.
  kSnapshot,
};

/// Replaces files of a branch by others: all whose rows match a filter, or all of some
/// partitions. Reads no rows, so a file is replaced as a whole or not at all.
class OverwriteFiles final : public Change {
 public:
  struct Options {
    Isolation isolation = Isolation::kSerializable;
    bool case_sensitive = true;
    Properties summary;
    WriteBranch branch = std::string(kMainBranch);
    StopToken stop;
  };
  /// Starts from `table`: what others add after its snapshot is a conflict. Throws
  /// InvalidArgumentError for a property in the summary that the commit sets itself, and for a
  /// branch that HeadForWriting() refuses.
  OverwriteFiles(const Table& table, Options options);
  ~OverwriteFiles() override;

  /// Files with rows that match are to go; True() takes all. Partitions and bounds must tell
  /// that all their rows match.
  void ReplaceWhere(ExpressionPtr filter) { filter_ = std::move(filter); }
  /// Files of this partition of the table's default spec are to go.
  void ReplacePartition(PartitionValues partition);
  OverwriteFiles& Add(DataFile file);

  /// Throws CommitConflictError if data was added to what is to be replaced.
  void Validate(const Table& base) override;
  /// Delete files that only replaced files had a use for go, too. Throws UnsupportedError if
  /// the table has files of another spec where partitions are replaced, CommitConflictError for
  /// a file that the filter may cut in two (naming it).
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;
  void DiscardUnused() noexcept override;
  void DiscardAll() noexcept override;

 private:
  struct Rewrite;
  class Selector;

  using EntryPredicate = std::function<bool(const ManifestEntries& entries, size_t index)>;

  void CheckCanRewrite(const Table& base, const ManifestFile& manifest) const;
  std::vector<std::shared_ptr<const Rewrite>> RewriteManifests(
      const Table& base, const std::vector<ManifestFile>& before);
  std::shared_ptr<const Rewrite> RewriteDataManifest(const Table& base,
                                                     const Selector& selector,
                                                     const ManifestFile& manifest) const;
  std::shared_ptr<const Rewrite> RewriteDeleteManifest(
      const Table& base, const Selector& selector, const ManifestFile& manifest,
      const std::set<std::string>& removed) const;
  std::shared_ptr<const Rewrite> RemoveEntries(const Table& base, const ManifestFile& manifest,
                                               const EntryPredicate& is_removed) const;

  std::unique_ptr<SnapshotWriter> writer_;
  const Options options_;
  const int32_t spec_id_;
  ExpressionPtr filter_;
  std::map<std::string, PartitionValues> partitions_;  // by key
  std::vector<DataFile> files_;
  /// What became of manifests of data files in earlier tries, by KeyOf().
  std::map<std::string, std::shared_ptr<const Rewrite>> rewrites_;
};

}  // namespace floe::inline v0
