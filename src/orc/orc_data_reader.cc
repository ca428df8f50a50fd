#include "orc/orc_data_reader.h"

#include <arrow/adapters/orc/adapter.h>
#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "orc/orc_schema.h"
#include "orc/orc_tail.h"
#include "parquet/arrow_file.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_conversion.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/mapped_ids.h"
#include "parquet/row_filter.h"
#include "parquet/row_positions.h"

namespace floe::inline v0 {
namespace {

using arrow::adapters::orc::ORCFileReader;

std::unique_ptr<ORCFileReader> OpenReader(
    const std::shared_ptr<arrow::io::RandomAccessFile>& file, const ArrowContext& context) {
  return ValueOrThrow(ORCFileReader::Open(file, BufferPool()), context);
}

/// Throws if a column of a file with timestamps that Arrow's adapter can't hold has timestamps.
void RefuseTimestamps(const arrow::Field& column, const std::string& location) {
  if (column.type()->id() == arrow::Type::TIMESTAMP) {
    throw UnsupportedError(
        fmt::format(
            "data file {} has timestamps outside of the years 1678 to 2261, which this "
            "version of floe can't read from ORC; leave out column '{}', or rewrite the "
            "file as Parquet with another engine",
            location, column.name()),
        {.path = location, .column = column.name()});
  }
  for (const auto& inner : column.type()->fields()) {
    RefuseTimestamps(*inner, location);
  }
}

}  // namespace

OrcDataReader::OrcDataReader(FileIO& io, const std::string& location,
                             const DataFileReadOptions& options)
    : location_(location), options_(options) {
  const ArrowContext context = ArrowContext::Reading(location);
  file_ = MakeArrowInput(io.OpenInput(location));
  const auto reader = OpenReader(file_, context);
  schema_ = WithOrcAttributes(*ValueOrThrow(reader->ReadSchema(), context));
  if (options_.name_mapping != nullptr) {
    schema_ = WithMappedIds(schema_, *options_.name_mapping);
  } else if (!HasAnyFieldId(*schema_)) {
    ThrowNoIds(location);
  }
  if (!options_.filter->is_true()) {
    filter_columns_ = ColumnsOfFilter(*options_.filter_schema, *options_.filter);
  }
  if (HasTimestampsBeyondNanoseconds(reader->GetSerializedFileTail())) {
    for (const int column : SelectColumns(/*with_result=*/true)) {
      RefuseTimestamps(*schema_->field(column), location);
    }
  }
  for (int i = 0; i < reader->NumberOfStripes(); ++i) {
    const auto stripe = reader->GetStripeInformation(i);
    stripes_.push_back({stripe.first_row_id, stripe.num_rows, stripe.length});
    units_.push_back(i);
  }
}

int64_t OrcDataReader::FirstRow(int stripe) const {
  return stripes_.at(static_cast<size_t>(stripe)).first_row;
}

int64_t OrcDataReader::DecodedBytes(int stripe) const {
  // Of compressed bytes, to those of Arrow's arrays.
  constexpr int64_t kUsualGrowth = 6;
  return stripes_.at(static_cast<size_t>(stripe)).size_bytes * kUsualGrowth;
}

namespace {

/// Adds the places in the file of the columns of `wanted`.
void AddPlaces(const arrow::Schema& file, const SchemaPtr& wanted, std::set<int>* places) {
  for (int i = 0; wanted != nullptr && i < file.num_fields(); ++i) {
    const auto id = FieldIdOf(*file.field(i));
    if (id && std::ranges::find(wanted->fields(), *id, &Field::id) != wanted->fields().end()) {
      places->insert(i);
    }
  }
}

}  // namespace

/// Columns to be decoded: what selects rows, and those of the result.
std::vector<int> OrcDataReader::SelectColumns(bool with_result) const {
  std::set<int> places;
  AddPlaces(*schema_, filter_columns_, &places);
  if (options_.deletes != nullptr) {
    AddPlaces(*schema_, options_.deletes->columns(), &places);
  }
  if (with_result) {
    AddPlaces(*schema_, options_.projection, &places);
  }
  return {places.begin(), places.end()};
}

/// Decodes columns of one stripe, batch by batch.
class OrcDataReader::BatchStream {
 public:
  BatchStream(const OrcDataReader& file, int stripe, const std::vector<int>& columns)
      : file_(file),
        context_(ArrowContext::Reading(file.location_)),
        position_(file.FirstRow(stripe)),
        end_(position_ + file.stripes_.at(static_cast<size_t>(stripe)).row_count) {
    arrow::FieldVector fields;
    for (const int column : columns) {
      fields.push_back(file.schema_->field(column));
    }
    schema_ = arrow::schema(std::move(fields));
    if (columns.empty() || position_ == end_) {
      return;
    }
    reader_ = OpenReader(file.file_, context_);
    ThrowIfNotOk(reader_->Seek(position_), context_);
    batches_ =
        ValueOrThrow(reader_->NextStripeReader(file.options_.batch_rows, columns), context_);
  }

  const arrow::Schema& schema() const { return *schema_; }
  /// Position in the file of the row after those that Next() gave.
  int64_t position() const { return position_; }

  /// The next rows; null at the end.
  std::shared_ptr<arrow::RecordBatch> Next() {
    if (position_ >= end_) {
      return nullptr;
    }
    std::shared_ptr<arrow::RecordBatch> batch;
    if (batches_ == nullptr) {
      batch = arrow::RecordBatch::Make(
          schema_, std::min(file_.options_.batch_rows, end_ - position_), arrow::ArrayVector{});
    } else {
      ThrowIfNotOk(batches_->ReadNext(&batch), context_);
      if (batch == nullptr || batch->num_rows() == 0 || batch->num_rows() > end_ - position_) {
        throw CorruptFileError(
            fmt::format("data file {} has another number of rows than its footer says",
                        file_.location_),
            {.path = file_.location_});
      }
      batch = WithTypesOf(*batch, schema_);
    }
    position_ += batch->num_rows();
    return batch;
  }

 private:
  const OrcDataReader& file_;
  const ArrowContext context_;
  int64_t position_;
  const int64_t end_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<ORCFileReader> reader_;
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

std::shared_ptr<arrow::RecordBatch> OrcDataReader::Convert(const arrow::RecordBatch& batch,
                                                           const Schema& schema) const {
  return ConvertBatch(
      batch, PlanFileConversion(*batch.schema(), schema, options_.constants, location_),
      DataFileRules(location_));
}

/// The rows of `batch`, which begins at the file's row `first_row`, that the filter takes and
/// no delete.
RowMask OrcDataReader::SelectRows(const arrow::RecordBatch& batch, int64_t first_row) const {
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

void OrcDataReader::ReadUnit(int stripe, const ParallelOptions& parallel,
                             const BatchSink& sink) const {
  BatchStream stream(*this, stripe, SelectColumns(/*with_result=*/true));
  int64_t position = stream.position();
  while (const auto batch = stream.Next()) {
    parallel.stop.Poll();
    parallel.stop.ThrowIfStopped();
    const int64_t first_row = std::exchange(position, stream.position());
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

int64_t OrcDataReader::CountUnit(int stripe, const StopToken& stop) const {
  BatchStream stream(*this, stripe, SelectColumns(/*with_result=*/false));
  int64_t count = 0;
  int64_t position = stream.position();
  while (const auto batch = stream.Next()) {
    stop.Poll();
    stop.ThrowIfStopped();
    count += CountRows(SelectRows(*batch, position));
    position = stream.position();
  }
  return count;
}

}  // namespace floe::inline v0
