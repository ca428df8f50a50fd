#include "avro/avro_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr std::array<std::string_view, 8> kPrimitiveNames = {
    "null", "boolean", "int", "long", "float", "double", "bytes", "string"};

std::optional<AvroKind> PrimitiveKind(std::string_view name) {
  for (size_t i = 0; i < kPrimitiveNames.size(); ++i) {
    if (kPrimitiveNames[i] == name) {
      return static_cast<AvroKind>(i);
    }
  }
  return std::nullopt;
}

/// Reads one schema; named types are remembered for later references.
class SchemaReader {
 public:
  AvroSchemaPtr Read(JsonValue& value) {
    if (value.IsString()) {
      return ReadName(value, value.AsString());
    }
    if (value.IsArray()) {
      auto schema = std::make_shared<AvroSchema>();
      schema->kind = AvroKind::kUnion;
      value.ForEachElement(
          [&](JsonValue& branch) { schema->branches.push_back(Read(branch)); });
      return schema;
    }
    return ReadObject(value);
  }

 private:
  AvroSchemaPtr ReadName(const JsonValue& value, const std::string& name) {
    if (const auto kind = PrimitiveKind(name)) {
      auto schema = std::make_shared<AvroSchema>();
      schema->kind = *kind;
      schema->is_empty = *kind == AvroKind::kNull;
      return schema;
    }
    const auto found = named_.find(name);
    if (found == named_.end()) {
      value.Fail(fmt::format("'{}' is neither a primitive nor a type named before", name));
    }
    return found->second;
  }

  AvroSchemaPtr ReadObject(JsonValue& value) {
    auto schema = std::make_shared<AvroSchema>();
    std::string type_name;
    AvroSchemaPtr nested_type;
    std::string name;
    std::optional<int64_t> size;
    bool has_fields = false;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "type") {
        if (member.IsString()) {
          type_name = member.AsString();
        } else {
          nested_type = Read(member);  // {"type": {"type": "record", …}}
        }
      } else if (key == "name") {
        name = member.AsString();
      } else if (key == "fields") {
        has_fields = true;
        member.ForEachElement([&](JsonValue& f) { schema->fields.push_back(ReadField(f)); });
      } else if (key == "items" || key == "values") {
        schema->branches.push_back(Read(member));
      } else if (key == "size") {
        size = member.AsInt64();
      }
    });
    if (nested_type) {
      return nested_type;
    }
    FinishObject(value, type_name, has_fields, size, schema.get());
    if (!name.empty()) {
      named_[name] = schema;
    }
    return schema;
  }

  void FinishObject(const JsonValue& value, const std::string& type_name, bool has_fields,
                    std::optional<int64_t> size, AvroSchema* schema) {
    if (type_name == "record") {
      schema->kind = AvroKind::kRecord;
      if (!has_fields) {
        value.Fail("a record without fields");
      }
      schema->is_empty = std::ranges::all_of(
          schema->fields, [](const AvroField& field) { return field.schema->is_empty; });
    } else if (type_name == "array" || type_name == "map") {
      schema->kind = type_name == "array" ? AvroKind::kArray : AvroKind::kMap;
      if (schema->branches.size() != 1) {
        value.Fail(fmt::format("{} without its element type", type_name));
      }
    } else if (type_name == "fixed") {
      schema->kind = AvroKind::kFixed;
      schema->fixed_size = value.Require(size, "size");
      if (schema->fixed_size < 0) {
        value.Fail("a fixed of negative size");
      }
      schema->is_empty = schema->fixed_size == 0;
    } else if (type_name == "enum") {
      schema->kind = AvroKind::kEnum;
    } else {
      *schema = *ReadName(value, type_name);
    }
  }

  AvroField ReadField(JsonValue& value) {
    AvroField field;
    std::optional<std::string> name;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      if (key == "name") {
        name = member.AsString();
      } else if (key == "type") {
        field.schema = Read(member);
      } else if (key == "field-id") {
        field.field_id = member.AsInt32();
      }
    });
    field.name = value.Require(name, "name");
    if (!field.schema) {
      value.Fail("member 'type' is missing");
    }
    return field;
  }

  std::map<std::string, AvroSchemaPtr> named_;
};

}  // namespace

AvroSchemaPtr ParseAvroSchema(std::string json, const std::string& location) {
  JsonDocument document(std::move(json), location + " (Avro schema)", JsonOrigin::kFile);
  AvroSchemaPtr schema;
  try {
    document.Read([&](JsonValue& root) { schema = SchemaReader().Read(root); });
  } catch (const CorruptFileError& error) {
    throw CorruptFileError(error.message(), {.path = location});
  }
  return schema;
}

}  // namespace floe::inline v0
