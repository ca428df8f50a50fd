#pragma once

#include <arrow/type_fwd.h>

#include <functional>
#include <memory>

#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"

namespace floe::inline v0 {

class TaskOpener;

/// Rows of one data file, by their positions in it.
struct FoundRows {
  PositionBitmap matching;  ///< what matches the filter and is not deleted
  /// What deletion vectors and position deletes have deleted; equality deletes are not in it.
  PositionBitmap deleted;
};

/// Looks for the rows of a scan in its data files, one by one. Thread-safe.
class RowFinder {
 public:
  /// Takes the snapshot, filter and options of `scan`, not its columns.
  explicit RowFinder(const TableScan& scan);
  ~RowFinder();
  RowFinder(const RowFinder&) = delete;
  RowFinder& operator=(const RowFinder&) = delete;

  /// Throws IoError, CorruptFileError naming the file, UnsupportedError, CancelledError.
  FoundRows Find(const ScanTask& task);

 private:
  const TableScan scan_;
  const std::unique_ptr<TaskOpener> opener_;
};

/// Reads the live rows of data files but for some. Thread-safe.
class RestReader {
 public:
  /// Reads the snapshot of `scan`, and all columns of its table; with those of row lineage
  /// (`_row_id`, `_last_updated_sequence_number`) if the table has it. Throws UnsupportedError
  /// if columns of the table have their names.
  explicit RestReader(const TableScan& scan);
  ~RestReader();
  RestReader(const RestReader&) = delete;
  RestReader& operator=(const RestReader&) = delete;

  std::shared_ptr<arrow::Schema> schema() const;
  /// Hands out the live rows of the task's file, whatever the scan's filter says, that are not
  /// in `without`, in their order. Without `inherits`, the columns of row lineage are null
  /// where the file has no values for them. Throws like RowFinder::Find().
  void Read(const ScanTask& task, PositionBitmap without, bool inherits,
            const std::function<void(const arrow::RecordBatch&)>& take);

 private:
  const TableScan scan_;
  const std::unique_ptr<TaskOpener> opener_;
};

}  // namespace floe::inline v0
