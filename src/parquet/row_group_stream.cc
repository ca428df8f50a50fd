#include "parquet/row_group_stream.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_conversion.h"
#include "parquet/file_columns.h"
#include "parquet/mapped_ids.h"
#include "parquet/row_positions.h"

namespace floe::inline v0 {
namespace {

parquet::ArrowReaderProperties ReaderProperties(int64_t batch_rows) {
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_batch_size(batch_rows);
  properties.set_pre_buffer(false);
  // Nanoseconds would wrap outside of the years 1678 to 2261.
  properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
  return properties;
}

}  // namespace

std::unique_ptr<parquet::arrow::FileReader> OpenParquetReader(
    const std::shared_ptr<arrow::io::RandomAccessFile>& file,
    const std::shared_ptr<parquet::FileMetaData>& footer, int64_t batch_rows,
    const ArrowContext& context) {
  std::unique_ptr<parquet::arrow::FileReader> reader;
  WithParquetErrors(context, [&] {
    reader = ValueOrThrow(parquet::arrow::FileReader::Make(
                              BufferPool(),
                              parquet::ParquetFileReader::Open(
                                  file, parquet::ReaderProperties(BufferPool()), footer),
                              ReaderProperties(batch_rows)),
                          context);
  });
  return reader;
}

RowGroupStream::RowGroupStream(const OpenParquetFile& file, SchemaPtr schema,
                               const std::vector<int>& leaves, int row_group, int64_t first_row)
    : location_(&file.location),
      schema_(std::move(schema)),
      batch_rows_(file.options.batch_rows),
      next_row_(first_row),
      rows_left_(file.footer->RowGroup(row_group)->num_rows()) {
  const ArrowContext context = ArrowContext::Reading(*location_);
  if (leaves.empty()) {
    conversion_ =
        PlanFileConversion(arrow::Schema({}), *schema_, file.options.constants, *location_);
    return;
  }
  reader_ = OpenParquetReader(file.file, file.footer, batch_rows_, context);
  WithParquetErrors(context, [&] {
    batches_ = ValueOrThrow(reader_->GetRecordBatchReader({row_group}, leaves), context);
  });
  const NameMapping* const mapping = file.options.name_mapping.get();
  const auto read =
      mapping == nullptr ? batches_->schema() : WithMappedIds(batches_->schema(), *mapping);
  conversion_ = PlanFileConversion(*read, *schema_, file.options.constants, *location_);
}

std::shared_ptr<arrow::RecordBatch> RowGroupStream::Next() {
  if (rows_left_ == 0) {
    return nullptr;
  }
  std::shared_ptr<arrow::RecordBatch> batch;
  if (reader_ == nullptr) {  // nothing but columns that the file does not have
    batch = arrow::RecordBatch::Make(arrow::schema({}), std::min(batch_rows_, rows_left_),
                                     arrow::ArrayVector{});
  } else {
    const ArrowContext context = ArrowContext::Reading(*location_);
    WithParquetErrors(context, [&] { ThrowIfNotOk(batches_->ReadNext(&batch), context); });
    if (batch == nullptr || batch->num_rows() > rows_left_) {
      throw CorruptFileError(
          fmt::format("data file {} has another number of rows than its footer says",
                      *location_),
          {.path = *location_});
    }
  }
  rows_left_ -= batch->num_rows();
  const int64_t first_row = next_row_;
  next_row_ += batch->num_rows();
  return FillPositions(ConvertBatch(*batch, conversion_, DataFileRules(*location_)), *schema_,
                       first_row);
}

}  // namespace floe::inline v0
