#pragma once

#include <cstdint>
#include <optional>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// `table` widened so that data of the columns `input` fits: columns that `table` lacks (found
/// by name, at every depth) are added at the end as optional, with ids after `last_column_id`;
/// types are promoted where the input's is wider and a table of `format_version` allows it.
/// Nothing is removed, narrowed or made required; types that can't be promoted stay, for the
/// writer to report. The result has the id of `table`. Nothing if there is nothing to change.
std::optional<Schema> UnionByName(const Schema& table, const Type& input,
                                  int32_t last_column_id, int format_version = 2);

}  // namespace floe::inline v0
