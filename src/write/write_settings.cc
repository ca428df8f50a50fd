#include "write/write_settings.h"

#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <parquet/properties.h>

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
#include "parquet/buffer_pool.h"

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
  if (name == "lz4_raw") {
    return arrow::Compression::LZ4;
  }
  Check(name == "uncompressed", "a codec that CheckTableProperties() let through");
  return arrow::Compression::UNCOMPRESSED;
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

}  // namespace

WriteSettings WriteSettings::Of(const Properties& properties, const Schema& schema) {
  CheckTableProperties(properties);
  parquet::WriterProperties::Builder builder;
  builder.memory_pool(BufferPool())
      ->created_by("floe")
      ->compression(CodecOf(properties))
      ->data_pagesize(IntegerProperty(properties, props::kParquetPageBytes))
      ->max_rows_per_page(IntegerProperty(properties, props::kParquetPageRows))
      ->dictionary_pagesize_limit(IntegerProperty(properties, props::kParquetDictionaryBytes))
      // Row groups are cut by us.
      ->max_row_group_length(std::numeric_limits<int64_t>::max());
  if (!TextProperty(properties, props::kParquetLevel).empty()) {
    builder.compression_level(
        static_cast<int>(IntegerProperty(properties, props::kParquetLevel)));
  }
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
