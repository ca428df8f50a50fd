#include "parquet/parquet_data_reader.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/expr/prune.h"
#include "floe/io/file_io.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_file.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/bloom_filters.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_conversion.h"
#include "parquet/data_file_reader.h"
#include "parquet/dictionary_filter.h"
#include "parquet/file_columns.h"
#include "parquet/mapped_ids.h"
#include "parquet/page_filter.h"
#include "parquet/row_filter.h"
#include "parquet/row_group_statistics.h"
#include "parquet/row_positions.h"
#include "parquet/row_run.h"
#include "parquet/selected_rows.h"

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

std::unique_ptr<parquet::arrow::FileReader> MakeReader(
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

/// Whether passing over the rows between the kept ones costs less than decoding all: most rows
/// are between, and there are many for each time that decoding is taken up again.
bool IsSparse(const std::vector<RowRun>& runs, int64_t kept, int64_t rows) {
  constexpr int64_t kRowsForEachRun = 16;
  constexpr int64_t kRowsForEachKept = 4;
  return kept * kRowsForEachKept <= rows &&
         static_cast<int64_t>(runs.size()) * kRowsForEachRun <= rows;
}

}  // namespace

ParquetDataReader::ParquetDataReader(FileIO& io, const std::string& location,
                                     const DataFileReadOptions& options)
    : location_(location), options_(options) {
  const ArrowContext context = ArrowContext::Reading(location);
  file_ = MakeArrowInput(io.OpenInput(location));
  WithParquetErrors(context, [&] {
    footer_ = parquet::ParquetFileReader::Open(file_, parquet::ReaderProperties(BufferPool()))
                  ->metadata();
  });
  schema_reader_ = MakeReader(file_, footer_, options_.batch_rows, context);
  columns_ = std::make_unique<const FileColumns>(schema_reader_->manifest(),
                                                 options_.name_mapping.get(), location_);
  if (!options_.filter->is_true()) {
    filter_columns_ = SelectLeaves(ColumnsOfFilter(*options_.filter_schema, *options_.filter));
  }
  if (options_.deletes != nullptr && options_.deletes->columns() != nullptr) {
    delete_columns_ = SelectLeaves(options_.deletes->columns());
  }
  result_columns_ = SelectLeaves(options_.projection);
  int64_t rows = 0;
  for (int group = 0; group < footer_->num_row_groups(); ++group) {
    first_rows_.push_back(rows);
    rows += RowsIn(group);
    if (MayMatch(group)) {
      row_groups_.push_back(group);
    }
  }
}

ParquetDataReader::ColumnSet ParquetDataReader::SelectLeaves(SchemaPtr schema) const {
  std::vector<int> leaves = columns_->FindLeaves(*schema);
  return {std::move(schema), std::move(leaves)};
}

bool ParquetDataReader::MayMatch(int row_group) const {
  if (!options_.prune_units || options_.filter->is_true()) {
    return true;
  }
  bool may_match = true;
  WithParquetErrors(ArrowContext::Reading(location_), [&] {
    const auto group = footer_->RowGroup(row_group);
    may_match = RowsMayMatch(*options_.filter,
                             RowGroupStatistics(*group, *columns_, *options_.filter_schema,
                                                options_.constants)) &&
                MayMatchByBloomFilters(
                    *options_.filter, schema_reader_->parquet_reader()->GetBloomFilterReader(),
                    row_group, *group,
                    [this](int32_t field_id) { return columns_->FindLeaf(field_id); }) &&
                MayMatchByDictionaries(*options_.filter, *file_, *group, *columns_);
  });
  return may_match;
}

int64_t ParquetDataReader::DecodedBytes(int row_group) const {
  // Dictionaries and run lengths make encoded columns smaller than what they decode to.
  constexpr int64_t kUsualGrowth = 3;
  const auto group = footer_->RowGroup(row_group);
  int64_t bytes = 0;
  for (const int leaf : result_columns_.leaves) {
    bytes += group->ColumnChunk(leaf)->total_uncompressed_size();
  }
  return bytes * kUsualGrowth;
}

