#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// A blob of a statistics file (specification, "Table Statistics").
struct StatisticsBlob {
  std::string type;
  int64_t snapshot_id = 0;
  int64_t sequence_number = 0;
  std::vector<int32_t> fields;
  Properties properties;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const StatisticsBlob&) const = default;
};

/// A Puffin file with statistics of a snapshot. floe carries it and does not use it.
struct StatisticsFile {
  int64_t snapshot_id = 0;
  std::string statistics_path;
  int64_t file_size_in_bytes = 0;
  int64_t file_footer_size_in_bytes = 0;
  std::optional<std::string> key_metadata;  ///< in base64
  std::vector<StatisticsBlob> blob_metadata;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const StatisticsFile&) const = default;
};

/// A file with a row of statistics for each partition of a snapshot (specification,
/// "Partition Statistics"). floe carries it and does not use it.
struct PartitionStatisticsFile {
  int64_t snapshot_id = 0;
  std::string statistics_path;
  int64_t file_size_in_bytes = 0;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const PartitionStatisticsFile&) const = default;
};

}  // namespace floe::inline v0
