#include "parquet/data_file_writer.h"

#include <arrow/array.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <parquet/column_writer.h>
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
#include "parquet/flat_chunk_writer.h"
#include "parquet/leaf_levels.h"
#include "parquet/parquet_file_builder.h"
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

/// For columns in lists and maps: under pages that are smaller than what Arrow's dictionary
/// encoder (26.0) takes an empty one to need, it begins a chunk with a page of no rows, which
/// readers stumble over.
std::shared_ptr<parquet::WriterProperties> WithoutTinyPages(
    const std::shared_ptr<parquet::WriterProperties>& properties) {
  constexpr int64_t kLeastPageBytes = 4'096;
  return properties->data_pagesize() >= kLeastPageBytes
             ? properties
             : parquet::WriterProperties::Builder(*properties)
                   .data_pagesize(kLeastPageBytes)
                   ->build();
}

}  // namespace

ParquetDataWriter::ParquetDataWriter(FileIO& io, const std::string& location,
                                     const Schema& schema, ParquetWriteOptions options)
    : options_(std::move(options)),
      // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): it loses the shared_ptr
      repeated_properties_(WithoutTinyPages(options_.properties)),
      output_(io.CreateUnique(location)) {
  for (LeafPath& path : LeafPathsOf(schema)) {
    leaves_.push_back({std::move(path), 0, 0});
  }
  WithParquetErrors(ArrowContext::Writing(location), [&] {
    file_ = std::make_unique<ParquetFileBuilder>(MakeArrowOutput(*output_),
                                                 ToParquetSchema(schema), options_.properties);
  });
}

ParquetDataWriter::~ParquetDataWriter() {
  if (file_ != nullptr) {
    output_->Abort();  // was not closed
  }
}

/// A column of a row group, while it is encoded.
struct ParquetDataWriter::LeafChunk {
  ParquetFileBuilder::Chunk parts;
  const parquet::ColumnDescriptor* column;
  FlatChunk flat;                                 // if it is one of ours
  std::shared_ptr<parquet::ColumnWriter> writer;  // else

  /// Ends it in the file; returns its bytes before compression.
  int64_t Close() {
    if (writer != nullptr) {
      return writer->Close();
    }
    parts.metadata->SetStatistics(flat.statistics);
    parts.metadata->SetSizeStatistics(flat.size_statistics);
    parts.pages->Close(flat.has_dictionary, /*fallback=*/false);
    return flat.bytes;
  }
};

void ParquetDataWriter::WriteLeaf(
    LeafState& leaf, LeafChunk& chunk,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) const {
  const parquet::WriterProperties& properties = *options_.properties;
  const bool is_ours =
      leaf.path.is_flat() && IsFlatChunk(leaf.path.leaf().type, *chunk.column, properties);
  const bool required = leaf.path.leaf().required;
  std::vector<LeafValues> shredded;
  arrow::ArrayVector arrays;
  for (const auto& batch : batches) {
    if (batch->num_rows() == 0) {
      continue;
    }
    std::shared_ptr<arrow::Array> values = batch->column(static_cast<int>(leaf.path.column));
    if (!is_ours) {
      shredded.push_back(ShredLeaf(values, leaf.path));
      values = StorageOf(shredded.back().values);
    }
    leaf.nan_count += CountNans(*values);
    arrays.push_back(required ? WithoutNulls(values) : std::move(values));
  }
  if (is_ours) {
    const bool may_have_dictionary =
        properties.dictionary_enabled(chunk.column->path()) && !leaf.dictionary_is_poor;
    chunk.flat = WriteFlatChunk(*chunk.column, properties, arrays, may_have_dictionary,
                                chunk.parts.pages.get());
    leaf.dictionary_is_poor = leaf.dictionary_is_poor || chunk.flat.dictionary_is_poor;
    leaf.cost = chunk.flat.bytes;
    return;
  }
  chunk.writer = parquet::ColumnWriter::Make(
      chunk.parts.metadata, std::move(chunk.parts.pages),
      leaf.path.is_repeated() ? repeated_properties_.get() : &properties, chunk.parts.filter);
  const auto arrow_properties = parquet::default_arrow_writer_properties();
  parquet::ArrowWriteContext write_context(BufferPool(), arrow_properties.get());
  for (size_t i = 0; i < arrays.size(); ++i) {
    const auto levels = [](const std::vector<int16_t>& all) {
      return all.empty() ? nullptr : all.data();
    };
    ThrowIfNotOk(chunk.writer->WriteArrow(
                     levels(shredded[i].def_levels), levels(shredded[i].rep_levels),
                     shredded[i].level_count, *arrays[i], &write_context, !required),
                 ArrowContext::Writing(location()));
  }
  leaf.cost =
      chunk.writer->total_bytes_written() + chunk.writer->estimated_buffered_value_bytes();
}

void ParquetDataWriter::WriteRowGroup(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
    const ParallelOptions& parallel) {
  const ArrowContext context = ArrowContext::Writing(location());
  int64_t rows = 0;
  for (const auto& batch : batches) {
    rows += batch->num_rows();
  }
  row_count_ += rows;
  WithParquetErrors(context, [&] {
    std::vector<LeafChunk> chunks;
    for (ParquetFileBuilder::Chunk& parts : file_->BeginRowGroup()) {
      const auto* column = file_->schema().Column(static_cast<int>(chunks.size()));
      chunks.push_back({std::move(parts), column, {}, nullptr});
    }
    std::vector<size_t> order(leaves_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto guess = [&](size_t i) {
      // Before anything is known: texts are the costly ones.
      return leaves_[i].cost != 0                                  ? leaves_[i].cost
             : leaves_[i].path.leaf().type.id() == TypeId::kString ? 2
                                                                   : 1;
    };
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return guess(a) > guess(b); });
    ParallelFor(
        leaves_.size(),
        [&](size_t i) {
          WithParquetErrors(context,
                            [&] { WriteLeaf(leaves_[order[i]], chunks[order[i]], batches); });
        },
        parallel);
    int64_t bytes = 0;
    for (LeafChunk& chunk : chunks) {
      bytes += chunk.Close();
    }
    file_->EndRowGroup(rows, bytes);
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
    const auto footer = file_->Close();
    written.metrics = ReadMetrics(*footer);
    for (int group = 0; group < footer->num_row_groups(); ++group) {
      written.split_offsets.push_back(footer->RowGroup(group)->file_offset());
    }
    for (int leaf = 0; footer->num_row_groups() > 0 && leaf < footer->num_columns(); ++leaf) {
      const auto chunk = footer->RowGroup(0)->ColumnChunk(leaf);
      const auto* column = footer->schema()->Column(leaf);
      const int width = parquet::GetTypeByteSize(column->physical_type());
      if (leaves_[static_cast<size_t>(leaf)].dictionary_is_poor ||
          IsPoorDictionary(*chunk, width != 0 ? width : column->type_length())) {
        written.poor_dictionaries.push_back(chunk->path_in_schema()->ToDotString());
      }
    }
  });
  written.size_bytes = output_->position();
  output_->Close();
  file_.reset();
  return written;
}

}  // namespace floe::inline v0