/// Decodes a set of columns of one row group, batch by batch.
class ParquetDataReader::BatchStream {
 public:
  BatchStream(const ParquetDataReader& file, const ColumnSet& columns, int row_group)
      : location_(file.location_),
        mapping_(file.options_.name_mapping.get()),
        schema_(columns.schema),
        batch_rows_(file.options_.batch_rows),
        next_row_(file.FirstRow(row_group)),
        rows_left_(file.RowsIn(row_group)) {
    const ArrowContext context = ArrowContext::Reading(location_);
    if (columns.leaves.empty()) {
      conversion_ =
          PlanFileConversion(arrow::Schema({}), *schema_, file.options_.constants, location_);
      return;
    }
    reader_ = MakeReader(file.file_, file.footer_, batch_rows_, context);
    WithParquetErrors(context, [&] {
      batches_ =
          ValueOrThrow(reader_->GetRecordBatchReader({row_group}, columns.leaves), context);
    });
    const auto read =
        mapping_ == nullptr ? batches_->schema() : WithMappedIds(batches_->schema(), *mapping_);
    conversion_ = PlanFileConversion(*read, *schema_, file.options_.constants, location_);
  }

  /// The next rows; null at the end.
  std::shared_ptr<arrow::RecordBatch> Next() {
    if (rows_left_ == 0) {
      return nullptr;
    }
    std::shared_ptr<arrow::RecordBatch> batch;
    if (reader_ == nullptr) {  // nothing but columns that the file does not have
      batch = arrow::RecordBatch::Make(arrow::schema({}), std::min(batch_rows_, rows_left_),
                                       arrow::ArrayVector{});
    } else {
      const ArrowContext context = ArrowContext::Reading(location_);
      WithParquetErrors(context, [&] { ThrowIfNotOk(batches_->ReadNext(&batch), context); });
      if (batch == nullptr || batch->num_rows() > rows_left_) {
        throw CorruptFileError(
            fmt::format("data file {} has another number of rows than its footer says",
                        location_),
            {.path = location_});
      }
    }
    rows_left_ -= batch->num_rows();
    const int64_t first_row = next_row_;
    next_row_ += batch->num_rows();
    return FillPositions(ConvertBatch(*batch, conversion_, DataFileRules(location_)), *schema_,
                         first_row);
  }

  const Schema& schema() const { return *schema_; }

 private:
  const std::string& location_;
  const NameMapping* mapping_;
  SchemaPtr schema_;
  int64_t batch_rows_;
  int64_t next_row_;  ///< position in the file
  int64_t rows_left_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<ColumnConversion> conversion_;
};

int64_t ParquetDataReader::RowsIn(int row_group) const {
  return footer_->RowGroup(row_group)->num_rows();
}

int64_t ParquetDataReader::FirstRow(int row_group) const {
  return first_rows_.at(static_cast<size_t>(row_group));
}

/// Whether no row of a row group is to be left out by the filter or a delete.
bool ParquetDataReader::TakesAllRows(int row_group) const {
  return options_.filter->is_true() &&
         (options_.deletes == nullptr ||
          !options_.deletes->MayTouch(FirstRow(row_group), RowsIn(row_group)));
}

RowMask ParquetDataReader::EvaluateFilter(int row_group, const StopToken& stop) const {
  const int64_t rows = RowsIn(row_group);
  if (options_.filter->is_true()) {
    return RowMask(static_cast<size_t>(rows), 1);
  }
  if (const auto left = RowsLeftByIndexes(row_group)) {
    const int64_t kept = CountRows(*left);
    if (kept == 0) {
      return RowMask(static_cast<size_t>(rows), 0);
    }
    if (IsSparse(*left, kept, rows)) {
      return EvaluateFilterOn(row_group, *left, stop);
    }
  }
  BatchStream stream(*this, filter_columns_, row_group);
  RowMask mask;
  mask.reserve(static_cast<size_t>(rows));
  while (const auto batch = stream.Next()) {
    stop.Poll();
    stop.ThrowIfStopped();
    const RowMask part = EvaluateRows(*options_.filter, batch->num_rows(),
                                      ColumnsOfBatch(stream.schema(), *batch));
    mask.insert(mask.end(), part.begin(), part.end());
  }
  return mask;
}

