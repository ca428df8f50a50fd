#include "floe/partition/sort_order.h"

#include <fmt/format.h>

#include <cstdint>

#include "floe/base/error.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

void CheckSortField(const SortField& field, const Schema& schema) {
  if (field.source_ids.size() != 1) {
    throw UnsupportedError(
        fmt::format("sort field '{}' is over {} columns; this version of floe can only make "
                    "sort orders whose fields are over one each",
                    field.transform, field.source_ids.size()));
  }
  const int32_t source_id = field.source_ids.front();
  const Schema::Place* source = schema.Find(source_id);
  if (source == nullptr) {
    throw InvalidArgumentError(fmt::format(
        "a sort field is over column id {}, which the schema does not have", source_id));
  }
  const Transform transform = Transform::Parse(field.transform);
  const Type& type = source->field->type;
  if (!type.is_primitive() || source->in_list_or_map || !transform.CanApplyTo(type)) {
    throw InvalidArgumentError(
        fmt::format("rows can't be sorted by {} of column '{}' of type {}{}",
                    transform.ToString(), source->full_name, type.ToString(),
                    source->in_list_or_map ? " inside a list or map" : ""),
        {.column = source->full_name});
  }
}

}  // namespace

void CheckSortOrder(const SortOrder& order, const Schema& schema) {
  for (const SortField& field : order.fields) {
    CheckSortField(field, schema);
  }
}

}  // namespace floe::inline v0
