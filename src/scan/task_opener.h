#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "floe/expr/bound.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/data_file_reader.h"
#include "scan/delete_loader.h"

namespace floe::inline v0 {

/// Opens the data files of one read, and holds what they share: the delete files, the name
/// mapping, the columns to read. Thread-safe.
class TaskOpener {
 public:
  /// Throws ParseError if the table has a name mapping that can't be read.
  explicit TaskOpener(const TableScan& scan);

  /// Opens the file of a task with the scan's projection, the task's residual filter and its
  /// deletes. Throws IoError, CorruptFileError naming the file, UnsupportedError.
  std::unique_ptr<DataFileReader> Open(const ScanTask& task);
  /// Opens it for all of its live rows but those at `without`, matching or not. `inherits`: row
  /// lineage that the file does not have comes from its manifest.
  std::unique_ptr<DataFileReader> OpenAll(const ScanTask& task, PositionBitmap without,
                                          bool inherits);
  /// What position deletes and deletion vectors have deleted of its file.
  PositionBitmap DeletedPositions(const ScanTask& task) { return deletes_.LoadPositions(task); }

 private:
  std::unique_ptr<DataFileReader> OpenFor(const ScanTask& task, BoundExpressionPtr filter,
                                          std::shared_ptr<const RowDeletes> deletes,
                                          bool inherits);
  BoundExpressionPtr ResidualOf(const ScanTask& task);
  const Type& PartitionTypeOf(int32_t spec_id);

  const TableScan scan_;
  const SchemaPtr columns_;  ///< of the files; the projection itself without metadata columns
  const std::shared_ptr<const NameMapping> name_mapping_;
  DeleteLoader deletes_;

  std::mutex mutex_;                         // guards what follows
  std::map<int32_t, Type> partition_types_;  ///< by spec id
};

}  // namespace floe::inline v0