/// The rows of a row group that the page indexes of the filter's columns leave; nothing if
/// there are none, or they are not to be used.
std::optional<std::vector<RowRun>> ParquetDataReader::RowsLeftByIndexes(int row_group) const {
  std::optional<std::vector<RowRun>> left;
  if (!options_.prune_units) {
    return left;
  }
  WithParquetErrors(ArrowContext::Reading(location_), [&] {
    const auto group = footer_->RowGroup(row_group);
    left = RowsLeftByPages(
        *file_, *group, *options_.filter, *filter_columns_.schema, *columns_,
        RowGroupStatistics(*group, *columns_, *options_.filter_schema, options_.constants));
  });
  return left;
}

/// The filter on the rows of `runs`, which are few; the others do not match.
RowMask ParquetDataReader::EvaluateFilterOn(int row_group, const std::vector<RowRun>& runs,
                                            const StopToken& stop) const {
  RowMask mask(static_cast<size_t>(RowsIn(row_group)), 0);
  auto at = mask.begin();
  for (const RowRun& run : runs) {
    at = std::fill_n(at + run.skip, run.take, uint8_t{1});
  }
  const auto batch = ReadSparse(row_group, *filter_columns_.schema, mask, runs,
                                {.max_parallelism = 1, .stop = stop});
  const RowMask matches = EvaluateRows(*options_.filter, batch->num_rows(),
                                       ColumnsOfBatch(*filter_columns_.schema, *batch));
  auto match = matches.begin();
  for (uint8_t& row : mask) {
    if (row != 0) {
      row = *match++;
    }
  }
  return mask;
}

/// Clears the deleted rows of a row group in `mask`.
void ParquetDataReader::ClearDeleted(int row_group, const StopToken& stop,
                                     RowMask* mask) const {
  const RowDeletes* deletes = options_.deletes.get();
  if (deletes == nullptr || !deletes->MayTouch(FirstRow(row_group), RowsIn(row_group))) {
    return;
  }
  if (delete_columns_.schema == nullptr) {
    deletes->Clear(FirstRow(row_group), nullptr, *mask);
    return;
  }
  BatchStream stream(*this, delete_columns_, row_group);
  std::span<uint8_t> left(*mask);
  int64_t position = FirstRow(row_group);
  while (const auto batch = stream.Next()) {
    stop.Poll();
    stop.ThrowIfStopped();
    const auto rows = static_cast<size_t>(batch->num_rows());
    deletes->Clear(position, batch.get(), left.first(rows));
    left = left.subspan(rows);
    position += batch->num_rows();
  }
}

/// The rows of a row group that the filter takes and no delete.
RowMask ParquetDataReader::SelectRows(int row_group, const StopToken& stop) const {
  RowMask mask = EvaluateFilter(row_group, stop);
  if (CountRows(mask) > 0) {
    ClearDeleted(row_group, stop, &mask);
  }
  return mask;
}

int64_t ParquetDataReader::CountUnit(int row_group, const StopToken& stop) const {
  return TakesAllRows(row_group) ? RowsIn(row_group) : CountRows(SelectRows(row_group, stop));
}

/// The result columns in at most `parts` sets of about the same size, each in order.
std::vector<ParquetDataReader::ColumnSet> ParquetDataReader::SplitResultColumns(
    int row_group, size_t parts) const {
  const std::vector<Field>& fields = result_columns_.schema->fields();
  const auto group = footer_->RowGroup(row_group);
  std::vector<int64_t> costs;
  for (const Field& field : fields) {
    int64_t cost = 1;
    for (const int leaf : columns_->FindLeaves(Schema({field}))) {
      cost += group->ColumnChunk(leaf)->total_uncompressed_size();
    }
    costs.push_back(cost);
  }
  std::vector<size_t> order(fields.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return costs[a] > costs[b]; });
  std::vector<std::vector<Field>> sets(std::min(parts, fields.size()));
  std::vector<int64_t> loads(sets.size(), 0);
  for (const size_t i : order) {  // the costliest column to the set that has least
    const auto set = static_cast<size_t>(std::ranges::min_element(loads) - loads.begin());
    sets[set].push_back(fields[i]);
    loads[set] += costs[i];
  }
  std::vector<ColumnSet> result;
  for (std::vector<Field>& set : sets) {
    result.push_back(SelectLeaves(std::make_shared<const Schema>(std::move(set))));
  }
  return result;
}

