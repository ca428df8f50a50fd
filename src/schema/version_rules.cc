#include "floe/schema/version_rules.h"

#include <fmt/format.h>

#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

int FirstFormatVersion(const Type& type) {
  switch (type.id()) {
    case TypeId::kUnknown:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
    case TypeId::kGeometry:
    case TypeId::kGeography:
    case TypeId::kVariant:
      return kExtendedTypesVersion;
    default:
      return 1;
  }
}

void CheckTypesOfVersion(const Schema& schema, int format_version) {
  if (format_version >= kExtendedTypesVersion) {
    return;
  }
  for (const Schema::Place& place : schema.places()) {
    const Type& type = place.field->type;
    if (FirstFormatVersion(type) > format_version) {
      throw InvalidArgumentError(
          fmt::format(
              "column '{}' has type {}, which tables of Iceberg format version {} can't "
              "have; it takes version {}",
              place.full_name, type.ToString(), format_version, FirstFormatVersion(type)),
          {.column = place.full_name});
    }
  }
}

void CheckNewSchema(const Schema& schema, int format_version) {
  CheckTypesOfVersion(schema, format_version);
  for (const Schema::Place& place : schema.places()) {
    if (format_version < kExtendedTypesVersion && !place.field->initial_default.is_null()) {
      throw InvalidArgumentError(
          fmt::format("column '{}' has an initial default, which tables of Iceberg format "
                      "version {} can't have; it takes version {}",
                      place.full_name, format_version, kExtendedTypesVersion),
          {.column = place.full_name});
    }
  }
}

bool IsPromotion(const Type& from, const Type& to, int format_version) {
  if (from == to) {
    return true;
  }
  const bool extended = format_version >= kExtendedTypesVersion;
  switch (from.id()) {
    case TypeId::kUnknown:
      return extended;
    case TypeId::kDate:
      return extended && (to.id() == TypeId::kTimestamp || to.id() == TypeId::kTimestampNs);
    case TypeId::kInt:
      return to.id() == TypeId::kLong;
    case TypeId::kFloat:
      return to.id() == TypeId::kDouble;
    case TypeId::kDecimal:
      return to.id() == TypeId::kDecimal && from.scale() == to.scale() &&
             from.precision() <= to.precision();
    default:
      return false;
  }
}

}  // namespace floe::inline v0
