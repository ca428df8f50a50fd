#include "parquet/data_file_writer.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <parquet/column_writer.h>
#include <parquet/file_writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/size_statistics.h>
#include <parquet/types.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_file.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_bounds.h"
#include "parquet/encoder_input.h"
#include "parquet/leaf_levels.h"
#include "parquet/parquet_schema.h"

namespace floe::inline v0 {
namespace {

template <class ArrayType>
int64_t CountNansIn(const arrow::Array& array) {
  const auto& typed = static_cast<const ArrayType&>(array);
  const auto* values = typed.raw_values();
  int64_t count = 0;
  if (typed.null_count() == 0) {
    for (int64_t i = 0; i < typed.length(); ++i) {
      count += std::isnan(values[i]) ? 1 : 0;
    }
    return count;
  }
  for (int64_t i = 0; i < typed.length(); ++i) {
    count += typed.IsValid(i) && std::isnan(values[i]) ? 1 : 0;
  }
  return count;
}

int64_t CountNans(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::FLOAT:
      return CountNansIn<arrow::FloatArray>(array);
    case arrow::Type::DOUBLE:
      return CountNansIn<arrow::DoubleArray>(array);
    default:
      return 0;
  }
}

bool IsFloating(const Type& type) {
  return type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
}

/// Extension arrays are written as what they store.
std::shared_ptr<arrow::Array> StorageOf(const std::shared_ptr<arrow::Array>& array) {
  return array->type_id() == arrow::Type::EXTENSION
             ? static_cast<const arrow::ExtensionArray&>(*array).storage()
             : array;
}

/// Nulls of a required primitive are those of what lies above it, which the levels tell; the
/// encoder wants none in the array.
std::shared_ptr<arrow::Array> WithoutNulls(const std::shared_ptr<arrow::Array>& array) {
  if (array->null_count() == 0) {
    return array;
  }
  const std::shared_ptr<arrow::ArrayData> data = array->data()->Copy();
  data->buffers[0] = nullptr;
  data->null_count = 0;
  return arrow::MakeArray(data);
}

/// Bounds over all row groups; unknown as soon as one row group with values has none.
class BoundsMerger {
 public:
  void Add(const ChunkStatistics& chunk, int64_t value_count) {
    if (chunk.null_count == value_count) {
      return;  // nothing but nulls
    }
    if (!chunk.lower || !chunk.upper) {
      known_ = false;
      return;
    }
    if (!lower_ || chunk.lower->Compare(*lower_) < 0) {
      lower_ = chunk.lower;
    }
    if (!upper_ || chunk.upper->Compare(*upper_) > 0) {
      upper_ = chunk.upper;
    }
  }

  void Store(const Type& type, const MetricsMode& mode, ColumnMetrics* metrics) const {
    if (!known_ || !lower_) {
      return;
    }
    if (mode.kind == MetricsMode::Kind::kFull) {
      metrics->lower_bound = lower_->ToBytes();
      metrics->upper_bound = upper_->ToBytes();
    } else if (mode.kind == MetricsMode::Kind::kTruncate) {
      metrics->lower_bound = TruncateLowerBound(type, lower_->ToBytes(), mode.length);
      metrics->upper_bound = TruncateUpperBound(type, upper_->ToBytes(), mode.length);
    }
  }

 private:
  bool known_ = true;
  std::optional<Literal> lower_;
  std::optional<Literal> upper_;
};

/// Whether a column would have been no larger without its dictionary, before compression.
bool IsPoorDictionary(const parquet::ColumnChunkMetaData& chunk, int width) {
  if (!chunk.has_dictionary_page()) {
    return false;
  }
  int64_t plain = chunk.num_values() * width;
  if (chunk.type() == parquet::Type::BYTE_ARRAY) {
    const auto sizes = chunk.size_statistics();
    if (sizes == nullptr || !sizes->unencoded_byte_array_data_bytes) {
      return false;
    }
    plain = *sizes->unencoded_byte_array_data_bytes +
            chunk.num_values() * static_cast<int64_t>(sizeof(int32_t));
  }
  return chunk.total_uncompressed_size() > plain;
}

/// Whether a column has a dictionary that Arrow takes as one. It makes Bloom filters of texts
/// only.
bool HasPlainDictionary(parquet::ColumnWriter& column) {
  const auto& path = column.descr()->path();
  return column.properties()->dictionary_enabled(path) &&
         !column.properties()->bloom_filter_options(path);
}

}  // namespace

ParquetDataWriter::ParquetDataWriter(FileIO& io, const std::string& location,
                                     const Schema& schema, ParquetWriteOptions options)
    : options_(std::move(options)), output_(io.CreateUnique(location)) {
  for (LeafPath& path : LeafPathsOf(schema)) {
    leaves_.push_back({std::move(path), 0, 0});
  }
  WithParquetErrors(ArrowContext::Writing(location), [&] {
    writer_ = parquet::ParquetFileWriter::Open(MakeArrowOutput(*output_),
                                               ToParquetSchema(schema), options_.properties);
  });
}

ParquetDataWriter::~ParquetDataWriter() {
  if (writer_ != nullptr) {
    // Not closed: what the encoder still holds must not reach the file, which goes away.
    output_->Abort();
    try {
      writer_.reset();
    } catch (...) {  // its attempt to write a footer, into a closed file
      return;
    }
  }
}