void ParquetDataReader::ReadUnit(int row_group, const ParallelOptions& parallel,
                                 const BatchSink& sink) const {
  if (TakesAllRows(row_group)) {
    ReadDense(row_group, {}, parallel, sink);
    return;
  }
  // What selects rows first: where no row is left, the other columns need not be decoded.
  const RowMask mask = SelectRows(row_group, parallel.stop);
  const int64_t kept = CountRows(mask);
  if (kept == 0) {
    return;
  }
  const std::vector<RowRun> runs = RunsOf(mask);
  if (!IsSparse(runs, kept, RowsIn(row_group))) {
    ReadDense(row_group, mask, parallel, sink);
    return;
  }
  const auto rows = ReadSparse(row_group, *result_columns_.schema, mask, runs, parallel);
  for (int64_t at = 0; at < kept; at += options_.batch_rows) {
    if (!sink(rows->Slice(at, options_.batch_rows))) {
      return;
    }
  }
}

/// Decodes all rows of a row group, and hands out those that are set in `mask`; all if it is
/// empty.
void ParquetDataReader::ReadDense(int row_group, const RowMask& mask,
                                  const ParallelOptions& parallel,
                                  const BatchSink& sink) const {
  const auto threads = static_cast<size_t>(std::max(1, parallel.max_parallelism));
  std::vector<std::unique_ptr<BatchStream>> streams;
  if (threads == 1 || result_columns_.schema->fields().size() < 2) {
    streams.push_back(std::make_unique<BatchStream>(*this, result_columns_, row_group));
  } else {
    for (const ColumnSet& set : SplitResultColumns(row_group, threads)) {
      streams.push_back(std::make_unique<BatchStream>(*this, set, row_group));
    }
  }
  auto at = mask.begin();
  while (true) {
    parallel.stop.Poll();
    parallel.stop.ThrowIfStopped();
    std::shared_ptr<arrow::RecordBatch> batch = NextOfAll(streams, parallel);
    if (batch == nullptr) {
      return;
    }
    if (!mask.empty()) {
      const RowMask part(at, at + batch->num_rows());
      at += batch->num_rows();
      if (CountRows(part) < batch->num_rows()) {
        batch = FilterBatch(batch, part);
      }
    }
    if (batch->num_rows() > 0 && !sink(std::move(batch))) {
      return;
    }
  }
}

/// The leaf of `field` in the file if ReadSelectedRows() can decode it, else null.
const parquet::arrow::SchemaField* ParquetDataReader::SelectableLeaf(const Field& field) const {
  const parquet::arrow::SchemaField* found = columns_->Find(field.id);
  const bool is_selectable =
      found != nullptr && found->is_leaf() &&
      CanReadSelectedRows(*footer_->schema()->Column(found->column_index),
                          *found->field->type());
  return is_selectable ? found : nullptr;
}

/// The rows that `runs` keep of one column of the result, which is a leaf of the file.
std::shared_ptr<arrow::Array> ParquetDataReader::ReadSparseColumn(
    int row_group, const Field& field, const parquet::arrow::SchemaField& leaf,
    const std::vector<RowRun>& runs) const {
  const auto group = schema_reader_->parquet_reader()->RowGroup(row_group);
  const auto column =
      ReadSelectedRows(*file_, *group, leaf.column_index, leaf.field->type(), runs, location_);
  const auto read = arrow::schema({leaf.field});
  const auto batch = arrow::RecordBatch::Make(read, column->length(), {column});
  const Schema schema({field});
  return ConvertBatch(*batch, PlanFileConversion(*read, schema, options_.constants, location_),
                      DataFileRules(location_))
      ->column(0);
}

