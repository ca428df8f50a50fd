#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "floe/manifest/manifest_entries.h"
#include "floe/metadata/table_metadata.h"
#include "floe/scan/delete_file.h"

namespace floe::inline v0 {

/// Which delete files of a snapshot apply to which of its data files (specification, "Scan
/// Planning"). Making it costs time in proportion to the delete files; to look a data file up
/// costs time in proportion to the deletes of its partition that are newer. Immutable and
/// thread-safe.
class DeleteIndex {
 public:
  /// `manifests` are delete manifests, read with details. Throws CorruptFileError for a file
  /// that is not what it says: two deletion vectors for one data file, columns that no schema
  /// has.
  DeleteIndex(const std::vector<ManifestEntriesPtr>& manifests, const TableMetadata& metadata);

  bool empty() const { return by_path_.empty() && by_scope_.empty() && equality_.empty(); }
  bool has_equality_deletes() const { return !equality_.empty(); }

  /// The delete files that may delete rows of data file `index` of `entries`, in an order that
  /// is always the same. Files that bounds show to be about other rows are left out, those of
  /// columns only if `entries` has details.
  std::vector<DeleteFilePtr> Find(const ManifestEntries& entries, size_t index) const;
  /// Whether Find() finds any.
  bool Finds(const ManifestEntries& entries, size_t index) const;

 private:
  /// Ascending by sequence number.
  using Group = std::vector<DeleteFilePtr>;
  struct PathDeletes {
    DeleteFilePtr deletion_vector;
    Group positions;
  };

  void Add(DeleteFilePtr file, bool is_global);
  std::string ScopeOf(const ManifestEntries& entries, size_t index) const;
  void FindPositions(const ManifestEntries& entries, size_t index, const std::string& scope,
                     size_t most, std::vector<DeleteFilePtr>* found) const;
  void FindEqualities(const ManifestEntries& entries, size_t index, const std::string& scope,
                      size_t most, std::vector<DeleteFilePtr>* found) const;
  std::vector<DeleteFilePtr> FindAtMost(const ManifestEntries& entries, size_t index,
                                        size_t most) const;

  std::unordered_map<std::string, PathDeletes> by_path_;
  std::unordered_map<std::string, Group> by_scope_;  ///< position deletes
  std::unordered_map<std::string, Group> equality_;  ///< "": of the whole table
};

}  // namespace floe::inline v0
