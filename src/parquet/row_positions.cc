#include "parquet/row_positions.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>

#include "floe/schema/schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "schema/reserved_ids.h"

namespace floe::inline v0 {

std::shared_ptr<arrow::RecordBatch> FillPositions(std::shared_ptr<arrow::RecordBatch> batch,
                                                  const Schema& schema, int64_t first_row) {
  const Schema::Place* place = schema.Find(kPositionColumnId);
  if (place == nullptr) {
    return batch;
  }
  const ArrowContext context = ArrowContext::Internal("numbering rows");
  const int64_t rows = batch->num_rows();
  std::shared_ptr<arrow::Buffer> values = ValueOrThrow(
      arrow::AllocateBuffer(rows * static_cast<int64_t>(sizeof(int64_t)), BufferPool()),
      context);
  auto* first = values->mutable_data_as<int64_t>();
  std::iota(first, first + rows, first_row);
  const int column = place->path[0];
  return ValueOrThrow(
      batch->SetColumn(column, batch->schema()->field(column),
                       std::make_shared<arrow::Int64Array>(rows, std::move(values))),
      context);
}

}  // namespace floe::inline v0
