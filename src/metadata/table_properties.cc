#include "floe/metadata/table_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/metrics.h"

namespace floe::inline v0 {

namespace table_properties {

using Kind = TableProperty::Kind;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMax32 = std::numeric_limits<int32_t>::max();

const TableProperty kTargetFileSizeBytes{
    "write.target-file-size-bytes",
    Kind::kInteger,
    "536870912",
    1,
    kMax,
    "A data file is closed and the next one begun once it has about this many encoded bytes."};
const TableProperty kDataPath{"write.data.path",
                              Kind::kText,
                              "",
                              0,
                              0,
                              "Folder of new data files; `<location>/data` if not set."};
const TableProperty kMetadataPath{
    "write.metadata.path",
    Kind::kText,
    "",
    0,
    0,
    "Folder of new metadata files and manifests; `<location>/metadata` if not set."};
const TableProperty kParquetCodec{"write.parquet.compression-codec",
                                  Kind::kText,
                                  "zstd",
                                  0,
                                  0,
                                  "zstd, snappy, gzip, brotli, lz4, lz4_raw or uncompressed; "
                                  "lz4 is written as lz4_raw."};
const TableProperty kParquetLevel{"write.parquet.compression-level",
                                  Kind::kInteger,
                                  "",
                                  -100,
                                  100,
                                  "Level of the codec; its own default if not set (zstd: 1)."};
const TableProperty kParquetRowGroupRows{
    "write.parquet.row-group-limit",       Kind::kInteger, "1048576", 1, kMax,
    "Rows in a Parquet row group at most."};
const TableProperty kParquetRowGroupBytes{
    "write.parquet.row-group-size-bytes",          Kind::kInteger, "134217728", 1, kMax,
    "Encoded bytes in a Parquet row group, about."};
const TableProperty kParquetPageBytes{
    "write.parquet.page-size-bytes",
    Kind::kInteger,
    "1048576",
    1,
    kMax32,
    "Uncompressed bytes in a Parquet page, about. In lists and maps at least 4096."};
const TableProperty kParquetPageRows{
    "write.parquet.page-row-limit",   Kind::kInteger, "20000", 1, kMax32,
    "Rows in a Parquet page at most."};
const TableProperty kParquetPageVersion{"write.parquet.page-version", Kind::kText, "v1", 0, 0,
                                        "v1 or v2, of data pages."};
const TableProperty kParquetDictionaryBytes{
    "write.parquet.dict-size-bytes",
    Kind::kInteger,
    "2097152",
    1,
    kMax32,
    "A column's dictionary is given up once it has this many bytes."};
const TableProperty kBloomColumnPrefix{
    "write.parquet.bloom-filter-enabled.column.",
    Kind::kBoolean,
    "false",
    0,
    0,
    "Whether files have a Bloom filter of the column, whose full name follows."};
const TableProperty kBloomMaxBytes{"write.parquet.bloom-filter-max-bytes",
                                   Kind::kInteger,
                                   "1048576",
                                   32,
                                   int64_t{128} * 1024 * 1024,
                                   "Bytes of a Bloom filter at most."};
const TableProperty kBloomFppColumnPrefix{
    "write.parquet.bloom-filter-fpp.column.",
    Kind::kText,
    "0.01",
    0,
    0,
    "Rate of false positives of the column's Bloom filter, between 0 and 1."};
const TableProperty kBloomNdvColumnPrefix{
    "write.parquet.bloom-filter-ndv.column.",
    Kind::kInteger,
    "",
    1,
    kMax,
    "Distinct values of the column in a row group; as many as rows if not set."};
const TableProperty kManifestCodec{"write.manifest.compression-codec",
                                   Kind::kText,
                                   "gzip",
                                   0,
                                   0,
                                   "Of new manifests: gzip, zstd, snappy or uncompressed."};
const TableProperty kManifestLevel{
    "write.manifest.compression-level",
    Kind::kInteger,
    "",
    0,
    22,
    "Level of the codec, for gzip up to 9; its own default if not set (gzip: 6, zstd: 3)."};
const TableProperty kMetricsDefault{
    "write.metadata.metrics.default",
    Kind::kText,
    "truncate(16)",
    0,
    0,
    "What manifests keep about a column: none, counts, truncate(N) or full."};
const TableProperty kMetricsColumnPrefix{"write.metadata.metrics.column.",
                                         Kind::kText,
                                         "",
                                         0,
                                         0,
                                         "The same for one column, whose full name follows."};
const TableProperty kMetadataCodec{
    "write.metadata.compression-codec", Kind::kText, "none", 0, 0,
    "none or gzip, of metadata files."};
const TableProperty kMetadataPreviousVersions{
    "write.metadata.previous-versions-max",
    Kind::kInteger,
    "100",
    0,
    kMax32,
    "Old metadata files that the metadata log lists at most; 0 is taken as 1."};
const TableProperty kDeleteMode{"write.delete.mode",
                                Kind::kText,
                                "copy-on-write",
                                0,
                                0,
                                "copy-on-write or merge-on-read: whether `delete()` writes the "
                                "other rows of a data file anew, or a delete file."};
const TableProperty kDeleteGranularity{
    "write.delete.granularity",
    Kind::kText,
    "file",
    0,
    0,
    "file or partition: what one position delete file is about."};
const TableProperty kGcEnabled{
    "gc.enabled",
    Kind::kBoolean,
    "true",
    0,
    0,
    "Whether the table's data is its own: `false` keeps data files when it is purged."};
const TableProperty kMetadataDeleteAfterCommit{
    "write.metadata.delete-after-commit.enabled",
    Kind::kBoolean,
    "false",
    0,
    0,
    "Whether a commit deletes the metadata files that drop out of the metadata log."};
const TableProperty kCommitRetries{"commit.retry.num-retries",
                                   Kind::kInteger,
                                   "4",
                                   0,
                                   kMax32,
                                   "Tries of a conflicting commit beyond the first."};
const TableProperty kCommitMinWaitMs{
    "commit.retry.min-wait-ms",
    Kind::kInteger,
    "100",
    0,
    kMax32,
    "Wait before the second try; it doubles with each, with jitter."};
const TableProperty kCommitMaxWaitMs{
    "commit.retry.max-wait-ms",       Kind::kInteger, "60000", 0, kMax32,
    "Longest wait between two tries."};
const TableProperty kCommitTotalMs{
    "commit.retry.total-timeout-ms",       Kind::kInteger, "1800000", 0, kMax,
    "No new try is begun after this time."};

}  // namespace table_properties

namespace {

namespace props = table_properties;

constexpr std::array kAll = {
    &props::kTargetFileSizeBytes,
    &props::kDataPath,
    &props::kMetadataPath,
    &props::kParquetCodec,
    &props::kParquetLevel,
    &props::kParquetRowGroupRows,
    &props::kParquetRowGroupBytes,
    &props::kParquetPageBytes,
    &props::kParquetPageRows,
    &props::kParquetPageVersion,
    &props::kParquetDictionaryBytes,
    &props::kBloomColumnPrefix,
    &props::kBloomMaxBytes,
    &props::kBloomFppColumnPrefix,
    &props::kBloomNdvColumnPrefix,
    &props::kManifestCodec,
    &props::kManifestLevel,
    &props::kMetricsDefault,
    &props::kMetricsColumnPrefix,
    &props::kMetadataCodec,
    &props::kMetadataPreviousVersions,
    &props::kMetadataDeleteAfterCommit,
    &props::kDeleteMode,
    &props::kDeleteGranularity,
    &props::kGcEnabled,
    &props::kCommitRetries,
    &props::kCommitMinWaitMs,
    &props::kCommitMaxWaitMs,
    &props::kCommitTotalMs,
};

constexpr std::array<std::string_view, 7> kCodecs = {"zstd", "snappy",  "gzip",        "brotli",
                                                     "lz4",  "lz4_raw", "uncompressed"};

constexpr std::array<std::string_view, 2> kPageVersions = {"v1", "v2"};
constexpr std::array<std::string_view, 2> kDeleteModes = {"copy-on-write", "merge-on-read"};
constexpr std::array<std::string_view, 2> kDeleteGranularities = {"file", "partition"};
constexpr std::array<std::string_view, 4> kManifestCodecs = {"gzip", "zstd", "snappy",
                                                             "uncompressed"};
constexpr int64_t kMaxGzipLevel = 9;

/// Properties of Iceberg that change what a write must do in a way floe can't, with the
/// values that ask for nothing.
struct Refused {
  std::string_view name_or_prefix;
  std::string_view harmless;
  std::string_view harmless_too;
};

constexpr std::array kRefused = {
    Refused{"write.format.default", "parquet", ""},
    Refused{"write.object-storage.enabled", "false", ""},
    Refused{"write.location-provider.impl", "", ""},
    Refused{"write.py-location-provider.impl", "", ""},
    Refused{"commit.manifest-merge.enabled", "false", ""},
    Refused{"encryption.key-id", "", ""},
};

[[noreturn]] void ThrowBadValue(std::string_view name, std::string_view value,
                                std::string_view expected) {
  throw InvalidArgumentError(
      fmt::format("table property '{}' is '{}'; expected {}", name, value, expected));
}

bool Matches(std::string_view name, std::string_view name_or_prefix) {
  return name_or_prefix.ends_with('.') ? name.starts_with(name_or_prefix)
                                       : name == name_or_prefix;
}

/// `property` under the name that it was set by: a prefix has many.
TableProperty Named(TableProperty property, std::string_view name) {
  property.name = name;
  return property;
}

void CheckOneOf(const TableProperty& property, std::span<const std::string_view> values,
                const Properties& properties) {
  const std::string value = ToLower(TextProperty(properties, property));
  if (std::ranges::find(values, std::string_view(value)) == values.end()) {
    ThrowBadValue(property.name, value, property.doc);
  }
}

void CheckKnown(const TableProperty& property, std::string_view name,
                const Properties& properties) {
  if (&property == &props::kMetricsDefault || &property == &props::kMetricsColumnPrefix) {
    MetricsMode::Parse(*FindProperty(properties, name));
  } else if (&property == &props::kParquetCodec) {
    CheckOneOf(property, kCodecs, properties);
  } else if (&property == &props::kParquetPageVersion) {
    CheckOneOf(property, kPageVersions, properties);
  } else if (&property == &props::kDeleteMode) {
    CheckOneOf(property, kDeleteModes, properties);
  } else if (&property == &props::kDeleteGranularity) {
    CheckOneOf(property, kDeleteGranularities, properties);
  } else if (&property == &props::kManifestCodec) {
    CheckOneOf(property, kManifestCodecs, properties);
  } else if (&property == &props::kManifestLevel) {
    const int64_t level = IntegerProperty(properties, property);
    if (level > kMaxGzipLevel &&
        ToLower(TextProperty(properties, props::kManifestCodec)) == "gzip") {
      ThrowBadValue(name, *FindProperty(properties, name), property.doc);
    }
  } else if (&property == &props::kBloomFppColumnPrefix) {
    ProbabilityOf(properties, property, name.substr(property.name.size()));
  } else if (&property == &props::kMetadataCodec) {
    const std::string codec = ToLower(TextProperty(properties, property));
    if (codec != "none" && codec != "gzip") {
      ThrowBadValue(name, codec, props::kMetadataCodec.doc);
    }
  } else if (property.kind == TableProperty::Kind::kInteger) {
    IntegerProperty(properties, Named(property, name));
  } else if (property.kind == TableProperty::Kind::kBoolean) {
    BooleanProperty(properties, Named(property, name));
  }
}

}  // namespace

std::span<const TableProperty* const> AllTableProperties() { return kAll; }

int64_t IntegerProperty(const Properties& properties, const TableProperty& property) {
  const auto set = FindProperty(properties, property.name);
  const std::string_view text = set.value_or(property.default_text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc() || end != text.end() || value < property.min ||
      value > property.max) {
    ThrowBadValue(property.name, text,
                  fmt::format("an integer from {} to {}", property.min, property.max));
  }
  return value;
}

bool BooleanProperty(const Properties& properties, const TableProperty& property) {
  const auto set = FindProperty(properties, property.name);
  const std::string text = ToLower(set.value_or(property.default_text));
  if (text != "true" && text != "false") {
    ThrowBadValue(property.name, text, "true or false");
  }
  return text == "true";
}

bool BooleanOfColumn(const Properties& properties, const TableProperty& prefix,
                     std::string_view column) {
  const std::string name = fmt::format("{}{}", prefix.name, column);
  return BooleanProperty(properties, Named(prefix, name));
}

std::optional<int64_t> IntegerOfColumn(const Properties& properties,
                                       const TableProperty& prefix, std::string_view column) {
  const std::string name = fmt::format("{}{}", prefix.name, column);
  return FindProperty(properties, name)
             ? std::optional(IntegerProperty(properties, Named(prefix, name)))
             : std::nullopt;
}

double ProbabilityOf(const Properties& properties, const TableProperty& prefix,
                     std::string_view column) {
  const std::string name = fmt::format("{}{}", prefix.name, column);
  const std::string_view text = FindProperty(properties, name).value_or(prefix.default_text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value < 1)) {
    ThrowBadValue(name, text, "a number between 0 and 1");
  }
  return value;
}

std::string TextProperty(const Properties& properties, const TableProperty& property) {
  return std::string(FindProperty(properties, property.name).value_or(property.default_text));
}

void CheckTableProperties(const Properties& properties) {
  for (const auto& [name, value] : properties) {
    const auto known = std::ranges::find_if(
        kAll, [&](const TableProperty* property) { return Matches(name, property->name); });
    if (known != kAll.end()) {
      CheckKnown(**known, name, properties);
      continue;
    }
    if (name.starts_with("floe.")) {
      throw InvalidArgumentError(fmt::format(
          "'{}' is not a table property of floe; docs/table-properties.md lists them", name));
    }
    for (const Refused& refused : kRefused) {
      const std::string lower = ToLower(value);
      if (Matches(name, refused.name_or_prefix) && lower != refused.harmless &&
          lower != refused.harmless_too) {
        throw UnsupportedError(fmt::format(
            "table property '{}' = '{}' asks for what this version of floe can't do", name,
            value));
      }
    }
  }
}

}  // namespace floe::inline v0
