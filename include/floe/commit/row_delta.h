#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/commit/change.h"
#include "floe/commit/overwrite_files.h"
#include "floe/expr/bound.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"

namespace floe::inline v0 {

class SnapshotWriter;

/// Takes rows that match a filter out of a branch, as they were found on one of its snapshots:
/// some data files as a whole, rows of others by delete files, or by new files in their place
/// that have their other rows. Other rows may come instead.
class RowDelta final : public Change {
 public:
  using Options = OverwriteFiles::Options;

  /// Starts from `table`: what others add after its snapshot, and may match `filter`, is a
  /// conflict. Throws InvalidArgumentError for a property in the summary that the commit sets
  /// itself, and for a branch that HeadForWriting() refuses.
  RowDelta(const Table& table, BoundExpressionPtr filter, Options options);
  ~RowDelta() override;

  /// A data file all of whose rows match.
  RowDelta& RemoveFile(std::string data_file);
  /// A data file whose other rows are in files that are added.
  RowDelta& RewriteFile(std::string data_file);
  /// What the row ids in added files were counted from for rows of `data_file`.
  RowDelta& ExpectRowIds(std::string data_file, std::optional<int64_t> first_row_id);
  RowDelta& AddFile(DataFile file);
  /// Position deletes of rows of `data_files`, or the deletion vector of one, which has the
  /// rows that other files deleted before, too, and takes their place.
  RowDelta& AddDeletes(DataFile deletes, const std::vector<std::string>& data_files);

  /// Throws CommitConflictError if others added rows that match (unless isolation is snapshot),
  /// or deleted rows of files that are rewritten or get a deletion vector, or raised the
  /// table's format version.
  void Validate(const Table& base) override;
  /// Throws CommitConflictError if a data file is not there any more, or has other row ids.
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;
  void DiscardUnused() noexcept override;
  void DiscardAll() noexcept override;

 private:
  struct Rewrite;

  ManifestReadOptions FilterFor(const Table& base, const ManifestFile& manifest) const;
  void CheckAdded(const Table& base, const ManifestFile& manifest, int64_t snapshot_id) const;
  void CheckAddedDeletes(const Table& base, const ManifestFile& manifest,
                         int64_t snapshot_id) const;
  std::shared_ptr<const Rewrite> RewriteDataManifest(const Table& base,
                                                     const ManifestFile& manifest) const;
  std::shared_ptr<const Rewrite> RewriteDeleteManifest(const Table& base,
                                                       const ManifestFile& manifest) const;
  std::vector<std::shared_ptr<const Rewrite>> RewriteManifests(
      const Table& base, const std::vector<ManifestFile>& before);
  void CheckAllFound(const Table& base,
                     const std::vector<std::shared_ptr<const Rewrite>>& rewrites) const;

  std::unique_ptr<SnapshotWriter> writer_;
  const Options options_;
  const int format_version_;
  const BoundExpressionPtr filter_;
  std::set<std::string> removed_;    // data files, those that are rewritten among them
  std::set<std::string> rewritten_;  // data files
  std::set<std::string> vectored_;   // data files that get a deletion vector
  std::set<std::string> needed_;     // data files that must be there
  std::map<std::string, std::optional<int64_t>> first_row_ids_;  // by data file
  std::vector<DataFile> files_;
  std::vector<DataFile> deletes_;
  /// What became of manifests in earlier tries, by KeyOf().
  std::map<std::string, std::shared_ptr<const Rewrite>> rewrites_;
};

}  // namespace floe::inline v0
