#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/manifest/data_file.h"
#include "floe/schema/schema.h"
#include "floe/table/table.h"

namespace floe::testing {

/// Where a delete file belongs: the spec and partition of the rows that it is about.
struct DeleteScope {
  int32_t spec_id = 0;
  PartitionValues partition;
};

/// Writes a position delete file, of (path, position) in the order given.
DataFile WritePositionDeletes(const Table& table, const DeleteScope& scope,
                              const std::vector<std::pair<std::string, int64_t>>& rows);

/// Writes an equality delete file with the columns of `schema` and rows of JSON. Bounds are
/// kept for the columns `bounds_of` only.
DataFile WriteEqualityDeletes(const Table& table, const DeleteScope& scope,
                              const Schema& schema, const std::string& rows,
                              std::vector<int32_t> equality_ids,
                              const std::vector<int32_t>& bounds_of = {});

/// Writes a Puffin file with a deletion vector for the data file at `path`.
DataFile WriteDeletionVector(const Table& table, const DeleteScope& scope,
                             const std::string& path, const std::vector<int64_t>& positions);

/// The table with one more snapshot, which adds delete files as `sequence_number` (that of the
/// snapshot by default). Its catalog is not told, so that others can be made of `table`.
Table WithDeletes(const Table& table, const std::vector<DataFile>& files,
                  std::optional<int64_t> sequence_number = std::nullopt);
/// The same, committed.
Table CommitDeletes(const Table& table, const std::vector<DataFile>& files);

}  // namespace floe::testing
