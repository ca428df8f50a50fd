#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/partition/sort_order.h"

namespace floe::inline v0 {

/// Reads an order, `{"order-id": …, "fields": […]}` (specification, appendix C).
SortOrder ReadSortOrder(JsonValue& value);
void WriteSortOrder(const SortOrder& order, JsonWriter* writer);

}  // namespace floe::inline v0
