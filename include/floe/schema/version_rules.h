#pragma once

#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Version that added unknown, variant, nanosecond and geospatial types, and defaults.
inline constexpr int kExtendedTypesVersion = 3;

/// The first format version that has a type: 1 or 3. What is nested in it is not looked at.
int FirstFormatVersion(const Type& type);

/// Throws InvalidArgumentError naming the column (at any depth) whose type a table of
/// `format_version` can't have.
void CheckTypesOfVersion(const Schema& schema, int format_version);

/// For a schema that is about to be added to a table: checks its types, and that it has no
/// initial defaults before version 3, whose readers would not know of them.
void CheckNewSchema(const Schema& schema, int format_version);

/// True if a column of `from` may become `to` in a table of `format_version` without rewriting
/// data (specification, "Schema Evolution"); and if they are equal. In version 3 also unknown
/// to anything, date to timestamp and timestamp_ns. Who reads files takes that version, as a
/// table may have been upgraded since.
bool IsPromotion(const Type& from, const Type& to, int format_version);

}  // namespace floe::inline v0
