#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Whether a format version writes a field.
enum class Presence : uint8_t { kAbsent, kOptional, kRequired };

/// A field of manifests or manifest lists, as the tables of the specification have it.
struct ManifestField {
  int32_t id;
  std::string_view name;
  std::string_view doc;
  std::array<Presence, 3> presence;  ///< in versions 1, 2, 3

  bool is_required_in(int format_version) const {
    return presence[static_cast<size_t>(format_version - 1)] == Presence::kRequired;
  }
};

/// @name Fields that a format version writes, in their order
/// @{
std::vector<ManifestField> ManifestEntryFields(int format_version);
std::vector<ManifestField> DataFileFields(int format_version);
std::vector<ManifestField> ManifestFileFields(int format_version);
/// @}

/// @name All fields of all versions, and names that some of them had before
/// @{
std::span<const ManifestField> KnownEntryFields();
std::span<const ManifestField> KnownDataFileFields();
std::span<const ManifestField> KnownManifestFileFields();
std::span<const ManifestField> KnownSummaryFields();
/// @}

/// Avro schema of a manifest whose files have partition values of `partition_type`.
std::string ManifestSchemaJson(int format_version, const Type& partition_type);
/// Avro schema of a manifest list.
std::string ManifestListSchemaJson(int format_version);

}  // namespace floe::inline v0