void ParquetDataWriter::WriteLeaf(
    LeafState& leaf, parquet::ColumnWriter& column,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) const {
  const ArrowContext context = ArrowContext::Writing(location());
  const auto properties = parquet::default_arrow_writer_properties();
  parquet::ArrowWriteContext write_context(BufferPool(), properties.get());
  const bool required = leaf.path.leaf().required;
  std::vector<LeafValues> shredded;
  arrow::ArrayVector arrays;
  for (const auto& batch : batches) {
    if (batch->num_rows() > 0) {
      shredded.push_back(
          ShredLeaf(batch->column(static_cast<int>(leaf.path.column)), leaf.path));
      const std::shared_ptr<arrow::Array> stored = StorageOf(shredded.back().values);
      leaf.nan_count += CountNans(*stored);
      arrays.push_back(required ? WithoutNulls(stored) : stored);
    }
  }
  // Where something above may be missing, only the levels tell so, which Arrow counts in
  // arrays.
  const bool is_whole = leaf.path.is_flat();
  arrays = EncoderInput(std::move(arrays), is_whole && HasPlainDictionary(column));
  for (size_t i = 0; i < arrays.size(); ++i) {
    const auto levels = [](const std::vector<int16_t>& all) {
      return all.empty() ? nullptr : all.data();
    };
    ThrowIfNotOk(
        column.WriteArrow(levels(shredded[i].def_levels), levels(shredded[i].rep_levels),
                          shredded[i].level_count, *arrays[i], &write_context, !required),
        context);
  }
  leaf.cost = column.total_bytes_written() + column.estimated_buffered_value_bytes();
}

void ParquetDataWriter::WriteRowGroup(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
    const ParallelOptions& parallel) {
  const ArrowContext context = ArrowContext::Writing(location());
  for (const auto& batch : batches) {
    row_count_ += batch->num_rows();
  }
  WithParquetErrors(context, [&] {
    parquet::RowGroupWriter* group = writer_->AppendBufferedRowGroup();
    std::vector<size_t> order(leaves_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto guess = [&](size_t i) {
      // Before anything is known: texts are the costly ones.
      return leaves_[i].cost != 0                                  ? leaves_[i].cost
             : leaves_[i].path.leaf().type.id() == TypeId::kString ? 2
                                                                   : 1;
    };
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return guess(a) > guess(b); });
    std::vector<parquet::ColumnWriter*> columns;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      columns.push_back(group->column(static_cast<int>(i)));
    }
    ParallelFor(
        leaves_.size(),
        [&](size_t i) {
          WithParquetErrors(context,
                            [&] { WriteLeaf(leaves_[order[i]], *columns[order[i]], batches); });
        },
        parallel);
    group->Close();
  });
}

MetricsById ParquetDataWriter::ReadMetrics(const parquet::FileMetaData& footer) const {
  MetricsById all;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    const Field& field = leaves_[i].path.leaf();
    if (field.id < 0) {
      continue;  // a part of a variant
    }
    const MetricsMode& mode = options_.metrics_modes.at(field.id);
    if (mode.kind == MetricsMode::Kind::kNone) {
      continue;
    }
    ColumnMetrics& metrics = all[field.id];
    metrics.size_bytes = 0;
    metrics.value_count = 0;
    metrics.null_count = 0;
    BoundsMerger bounds;
    for (int group = 0; group < footer.num_row_groups(); ++group) {
      const auto row_group = footer.RowGroup(group);
      const auto chunk = row_group->ColumnChunk(static_cast<int>(i));
      const ChunkStatistics statistics = ReadChunkStatistics(*chunk, field.type);
      *metrics.size_bytes += chunk->total_compressed_size();
      *metrics.value_count += chunk->num_values();
      metrics.null_count = metrics.null_count && statistics.null_count
                               ? std::optional(*metrics.null_count + *statistics.null_count)
                               : std::nullopt;
      bounds.Add(statistics, chunk->num_values());
    }
    if (IsFloating(field.type)) {
      metrics.nan_count = leaves_[i].nan_count;
    }
    if (!leaves_[i].path.is_repeated()) {
      bounds.Store(field.type, mode, &metrics);
    }
  }
  return all;
}

ParquetDataWriter::Written ParquetDataWriter::Close() {
  Written written{0, row_count_, {}, {}, {}};
  WithParquetErrors(ArrowContext::Writing(location()), [&] {
    writer_->Close();
    const auto footer = writer_->metadata();
    written.metrics = ReadMetrics(*footer);
    for (int group = 0; group < footer->num_row_groups(); ++group) {
      written.split_offsets.push_back(footer->RowGroup(group)->file_offset());
    }
    for (int leaf = 0; footer->num_row_groups() > 0 && leaf < footer->num_columns(); ++leaf) {
      const auto chunk = footer->RowGroup(0)->ColumnChunk(leaf);
      const auto* column = footer->schema()->Column(leaf);
      const int width = parquet::GetTypeByteSize(column->physical_type());
      if (IsPoorDictionary(*chunk, width != 0 ? width : column->type_length())) {
        written.poor_dictionaries.push_back(chunk->path_in_schema()->ToDotString());
      }
    }
  });
  written.size_bytes = output_->position();
  output_->Close();
  writer_.reset();
  return written;
}

}  // namespace floe::inline v0
