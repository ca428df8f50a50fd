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
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "orc/orc_schema.h"
#include "orc/orc_stripe_check.h"
#include "orc/orc_tail.h"
#include "parquet/arrow_file.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/batch_data_reader.h"
#include "parquet/buffer_pool.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/mapped_ids.h"

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
    : BatchDataReader(location, options) {
  const ArrowContext context = ArrowContext::Reading(location);
  file_ = MakeArrowInput(io.OpenHinted(
      location,
      {.size = options.file_size, .tail_bytes = TailBytes(options.file_size.value_or(0))}));
  const auto reader = OpenReader(file_, context);
  const std::string tail = reader->GetSerializedFileTail();
  CheckDecimals(tail, location);
  check_ = std::make_unique<const OrcStripeCheck>(file_, tail, location);
  schema_ = WithOrcAttributes(*ValueOrThrow(reader->ReadSchema(), context));
  if (options.name_mapping != nullptr) {
    schema_ = WithMappedIds(schema_, *options.name_mapping);
  } else if (!HasAnyFieldId(*schema_)) {
    ThrowNoIds(location);
  }
  if (HasTimestampsBeyondNanoseconds(tail)) {
    for (const int column : SelectColumns(Columns::kAll)) {
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
std::vector<int> OrcDataReader::SelectColumns(Columns columns) const {
  std::set<int> places;
  AddPlaces(*schema_, filter_columns(), &places);
  AddPlaces(*schema_, delete_columns(), &places);
  if (columns == Columns::kAll) {
    AddPlaces(*schema_, options().projection, &places);
  }
  return {places.begin(), places.end()};
}

/// Columns of one stripe, batch by batch.
class OrcDataReader::StripeBatches final : public FileBatches {
 public:
  StripeBatches(const OrcDataReader& file, int stripe, const std::vector<int>& columns)
      : file_(file),
        context_(ArrowContext::Reading(file.location())),
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
    file.check_->Check(static_cast<size_t>(stripe), columns);
    // At once: Seek(), which batches of a stripe need, trusts the file's row indexes.
    rows_ = WithTypesOf(
        *ValueOrThrow(OpenReader(file.file_, context_)->ReadStripe(stripe, columns), context_),
        schema_);
    if (rows_->num_rows() != end_ - position_) {
      throw CorruptFileError(
          fmt::format("data file {} has another number of rows than its footer says",
                      file_.location()),
          {.path = file_.location()});
    }
  }

  std::shared_ptr<arrow::RecordBatch> Next() override {
    if (position_ >= end_) {
      return nullptr;
    }
    const int64_t count = std::min(file_.options().batch_rows, end_ - position_);
    auto batch = rows_ == nullptr
                     ? arrow::RecordBatch::Make(schema_, count, arrow::ArrayVector{})
                     : rows_->Slice(rows_->num_rows() - (end_ - position_), count);
    position_ += count;
    return batch;
  }

 private:
  const OrcDataReader& file_;
  const ArrowContext context_;
  int64_t position_;
  const int64_t end_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatch> rows_;  // null without columns
};

std::unique_ptr<FileBatches> OrcDataReader::OpenUnit(int stripe, Columns columns) const {
  return std::make_unique<StripeBatches>(*this, stripe, SelectColumns(columns));
}

}  // namespace floe::inline v0
