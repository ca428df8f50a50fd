#include "write/write_settings.h"

#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_properties.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/buffer_pool.h"
#include "parquet/parquet_schema.h"

namespace floe::inline v0 {

namespace props = table_properties;

namespace {

arrow::Compression::type CodecOf(const Properties& properties) {
  const std::string name = ToLower(TextProperty(properties, props::kParquetCodec));
  if (name == "zstd") {
    return arrow::Compression::ZSTD;
  }
  if (name == "snappy") {
    return arrow::Compression::SNAPPY;
  }
  if (name == "gzip") {
    return arrow::Compression::GZIP;
  }
  if (name == "brotli") {
    return arrow::Compression::BROTLI;
  }
  if (name == "lz4" || name == "lz4_raw") {
    return arrow::Compression::LZ4;
  }
  Check(name == "uncompressed", "a codec that CheckTableProperties() let through");
  return arrow::Compression::UNCOMPRESSED;
}

parquet::ParquetDataPageVersion PageVersionOf(const Properties& properties) {
  return ToLower(TextProperty(properties, props::kParquetPageVersion)) == "v2"
             ? parquet::ParquetDataPageVersion::V2
             : parquet::ParquetDataPageVersion::V1;
}

/// Mode of the column or of the nearest struct above it that has one.
MetricsMode ModeOf(const Properties& properties, const Schema& schema,
                   const Schema::Place& place) {
  for (const Schema::Place* at = &place; at != nullptr; at = schema.Find(at->parent_id)) {
    const std::string key = std::string(props::kMetricsColumnPrefix.name) + at->full_name;
    if (const auto mode = FindProperty(properties, key)) {
      return MetricsMode::Parse(*mode);
    }
  }
  return MetricsMode::Parse(TextProperty(properties, props::kMetricsDefault));
}

/// The most distinct values for which Arrow makes a filter of at most `bytes`.
int64_t DistinctValuesWithin(int64_t bytes, double fpp) {
  constexpr double kBitsPerBlock = 8;
  const auto bits = static_cast<double>(std::bit_floor(static_cast<uint64_t>(bytes)) * 8);
  return static_cast<int64_t>(-bits * std::log(1 - std::pow(fpp, 1 / kBitsPerBlock)) /
                              kBitsPerBlock);
}

/// Filters of the columns that the properties name.
void AddBloomFilters(const Properties& properties, const Schema& schema,
                     parquet::WriterProperties::Builder* builder) {
  const auto asks_for_one = [&](const Schema::Place& place) {
    return place.field->type.is_primitive() &&
           BooleanOfColumn(properties, props::kBloomColumnPrefix, place.full_name);
  };
  if (std::ranges::none_of(schema.places(), asks_for_one)) {
    return;
  }
  const int64_t max_bytes = IntegerProperty(properties, props::kBloomMaxBytes);
  const int64_t rows = IntegerProperty(properties, props::kParquetRowGroupRows);
  parquet::SchemaDescriptor columns;
  columns.Init(ToParquetSchema(schema));
  for (int i = 0; i < columns.num_columns(); ++i) {
    const parquet::ColumnDescriptor& column = *columns.Column(i);
    const Schema::Place* place = schema.Find(column.schema_node()->field_id());
    if (place == nullptr || !asks_for_one(*place)) {
      continue;
    }
    const std::string& name = place->full_name;
    if (column.physical_type() == parquet::Type::BOOLEAN) {
      throw UnsupportedError(
          fmt::format(
              "table property '{}{}' asks for a Bloom filter of a boolean column, which "
              "Parquet does not have; set it to false",
              props::kBloomColumnPrefix.name, name),
          {.column = name});
    }
    const double fpp = ProbabilityOf(properties, props::kBloomFppColumnPrefix, name);
    const int64_t values =
        IntegerOfColumn(properties, props::kBloomNdvColumnPrefix, name).value_or(rows);
    // Arrow folds it when it is written, so that it is no larger than its values need.
    builder->enable_bloom_filter(
        column.path(),
        {.ndv = std::min(values, DistinctValuesWithin(max_bytes, fpp)), .fpp = fpp});
  }
}

}  // namespace

WriteSettings WriteSettings::Of(const Properties& properties, const Schema& schema) {
  CheckTableProperties(properties);
  parquet::WriterProperties::Builder builder;
  builder.memory_pool(BufferPool())
      ->created_by("floe")
      ->compression(CodecOf(properties))
      ->data_pagesize(IntegerProperty(properties, props::kParquetPageBytes))
      ->max_rows_per_page(IntegerProperty(properties, props::kParquetPageRows))
      ->data_page_version(PageVersionOf(properties))
      ->dictionary_pagesize_limit(IntegerProperty(properties, props::kParquetDictionaryBytes))
      // Row groups are cut by us.
      ->max_row_group_length(std::numeric_limits<int64_t>::max());
  if (!TextProperty(properties, props::kParquetLevel).empty()) {
    builder.compression_level(
        static_cast<int>(IntegerProperty(properties, props::kParquetLevel)));
  }
  AddBloomFilters(properties, schema, &builder);
  WriteSettings settings{{builder.build(), {}},
                         IntegerProperty(properties, props::kTargetFileSizeBytes),
                         IntegerProperty(properties, props::kParquetRowGroupRows),
                         IntegerProperty(properties, props::kParquetRowGroupBytes)};
  for (const Schema::Place& place : schema.places()) {
    if (place.field->type.is_primitive()) {
      settings.file.metrics_modes[place.field->id] = ModeOf(properties, schema, place);
    }
  }
  return settings;
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): the analyzer loses the shared_ptr
}

}  // namespace floe::inline v0
