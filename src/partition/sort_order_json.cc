#include "partition/sort_order_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/partition/sort_order.h"

namespace floe::inline v0 {
namespace {

SortDirection ReadDirection(JsonValue& value) {
  const std::string text = value.AsString();
  if (text != "asc" && text != "desc") {
    value.Fail(fmt::format("expected asc or desc, found '{}'", text));
  }
  return text == "asc" ? SortDirection::kAscending : SortDirection::kDescending;
}

NullOrder ReadNullOrder(JsonValue& value) {
  const std::string text = value.AsString();
  if (text != "nulls-first" && text != "nulls-last") {
    value.Fail(fmt::format("expected nulls-first or nulls-last, found '{}'", text));
  }
  return text == "nulls-first" ? NullOrder::kFirst : NullOrder::kLast;
}

SortField ReadSortField(JsonValue& value) {
  SortField field;
  std::optional<std::string> transform;
  std::optional<SortDirection> direction;
  std::optional<NullOrder> null_order;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "source-id") {
      field.source_ids = {member.AsInt32()};
    } else if (key == "source-ids") {
      field.source_ids.clear();
      member.ForEachElement([&](JsonValue& id) { field.source_ids.push_back(id.AsInt32()); });
    } else if (key == "transform") {
      transform = member.AsString();
    } else if (key == "direction") {
      direction = ReadDirection(member);
    } else if (key == "null-order") {
      null_order = ReadNullOrder(member);
    } else {
      KeepExtra(key, member, &field.extras);
    }
  });
  if (field.source_ids.empty()) {
    value.Fail("member 'source-id' is missing");
  }
  field.transform = value.Require(transform, "transform");
  field.direction = value.Require(direction, "direction");
  field.null_order = value.Require(null_order, "null-order");
  return field;
}

void WriteSortField(const SortField& field, JsonWriter* writer) {
  writer->BeginObject().Member("transform", field.transform);
  if (field.source_ids.size() == 1) {
    writer->Member("source-id", field.source_ids.front());
  } else {
    writer->Key("source-ids").BeginArray();
    for (const int32_t id : field.source_ids) {
      writer->Int(id);
    }
    writer->EndArray();
  }
  writer->Member("direction", field.direction == SortDirection::kAscending ? "asc" : "desc");
  writer->Member("null-order",
                 field.null_order == NullOrder::kFirst ? "nulls-first" : "nulls-last");
  writer->Extras(field.extras).EndObject();
}

}  // namespace

SortOrder ReadSortOrder(JsonValue& value) {
  SortOrder order;
  std::optional<int32_t> id;
  std::optional<std::vector<SortField>> fields;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "order-id") {
      id = member.AsInt32();
    } else if (key == "fields") {
      fields.emplace();
      member.ForEachElement(
          [&](JsonValue& element) { fields->push_back(ReadSortField(element)); });
    } else {
      KeepExtra(key, member, &order.extras);
    }
  });
  order.order_id = value.Require(id, "order-id");
  order.fields = value.Require(fields, "fields");
  return order;
}

void WriteSortOrder(const SortOrder& order, JsonWriter* writer) {
  writer->BeginObject().Member("order-id", order.order_id).Key("fields").BeginArray();
  for (const SortField& field : order.fields) {
    WriteSortField(field, writer);
  }
  writer->EndArray().Extras(order.extras).EndObject();
}

std::string SortOrderToJson(const SortOrder& order) {
  JsonWriter writer;
  WriteSortOrder(order, &writer);
  return std::move(writer).Take();
}

SortOrder SortOrderFromJson(std::string text) {
  SortOrder order;
  JsonDocument document(std::move(text), "sort order", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) { order = ReadSortOrder(root); });
  return order;
}

}  // namespace floe::inline v0
