#include "floe/schema/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/schema/type.h"
#include "schema/value_json.h"

namespace floe::inline v0 {

Value Value::Struct(std::vector<std::pair<int32_t, Value>> fields) {
  Value value;
  value.is_nested_ = true;
  for (auto& [id, part] : fields) {
    value.field_ids_.push_back(id);
    value.parts_.push_back(std::move(part));
  }
  return value;
}

Value Value::List(std::vector<Value> elements) {
  Value value;
  value.is_nested_ = true;
  value.parts_ = std::move(elements);
  return value;
}

Value Value::Map(std::vector<Value> keys, std::vector<Value> values) {
  Check(keys.size() == values.size(), "a map has as many values as keys");
  std::ranges::move(values, std::back_inserter(keys));
  return List(std::move(keys));
}

namespace {

/// A part of something nested; `field` says what it is and whether it may be null.
Value ReadPart(JsonValue& json, const Field& field) {
  Value part = ReadValue(json, field.type);
  if (part.is_null() && field.required) {
    json.Fail(fmt::format("'{}' is required, and can't be null", field.name));
  }
  return part;
}

std::vector<Value> ReadParts(JsonValue& json, const Field& field) {
  std::vector<Value> parts;
  json.ForEachElement([&](JsonValue& element) { parts.push_back(ReadPart(element, field)); });
  return parts;
}

Value ReadStruct(JsonValue& json, const Type& type) {
  std::vector<std::pair<int32_t, Value>> fields;
  json.ForEachMember([&](std::string_view key, JsonValue& member) {
    int32_t id = 0;
    const auto [end, error] = std::from_chars(key.begin(), key.end(), id);
    const auto field = std::ranges::find(type.fields(), id, &Field::id);
    if (error != std::errc() || end != key.end() || field == type.fields().end()) {
      json.Fail(fmt::format("'{}' is not the id of a field of {}", key, type.ToString()));
    }
    fields.emplace_back(id, ReadPart(member, *field));
  });
  return Value::Struct(std::move(fields));
}

Value ReadMap(JsonValue& json, const Type& type) {
  std::optional<std::vector<Value>> keys;
  std::optional<std::vector<Value>> values;
  json.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "keys") {
      keys = ReadParts(member, type.fields()[0]);
    } else if (key == "values") {
      values = ReadParts(member, type.fields()[1]);
    }
  });
  if (json.Require(keys, "keys").size() != json.Require(values, "values").size()) {
    json.Fail(fmt::format("{} keys and {} values", keys->size(), values->size()));
  }
  return Value::Map(*std::move(keys), *std::move(values));
}

void WriteParts(const std::vector<Value>& parts, size_t begin, size_t end, const Type& type,
                JsonWriter* writer) {
  writer->BeginArray();
  for (size_t i = begin; i < end; ++i) {
    WriteValue(parts[i], type, writer);
  }
  writer->EndArray();
}

void WriteStruct(const Value& value, const Type& type, JsonWriter* writer) {
  writer->BeginObject();
  for (size_t i = 0; i < value.parts().size(); ++i) {
    const auto field = std::ranges::find(type.fields(), value.field_ids()[i], &Field::id);
    Check(field != type.fields().end(), "a struct's value has fields of its type");
    writer->Key(fmt::to_string(field->id));
    WriteValue(value.parts()[i], field->type, writer);
  }
  writer->EndObject();
}

}  // namespace

Value ReadValue(JsonValue& json, const Type& type) {
  if (json.IsNull()) {
    return {};
  }
  switch (type.id()) {
    case TypeId::kStruct:
      return ReadStruct(json, type);
    case TypeId::kList:
      return Value::List(ReadParts(json, type.fields()[0]));
    case TypeId::kMap:
      return ReadMap(json, type);
    default:
      return ReadLiteral(json, type);
  }
}

void WriteValue(const Value& value, const Type& type, JsonWriter* writer) {
  if (value.is_null()) {
    writer->Null();
    return;
  }
  const size_t size = value.parts().size();
  switch (type.id()) {
    case TypeId::kStruct:
      WriteStruct(value, type, writer);
      return;
    case TypeId::kList:
      WriteParts(value.parts(), 0, size, type.fields()[0].type, writer);
      return;
    case TypeId::kMap:
      writer->BeginObject().Key("keys");
      WriteParts(value.parts(), 0, size / 2, type.fields()[0].type, writer);
      writer->Key("values");
      WriteParts(value.parts(), size / 2, size, type.fields()[1].type, writer);
      writer->EndObject();
      return;
    default:
      WriteLiteral(*value.literal(), writer);
  }
}

std::string ValueToJson(const Value& value, const Type& type) {
  JsonWriter writer;
  WriteValue(value, type, &writer);
  return std::move(writer).Take();
}

Value ValueFromJson(std::string_view json, const Type& type) {
  // The parser takes a document that is an array or object.
  JsonDocument document(fmt::format("[{}]", json), "value", JsonOrigin::kArgument);
  std::vector<Value> values;
  document.Read([&](JsonValue& root) {
    root.ForEachElement(
        [&](JsonValue& element) { values.push_back(ReadValue(element, type)); });
    if (values.size() != 1) {
      root.Fail("expected one value");
    }
  });
  return std::move(values[0]);
}

}  // namespace floe::inline v0
