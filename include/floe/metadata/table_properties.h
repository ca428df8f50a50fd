#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// A table property that floe acts on. The table of all is AllTableProperties(), from which
/// docs/table-properties.md is generated.
struct TableProperty {
  enum class Kind : uint8_t { kInteger, kBoolean, kText };
  std::string_view name;
  Kind kind;
  std::string_view default_text;
  int64_t min;  ///< integers only
  int64_t max;
  std::string_view doc;
};

namespace table_properties {
extern const TableProperty kTargetFileSizeBytes;
extern const TableProperty kDataPath;
extern const TableProperty kMetadataPath;
extern const TableProperty kParquetCodec;
extern const TableProperty kParquetLevel;
extern const TableProperty kParquetRowGroupRows;
extern const TableProperty kParquetRowGroupBytes;
extern const TableProperty kParquetPageBytes;
extern const TableProperty kParquetPageRows;
extern const TableProperty kParquetPageVersion;
extern const TableProperty kParquetDictionaryBytes;
extern const TableProperty kBloomColumnPrefix;
extern const TableProperty kBloomMaxBytes;
extern const TableProperty kBloomFppColumnPrefix;
extern const TableProperty kBloomNdvColumnPrefix;
extern const TableProperty kManifestCodec;
extern const TableProperty kManifestLevel;
extern const TableProperty kMetricsDefault;
extern const TableProperty kMetricsColumnPrefix;
extern const TableProperty kMetadataCodec;
extern const TableProperty kMetadataPreviousVersions;
extern const TableProperty kMetadataDeleteAfterCommit;
extern const TableProperty kDeleteMode;
extern const TableProperty kDeleteGranularity;
extern const TableProperty kGcEnabled;
extern const TableProperty kCommitRetries;
extern const TableProperty kCommitMinWaitMs;
extern const TableProperty kCommitMaxWaitMs;
extern const TableProperty kCommitTotalMs;
}  // namespace table_properties

/// Every property that floe acts on, by name.
std::span<const TableProperty* const> AllTableProperties();

/// The value of an integer (boolean, text) property, or its default. Throws
/// InvalidArgumentError naming the property, the value and what is possible.
int64_t IntegerProperty(const Properties& properties, const TableProperty& property);
bool BooleanProperty(const Properties& properties, const TableProperty& property);
std::string TextProperty(const Properties& properties, const TableProperty& property);

/// The same for one column, whose full name follows the property's name, which is a prefix.
bool BooleanOfColumn(const Properties& properties, const TableProperty& prefix,
                     std::string_view column);
/// Nothing if it is not set.
std::optional<int64_t> IntegerOfColumn(const Properties& properties,
                                       const TableProperty& prefix, std::string_view column);
/// Between 0 and 1, both excluded.
double ProbabilityOf(const Properties& properties, const TableProperty& prefix,
                     std::string_view column);

/// Checks the properties of a table that is to be created or written: those that floe acts on
/// must parse; those of Iceberg that ask for something floe can't do throw UnsupportedError;
/// an unknown one that begins with `floe.` throws InvalidArgumentError.
void CheckTableProperties(const Properties& properties);

}  // namespace floe::inline v0
