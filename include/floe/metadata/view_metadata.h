#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// A way in which a view's definition is expressed (view specification, "Representations").
struct ViewRepresentation {
  std::string type = "sql";
  std::string sql;      ///< empty unless `type` is "sql"
  std::string dialect;  ///< "spark", "trino"; empty unless `type` is "sql"
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras = {};
  bool operator==(const ViewRepresentation&) const = default;
};

/// A definition that a view has, or had.
struct ViewVersion {
  int32_t version_id = 1;
  int32_t schema_id = 0;
  int64_t timestamp_ms = 0;
  Properties summary;
  std::vector<ViewRepresentation> representations;
  /// Where the definition looks for what it names; nothing: the view's own catalog.
  std::optional<std::string> default_catalog;
  std::vector<std::string> default_namespace;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras = {};
  bool operator==(const ViewVersion&) const = default;
};

/// One line of the version log: the current version from `timestamp_ms` on.
struct ViewHistoryEntry {
  int64_t timestamp_ms = 0;
  int32_t version_id = 0;
  bool operator==(const ViewHistoryEntry&) const = default;
};

/// The view format versions that floe reads.
inline constexpr int kViewFormatVersion = 1;

/// Everything a view's metadata file says (view specification, "View Metadata"). A value.
struct ViewMetadata {
  std::string view_uuid;
  int format_version = kViewFormatVersion;
  std::string location;
  std::vector<SchemaPtr> schemas;
  int32_t current_version_id = 1;
  std::vector<ViewVersion> versions;
  std::vector<ViewHistoryEntry> version_log;
  Properties properties;
  /// Members floe does not know: written back as they are.
  std::vector<std::pair<std::string, std::string>> extras;

  const ViewVersion& current_version() const;
  /// Of the current version.
  const SchemaPtr& schema() const;
};

using ViewMetadataPtr = std::shared_ptr<const ViewMetadata>;

/// Reads a view's metadata; `location` names it in errors. Throws CorruptFileError for damage,
/// and for ids that are in no list; UnsupportedError for a later format version.
ViewMetadataPtr ParseViewMetadata(std::string text, const std::string& location);

std::string ViewMetadataToJson(const ViewMetadata& metadata);

/// A version as the REST specification has it. Throws ParseError.
std::string ViewVersionToJson(const ViewVersion& version);
ViewVersion ViewVersionFromJson(std::string text);

}  // namespace floe::inline v0
