#include "floe/commit/update_sort_order.h"

#include <algorithm>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/sort_order_editor.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

bool Has(const TableMetadata& metadata, const SortOrder& wanted) {
  return std::ranges::any_of(metadata.sort_orders, [&](const SortOrder& order) {
    return order.order_id == wanted.order_id && order.fields == wanted.fields;
  });
}

}  // namespace

SortOrderEditor UpdateSortOrder::EditorFor(const TableMetadata& metadata, bool case_sensitive) {
  return {metadata.schema(), metadata.sort_orders, case_sensitive};
}

AppliedChange UpdateSortOrder::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  SortOrderEditor editor = EditorFor(metadata, case_sensitive_);
  edit_(editor);
  applied_ = editor.Build();
  is_new_ = !Has(metadata, *applied_);
  if (applied_->order_id == metadata.default_sort_order_id) {
    return {};
  }
  AppliedChange change;
  change.requirements.emplace_back(AssertDefaultSortOrderId{metadata.default_sort_order_id});
  // The columns that it sorts by are those of this schema.
  change.requirements.emplace_back(AssertCurrentSchemaId{metadata.current_schema_id});
  if (is_new_) {
    change.updates.emplace_back(AddSortOrderUpdate{*applied_});
  }
  change.updates.emplace_back(
      SetDefaultSortOrderUpdate{is_new_ ? kLastAdded : applied_->order_id});
  return change;
}

bool UpdateSortOrder::IsIn(const TableMetadata& metadata) const {
  return !applied_ || (is_new_ ? Has(metadata, *applied_)
                               : metadata.default_sort_order_id == applied_->order_id);
}

}  // namespace floe::inline v0
