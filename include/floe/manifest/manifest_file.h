#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/expr/prune.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {

enum class ManifestContent : uint8_t { kData = 0, kDeletes = 1 };

/// Partition values of a manifest's files, for one partition field.
struct OwnedFieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower_bound;  ///< single-value binary form
  std::optional<std::string> upper_bound;
};

/// A manifest as a manifest list describes it (specification, "Manifest Lists"). A value.
struct ManifestFile {
  std::string manifest_path;
  int64_t manifest_length = 0;
  int32_t partition_spec_id = 0;
  ManifestContent content = ManifestContent::kData;
  /// Nothing while a commit is to give them.
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> min_sequence_number;
  int64_t added_snapshot_id = 0;
  std::optional<int64_t> added_files_count;
  std::optional<int64_t> existing_files_count;
  std::optional<int64_t> deleted_files_count;
  std::optional<int64_t> added_rows_count;
  std::optional<int64_t> existing_rows_count;
  std::optional<int64_t> deleted_rows_count;
  std::vector<OwnedFieldSummary> partitions;
  std::optional<std::string> key_metadata;
  /// `_row_id` for the first row of the files that have none of their own; nothing for delete
  /// manifests, before version 3, and while a commit is to give it.
  std::optional<int64_t> first_row_id;

  /// False only if the list says that it has no added and no existing files.
  bool may_have_live_files() const {
    return added_files_count != 0 || existing_files_count != 0;
  }
  /// The summaries as ManifestMayMatch() takes them; they point into *this.
  std::vector<FieldSummary> Summaries() const;
};

/// Reads a manifest list. Throws CorruptFileError, IoError, UnsupportedError.
std::vector<ManifestFile> ReadManifestList(FileIO& io, const std::string& location);

/// Gives data manifests without a `first_row_id` theirs, counting from `next_row_id`; returns
/// what the table's `next-row-id` is then (specification, "First Row ID Assignment"). Their
/// rows are counted (CountEntries). Throws CorruptFileError naming a manifest of more rows than
/// row ids are left.
int64_t AssignFirstRowIds(int64_t next_row_id, std::vector<ManifestFile>* manifests);

/// What a manifest list says of itself.
struct ManifestListHeader {
  int format_version = 2;
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  /// Manifests without a sequence number get this one.
  int64_t sequence_number = 0;
  /// The snapshot's; version 3 only.
  std::optional<int64_t> first_row_id;
};

/// The bytes of a manifest list in the schema of its format version. `sync` are 16 random
/// bytes. Versions above 1 require that manifests HasCounts().
std::string EncodeManifestList(const std::vector<ManifestFile>& manifests,
                               const ManifestListHeader& header, std::string_view sync);

}  // namespace floe::inline v0