/// The rows that are set in `mask`, of columns that are decoded as a whole.
arrow::ArrayVector ParquetDataReader::ReadFilteredColumns(int row_group,
                                                          std::vector<Field> fields,
                                                          const RowMask& mask,
                                                          const StopToken& stop) const {
  std::vector<arrow::ArrayVector> parts(fields.size());
  BatchStream stream(*this, SelectLeaves(std::make_shared<const Schema>(std::move(fields))),
                     row_group);
  auto at = mask.begin();
  while (const auto batch = stream.Next()) {
    stop.ThrowIfStopped();
    const RowMask part(at, at + batch->num_rows());
    at += batch->num_rows();
    const auto kept = FilterBatch(batch, part);
    for (size_t i = 0; i < parts.size(); ++i) {
      parts[i].push_back(kept->column(static_cast<int>(i)));
    }
  }
  arrow::ArrayVector columns;
  for (const arrow::ArrayVector& chunks : parts) {
    columns.push_back(ValueOrThrow(arrow::Concatenate(chunks, BufferPool()),
                                   ArrowContext::Internal("filtering rows")));
  }
  return columns;
}

/// The columns of `schema` of all rows of a row group that are set in `mask`, which are few;
/// `runs` says the same.
std::shared_ptr<arrow::RecordBatch> ParquetDataReader::ReadSparse(
    int row_group, const Schema& schema, const RowMask& mask, const std::vector<RowRun>& runs,
    const ParallelOptions& parallel) const {
  const std::vector<Field>& fields = schema.fields();
  std::vector<const parquet::arrow::SchemaField*> leaves;
  std::vector<Field> others;  // which one reader decodes
  for (const Field& field : fields) {
    leaves.push_back(SelectableLeaf(field));
    if (leaves.back() == nullptr) {
      others.push_back(field);
    }
  }
  arrow::ArrayVector columns(fields.size());
  arrow::ArrayVector filtered;
  ParallelFor(
      1 + fields.size(),
      [&](size_t task) {
        if (task == 0 && !others.empty()) {  // first, as it takes longest
          filtered = ReadFilteredColumns(row_group, others, mask, parallel.stop);
        } else if (task > 0 && leaves[task - 1] != nullptr) {
          columns[task - 1] =
              ReadSparseColumn(row_group, fields[task - 1], *leaves[task - 1], runs);
        }
      },
      parallel);
  auto next = filtered.begin();
  arrow::FieldVector types;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (leaves[i] == nullptr) {
      columns[i] = *next++;
    }
    types.push_back(ToArrowField(fields[i])->WithType(columns[i]->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(types)), CountRows(mask),
                                  std::move(columns));
}

/// The next rows of streams that were cut alike, side by side, in the projection's order.
std::shared_ptr<arrow::RecordBatch> ParquetDataReader::NextOfAll(
    std::vector<std::unique_ptr<BatchStream>>& streams, const ParallelOptions& parallel) const {
  if (streams.size() == 1) {
    return streams[0]->Next();
  }
  std::vector<std::shared_ptr<arrow::RecordBatch>> parts(streams.size());
  ParallelFor(streams.size(), [&](size_t i) { parts[i] = streams[i]->Next(); }, parallel);
  if (parts[0] == nullptr) {
    return nullptr;
  }
  arrow::ArrayVector columns;
  arrow::FieldVector fields;
  for (const Field& field : result_columns_.schema->fields()) {
    for (size_t s = 0; s < streams.size(); ++s) {
      if (const Schema::Place* place = streams[s]->schema().Find(field.id)) {
        Check(parts[s] != nullptr && parts[s]->num_rows() == parts[0]->num_rows(),
              "columns of one row group were cut into different batches");
        columns.push_back(parts[s]->column(place->path[0]));
        fields.push_back(parts[s]->schema()->field(place->path[0]));
      }
    }
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), parts[0]->num_rows(),
                                  std::move(columns));
}

}  // namespace floe::inline v0
