#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/partition/spec.h"
#include "floe/schema/metrics.h"

namespace floe::inline v0 {

/// What a file of a table holds.
enum class FileContent : uint8_t { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };

enum class FileFormat : uint8_t { kParquet, kAvro, kOrc, kPuffin };

/// "PARQUET", …
std::string_view FileFormatName(FileFormat format);

/// A data file as manifests describe it (specification, "Data file fields"). A value; copies
/// can be handed to other threads.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string file_path;
  FileFormat file_format = FileFormat::kParquet;
  int32_t spec_id = 0;  ///< spec that `partition` follows
  PartitionValues partition;
  int64_t record_count = 0;
  int64_t file_size_in_bytes = 0;
  MetricsById metrics;
  std::optional<std::string> key_metadata;
  std::vector<int64_t> split_offsets;
  std::vector<int32_t> equality_ids;
  std::optional<int32_t> sort_order_id;
  /// `_row_id` of the first row; nothing for delete files, and while a commit is to give it.
  std::optional<int64_t> first_row_id;
  /// The only data file that the deletes of this file are about.
  std::optional<std::string> referenced_data_file;
  /// Where in the file a deletion vector lies.
  std::optional<int64_t> content_offset;
  std::optional<int64_t> content_size_in_bytes;
};

enum class EntryStatus : uint8_t { kExisting = 0, kAdded = 1, kDeleted = 2 };

/// A line of a manifest with everything inherited filled in.
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  int64_t snapshot_id = 0;  ///< that added (or deleted) the file
  /// Sequence numbers of the data and of the file; nothing while a commit is to give them.
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> file_sequence_number;
  DataFile data_file;
};

}  // namespace floe::inline v0
