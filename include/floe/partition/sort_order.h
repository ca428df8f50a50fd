#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Order id of rows in no order (specification, "Sorting").
inline constexpr int32_t kUnsortedOrderId = 0;

enum class SortDirection : uint8_t { kAscending, kDescending };

enum class NullOrder : uint8_t { kFirst, kLast };

struct SortField {
  /// Ids of the columns; more than one only for a transform of several.
  std::vector<int32_t> source_ids;
  /// As the specification writes it, "identity" or "bucket[4]". In a table's metadata it may be
  /// one that floe does not know.
  std::string transform;
  SortDirection direction = SortDirection::kAscending;
  NullOrder null_order = NullOrder::kFirst;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const SortField&) const = default;
};

/// How rows are to be sorted in a table's files. floe writes rows in the order they come in,
/// and its files say so; orders are for other engines. A value.
struct SortOrder {
  int32_t order_id = kUnsortedOrderId;
  std::vector<SortField> fields;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;

  bool is_unsorted() const { return fields.empty(); }
  bool operator==(const SortOrder&) const = default;
};

/// Checks an order that a table is to have against its schema: its columns are there, are
/// primitive and in no list or map, and its transforms can be applied to them. Throws
/// InvalidArgumentError naming the column, UnsupportedError for a transform of several columns.
void CheckSortOrder(const SortOrder& order, const Schema& schema);

std::string SortOrderToJson(const SortOrder& order);
/// Throws ParseError.
SortOrder SortOrderFromJson(std::string text);

}  // namespace floe::inline v0
