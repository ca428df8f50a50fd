#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

/// Rows of one data file that are deleted, by their positions or their values. Thread-safe.
class RowDeletes {
 public:
  virtual ~RowDeletes() = default;

  /// Columns whose values say what is deleted; null if positions alone do. They are read
  /// before the columns of the result.
  virtual SchemaPtr columns() const = 0;
  /// Whether any of `row_count` rows from position `first_row` on may be deleted.
  virtual bool MayTouch(int64_t first_row, int64_t row_count) const = 0;
  /// Clears the deleted rows in `mask`, which begins at the file's row `first_row`. `rows` has
  /// columns() of them, converted to its types; null if there are none.
  virtual void Clear(int64_t first_row, const arrow::RecordBatch* rows,
                     std::span<uint8_t> mask) const = 0;
};

/// What to read of a data file.
struct DataFileReadOptions {
  SchemaPtr projection;         ///< columns of the result
  SchemaPtr filter_schema;      ///< has the columns that the filter reads
  BoundExpressionPtr filter;    ///< bound to filter_schema; True() for all rows
  int64_t batch_rows = 65'536;  ///< at most
  bool prune_units = true;      ///< leave out what statistics and indexes show not to match
  std::shared_ptr<const RowDeletes> deletes = nullptr;  ///< null: no row is deleted
  /// Ids of fields that have none in the file; null: the table has no name mapping.
  std::shared_ptr<const NameMapping> name_mapping = nullptr;
  /// Values of columns that the file may lack, by field id: what all its rows have.
  ConstantColumns constants = {};
  std::optional<int64_t> file_size = std::nullopt;  ///< as a manifest says
};

/// How many of a file's last bytes to read when it is opened: all of a small one, else what has
/// most footers.
constexpr int64_t TailBytes(int64_t file_size) {
  constexpr int64_t kSmallFile = int64_t{256} << 10U;
  constexpr int64_t kUsualTail = int64_t{64} << 10U;
  return file_size <= kSmallFile ? file_size : kUsualTail;
}

/// Takes batches of rows; false if it wants no more.
using BatchSink = std::function<bool(std::shared_ptr<arrow::RecordBatch>)>;

/// Reads a data file as rows of an Iceberg schema: columns are found by field id, promoted, and
/// constant or null where the file does not have them. The file is cut into units that are
/// decoded one by one: row groups, stripes, blocks. Immutable once open; thread-safe.
class DataFileReader {
 public:
  DataFileReader() = default;
  virtual ~DataFileReader() = default;
  DataFileReader(const DataFileReader&) = delete;
  DataFileReader& operator=(const DataFileReader&) = delete;

  /// Units that may hold matching rows, in the file's order.
  virtual const std::vector<int>& units() const = 0;
  /// Position in the file of a unit's first row.
  virtual int64_t FirstRow(int unit) const = 0;
  /// Memory that a unit takes once decoded, roughly.
  virtual int64_t DecodedBytes(int unit) const = 0;

  /// Reads ahead what ReadUnit() takes, where reading takes long; kept until then. Waits for
  /// it. Throws what ReadUnit() throws.
  virtual void Prepare(int /*unit*/, const StopToken& /*stop*/) const {}
  /// Decodes one unit and hands out its matching rows in batches, in order. Stops early when
  /// `sink` returns false. Each call has a state of its own, so that units can be read side by
  /// side; with `parallel` of more than one thread, columns may be, too.
  virtual void ReadUnit(int unit, const ParallelOptions& parallel,
                        const BatchSink& sink) const = 0;
  /// Number of matching rows; decodes the columns of the filter and of the deletes only.
  virtual int64_t CountUnit(int unit, const StopToken& stop) const = 0;
};

}  // namespace floe::inline v0
