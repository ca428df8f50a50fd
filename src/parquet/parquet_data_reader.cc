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
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_conversion.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"
#include "parquet/page_filter.h"
#include "parquet/row_filter.h"
#include "parquet/row_group_fetcher.h"
#include "parquet/row_group_pruning.h"
#include "parquet/row_group_statistics.h"
#include "parquet/row_group_stream.h"
#include "parquet/row_run.h"
#include "parquet/selected_rows.h"

namespace floe::inline v0 {
namespace {

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
  fetcher_ = std::make_unique<const RowGroupFetcher>(
      io.OpenHinted(location, {.size = options_.file_size,
                               .tail_bytes = TailBytes(options_.file_size.value_or(0))}),
      io.IsFar(location));
  file_ = fetcher_->file();
  WithParquetErrors(context, [&] {
    footer_ = parquet::ParquetFileReader::Open(file_, parquet::ReaderProperties(BufferPool()))
                  ->metadata();
  });
  schema_reader_ = OpenParquetReader(file_, footer_, options_.batch_rows, context);
  columns_ = std::make_unique<const FileColumns>(schema_reader_->manifest(),
                                                 options_.name_mapping.get(), location_);
  if (!options_.filter->is_true()) {
    filter_columns_ = SelectLeaves(ColumnsOfFilter(*options_.filter_schema, *options_.filter));
  }
  if (options_.deletes != nullptr && options_.deletes->columns() != nullptr) {
    delete_columns_ = SelectLeaves(options_.deletes->columns());
  }
  result_columns_ = SelectLeaves(options_.projection);
  WithParquetErrors(context, [&] { CheckFooter(); });
  row_groups_ = MatchingRowGroups(options_, location_, *schema_reader_->parquet_reader(),
                                  *columns_, *fetcher_);
}

/// Parquet checks a column chunk's metadata when they are asked for; and counts rows, which
/// masks and positions are made for before any is read.
void ParquetDataReader::CheckFooter() {
  const auto fail = [this](std::string_view problem) {
    throw CorruptFileError(fmt::format("data file {}: {}", location_, problem),
                           {.path = location_});
  };
  int64_t rows = 0;
  for (int i = 0; i < footer_->num_row_groups(); ++i) {
    const auto group = footer_->RowGroup(i);
    const int64_t count = group->num_rows();
    for (const ColumnSet* set : {&filter_columns_, &delete_columns_, &result_columns_}) {
      for (const int leaf : set->leaves) {
        const int64_t values = group->ColumnChunk(leaf)->num_values();
        if (values != count && footer_->schema()->Column(leaf)->max_repetition_level() == 0) {
          fail(fmt::format("row group {} has {} row(s), and {} value(s) of a column", i, count,
                           values));
        }
      }
    }
    if (count < 0 || count > footer_->num_rows() - rows) {
      fail(fmt::format("row group {} has {} row(s), and the file {}", i, count,
                       footer_->num_rows()));
    }
    first_rows_.push_back(rows);
    rows += count;
  }
  if (rows != footer_->num_rows()) {
    fail(fmt::format("its row groups have {} row(s), and the file {}", rows,
                     footer_->num_rows()));
  }
}

ParquetDataReader::ColumnSet ParquetDataReader::SelectLeaves(SchemaPtr schema) const {
  std::vector<int> leaves = columns_->FindLeaves(*schema);
  return {std::move(schema), std::move(leaves)};
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

RowGroupStream ParquetDataReader::StreamOf(int row_group, const ColumnSet& columns) const {
  return {{file_, footer_, location_, options_},
          columns.schema,
          columns.leaves,
          row_group,
          FirstRow(row_group)};
}

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
  RowGroupStream stream = StreamOf(row_group, filter_columns_);
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
  RowGroupStream stream = StreamOf(row_group, delete_columns_);
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

/// Columns that are decoded to select rows.
std::vector<int> ParquetDataReader::SelectingLeaves() const {
  std::vector<int> leaves = filter_columns_.leaves;
  leaves.insert(leaves.end(), delete_columns_.leaves.begin(), delete_columns_.leaves.end());
  return leaves;
}

RowGroupFetcher::KeptPtr ParquetDataReader::FetchToSelect(int row_group,
                                                          const StopToken& stop) const {
  // Less than the time that one more request takes is saved by leaving out what is no larger.
  constexpr int64_t kSmallRowGroup = int64_t{1} << 20;
  const auto group = footer_->RowGroup(row_group);
  const std::vector<int> leaves = SelectingLeaves();
  std::vector<int> all = leaves;
  all.insert(all.end(), result_columns_.leaves.begin(), result_columns_.leaves.end());
  if (RowGroupFetcher::ChunkBytes(*group, all) <= kSmallRowGroup) {
    return fetcher_->FetchChunks(*group, all, stop);
  }
  const auto indexes = fetcher_->FetchIndexes(*group, filter_columns_.leaves, stop);
  const auto left = RowsLeftByIndexes(row_group);
  if (left && IsSparse(*left, CountRows(*left), group->num_rows())) {
    return fetcher_->FetchPages(*group, filter_columns_.leaves, *left, stop);
  }
  return fetcher_->FetchChunks(*group, leaves, stop);
}

RowGroupFetcher::KeptPtr ParquetDataReader::FetchSelected(int row_group, const RowMask& mask,
                                                          const StopToken& stop) const {
  const auto group = footer_->RowGroup(row_group);
  const std::vector<RowRun> runs = RunsOf(mask);
  return IsSparse(runs, CountRows(runs), group->num_rows())
             ? fetcher_->FetchPages(*group, result_columns_.leaves, runs, stop)
             : fetcher_->FetchChunks(*group, result_columns_.leaves, stop);
}

/// What of a row group is to be read. Has read ahead what that takes.
ParquetDataReader::Selected ParquetDataReader::Select(int row_group,
                                                      const StopToken& stop) const {
  Selected selected{.takes_all_rows = TakesAllRows(row_group), .mask = {}, .kept = {}};
  WithParquetErrors(ArrowContext::Reading(location_), [&] {
    if (selected.takes_all_rows) {
      selected.kept = {
          fetcher_->FetchChunks(*footer_->RowGroup(row_group), result_columns_.leaves, stop)};
      return;
    }
    if (fetcher_->is_far()) {
      selected.kept = {FetchToSelect(row_group, stop)};
    }
    // What selects rows first: where no row is left, the other columns need not be decoded.
    selected.mask = SelectRows(row_group, stop);
    if (fetcher_->is_far() && CountRows(selected.mask) > 0) {
      selected.kept.push_back(FetchSelected(row_group, selected.mask, stop));
    }
  });
  return selected;
}

void ParquetDataReader::Prepare(int row_group, const StopToken& stop) const {
  if (!fetcher_->is_far()) {
    return;
  }
  Selected selected = Select(row_group, stop);
  const std::lock_guard lock(mutex_);
  prepared_.insert_or_assign(row_group, std::move(selected));
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
  if (TakesAllRows(row_group)) {
    return RowsIn(row_group);
  }
  RowGroupFetcher::KeptPtr kept;
  WithParquetErrors(ArrowContext::Reading(location_), [&] {
    kept = fetcher_->FetchChunks(*footer_->RowGroup(row_group), SelectingLeaves(), stop);
  });
  return CountRows(SelectRows(row_group, stop));
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

ParquetDataReader::Selected ParquetDataReader::TakeSelected(int row_group,
                                                            const StopToken& stop) const {
  {
    const std::lock_guard lock(mutex_);
    if (auto prepared = prepared_.extract(row_group)) {
      return std::move(prepared.mapped());
    }
  }
  return Select(row_group, stop);
}

void ParquetDataReader::ReadUnit(int row_group, const ParallelOptions& parallel,
                                 const BatchSink& sink) const {
  const Selected selected = TakeSelected(row_group, parallel.stop);
  if (selected.takes_all_rows) {
    ReadDense(row_group, {}, parallel, sink);
    return;
  }
  const RowMask& mask = selected.mask;
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
  std::vector<RowGroupStream> streams;
  if (threads == 1 || result_columns_.schema->fields().size() < 2) {
    streams.push_back(StreamOf(row_group, result_columns_));
  } else {
    for (const ColumnSet& set : SplitResultColumns(row_group, threads)) {
      streams.push_back(StreamOf(row_group, set));
    }
  }
  auto at = mask.begin();
  while (true) {
    parallel.stop.Poll();
    parallel.stop.ThrowIfStopped();
    const std::shared_ptr<arrow::RecordBatch> batch = NextOfAll(streams, parallel);
    if (batch == nullptr) {
      return;
    }
    if (mask.empty()) {
      if (batch->num_rows() > 0 && !sink(batch)) {
        return;
      }
      continue;
    }
    const RowMask part(at, at + batch->num_rows());
    at += batch->num_rows();
    const int64_t kept = CountRows(part);
    if (kept > 0 && !sink(kept < batch->num_rows() ? FilterBatch(batch, part) : batch)) {
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
  RowGroupStream stream =
      StreamOf(row_group, SelectLeaves(std::make_shared<const Schema>(std::move(fields))));
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
    std::vector<RowGroupStream>& streams, const ParallelOptions& parallel) const {
  if (streams.size() == 1) {
    return streams[0].Next();
  }
  std::vector<std::shared_ptr<arrow::RecordBatch>> parts(streams.size());
  ParallelFor(streams.size(), [&](size_t i) { parts[i] = streams[i].Next(); }, parallel);
  if (parts[0] == nullptr) {
    return nullptr;
  }
  arrow::ArrayVector columns;
  arrow::FieldVector fields;
  for (const Field& field : result_columns_.schema->fields()) {
    for (size_t s = 0; s < streams.size(); ++s) {
      if (const Schema::Place* place = streams[s].schema().Find(field.id)) {
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
