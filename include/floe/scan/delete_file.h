#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/manifest/data_file.h"
#include "floe/schema/literal.h"

namespace floe::inline v0 {

/// What is known of the values of one column that an equality delete file compares rows by.
struct EqualityBounds {
  int32_t field_id = 0;
  std::optional<int64_t> value_count;
  std::optional<int64_t> null_count;
  /// Both or neither; nulls aside, every value lies between them.
  std::optional<Literal> lower;
  std::optional<Literal> upper;
};

/// A live delete file of a snapshot: position deletes, a deletion vector (of format Puffin),
/// or equality deletes.
struct DeleteFile {
  FileContent content = FileContent::kPositionDeletes;
  FileFormat file_format = FileFormat::kParquet;
  std::string file_path;
  int64_t sequence_number = 0;  ///< of its data
  int32_t spec_id = 0;
  int64_t record_count = 0;
  int64_t file_size_in_bytes = 0;
  /// The only data file that it is about, as it says itself or as its bounds show.
  std::optional<std::string> referenced_data_file;
  /// Where a deletion vector lies in its file.
  std::optional<int64_t> content_offset;
  std::optional<int64_t> content_size_in_bytes;
  /// Columns that rows are compared by, ascending; empty for position deletes.
  std::vector<int32_t> equality_ids;
  /// Of the columns of equality_ids that bounds are known for.
  std::vector<EqualityBounds> equality_bounds;
  /// Position deletes: the paths of data files lie between them. Unset: not known.
  std::optional<std::string> lower_path;
  std::optional<std::string> upper_path;
  /// Rows of other scopes are untouched: spec and partition; empty for all of the table.
  std::string scope;

  bool is_deletion_vector() const { return file_format == FileFormat::kPuffin; }
};

using DeleteFilePtr = std::shared_ptr<const DeleteFile>;

}  // namespace floe::inline v0
