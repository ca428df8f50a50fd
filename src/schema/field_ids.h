#pragma once

#include <cstdint>
#include <vector>

#include "floe/schema/type.h"

namespace floe::inline v0 {

/// `like`, a nested type, with other fields: as many as a list (one) or map (two) has.
Type WithFields(const Type& like, std::vector<Field> fields);

/// The fields with ids after `*last_id`, level by level as Iceberg numbers a new table's
/// columns: all of one struct before those within them.
std::vector<Field> NumberFields(std::vector<Field> fields, int32_t* last_id);
Type NumberType(const Type& type, int32_t* last_id);

}  // namespace floe::inline v0
