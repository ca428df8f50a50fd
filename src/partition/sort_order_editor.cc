#include "floe/partition/sort_order_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "schema/describe_columns.h"

namespace floe::inline v0 {

SortOrderEditor::SortOrderEditor(SchemaPtr schema, std::vector<SortOrder> orders,
                                 bool case_sensitive)
    : schema_(std::move(schema)), orders_(std::move(orders)), case_sensitive_(case_sensitive) {}

void SortOrderEditor::AddField(const std::string& column, const Transform& transform,
                               SortDirection direction, NullOrder null_order) {
  const Schema::Place* source = schema_->Find(column, case_sensitive_);
  if (source == nullptr) {
    throw InvalidArgumentError(
        fmt::format("rows can't be sorted by {} of column '{}': there is no such column; {}",
                    transform.ToString(), column, DescribeColumns(*schema_, column)),
        {.column = column});
  }
  SortField field{.source_ids = {source->field->id},
                  .transform = transform.ToString(),
                  .direction = direction,
                  .null_order = null_order};
  CheckSortOrder({.fields = {field}}, *schema_);
  fields_.push_back(std::move(field));
}

SortOrder SortOrderEditor::Build() const {
  int32_t order_id = kUnsortedOrderId;
  for (const SortOrder& order : orders_) {
    if (order.fields == fields_) {
      return order;
    }
    order_id = std::max(order_id, order.order_id);
  }
  return {.order_id = fields_.empty() ? kUnsortedOrderId : order_id + 1, .fields = fields_};
}

}  // namespace floe::inline v0
