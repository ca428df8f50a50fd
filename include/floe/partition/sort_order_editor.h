#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "floe/partition/sort_order.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// A new default sort order for a table, field by field (specification, "Sorting"). It takes
/// the place of the one there is; without fields it is the unsorted order. One thread at a
/// time.
class SortOrderEditor {
 public:
  /// `orders` are all of the table's; `case_sensitive` is how columns are found by name.
  SortOrderEditor(SchemaPtr schema, std::vector<SortOrder> orders, bool case_sensitive);

  /// Sorts by a column, or what a transform makes of it, among rows that all fields before this
  /// one leave equal. Throws InvalidArgumentError naming the column and the rule: it is not
  /// there, is no primitive, is in a list or map, or the transform can't be applied to it.
  void AddField(const std::string& column, const Transform& transform, SortDirection direction,
                NullOrder null_order);

  /// The order. If the table has had one with the same fields, it is that one; else its id is a
  /// new one.
  SortOrder Build() const;

 private:
  SchemaPtr schema_;
  std::vector<SortOrder> orders_;
  bool case_sensitive_;
  std::vector<SortField> fields_;
};

}  // namespace floe::inline v0
