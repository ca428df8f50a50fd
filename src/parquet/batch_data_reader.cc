#include "parquet/batch_data_reader.h"

#include <arrow/record_batch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/row_filter.h"
#include "parquet/row_positions.h"

namespace floe::inline v0 {

BatchDataReader::BatchDataReader(std::string location, DataFileReadOptions options)
    : location_(std::move(location)), options_(std::move(options)) {
  if (!options_.filter->is_true()) {
    filter_columns_ = ColumnsOfFilter(*options_.filter_schema, *options_.filter);
  }
}

SchemaPtr BatchDataReader::delete_columns() const {
  return options_.deletes == nullptr ? nullptr : options_.deletes->columns();
}

std::shared_ptr<arrow::RecordBatch> BatchDataReader::Convert(const arrow::RecordBatch& batch,
                                                             const Schema& schema) const {
  return ConvertBatch(
      batch, PlanFileConversion(*batch.schema(), schema, options_.constants, location_),
      DataFileRules(location_));
}

/// The rows of `batch`, which begins at the file's row `first_row`, that the filter takes and
/// no delete.
RowMask BatchDataReader::SelectRows(const arrow::RecordBatch& batch, int64_t first_row) const {
  RowMask mask(static_cast<size_t>(batch.num_rows()), 1);
  if (filter_columns_ != nullptr) {
    const auto rows = Convert(batch, *filter_columns_);
    mask = EvaluateRows(*options_.filter, batch.num_rows(),
                        ColumnsOfBatch(*filter_columns_, *rows));
  }
  const RowDeletes* deletes = options_.deletes.get();
  if (deletes != nullptr && deletes->MayTouch(first_row, batch.num_rows())) {
    const SchemaPtr columns = deletes->columns();
    deletes->Clear(first_row, columns == nullptr ? nullptr : Convert(batch, *columns).get(),
                   mask);
  }
  return mask;
}

void BatchDataReader::ReadUnit(int unit, const ParallelOptions& parallel,
                               const BatchSink& sink) const {
  const auto batches = OpenUnit(unit, Columns::kAll);
  int64_t next_row = FirstRow(unit);
  while (const auto batch = batches->Next()) {
    parallel.stop.Poll();
    parallel.stop.ThrowIfStopped();
    const int64_t first_row = std::exchange(next_row, next_row + batch->num_rows());
    const RowMask mask = SelectRows(*batch, first_row);
    const int64_t kept = CountRows(mask);
    if (kept == 0) {
      continue;
    }
    auto rows =
        FillPositions(Convert(*batch, *options_.projection), *options_.projection, first_row);
    if (kept < batch->num_rows()) {
      rows = FilterBatch(rows, mask);
    }
    if (!sink(std::move(rows))) {
      return;
    }
  }
}

int64_t BatchDataReader::CountUnit(int unit, const StopToken& stop) const {
  const auto batches = OpenUnit(unit, Columns::kThatSelectRows);
  int64_t count = 0;
  int64_t next_row = FirstRow(unit);
  while (const auto batch = batches->Next()) {
    stop.Poll();
    stop.ThrowIfStopped();
    count += CountRows(SelectRows(*batch, next_row));
    next_row += batch->num_rows();
  }
  return count;
}

}  // namespace floe::inline v0
