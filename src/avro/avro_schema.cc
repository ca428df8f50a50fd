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
    // A name with its namespace, or without it where that is clear.
    const size_t dot = name.rfind('.');
    auto found = named_.find(name);
    if (found == named_.end() && dot != std::string::npos) {
      found = named_.find(name.substr(dot + 1));
    }
    if (found == named_.end()) {
      value.Fail(fmt::format("'{}' is neither a primitive nor a type named before", name));
    }
    return found->second;
  }

  AvroSchemaPtr ReadObject(JsonValue& value) {
    auto schema = std::make_shared<AvroSchema>();
    ObjectMembers members;
    value.ForEachMember([&](std::string_view key, JsonValue& member) {
      ReadMember(key, member, &members, schema.get());
    });
    if (members.nested_type) {
      return members.nested_type;
    }
    FinishObject(value, members, schema.get());
    if (!members.name.empty()) {
      const size_t dot = members.name.rfind('.');
      named_[members.name.substr(dot == std::string::npos ? 0 : dot + 1)] = schema;
      if (!members.name_space.empty()) {
        members.name = members.name_space + "." + members.name;
      }
      named_[members.name] = schema;
    }
    return schema;
  }

  /// What an object says before it is known what it is.
  struct ObjectMembers {
    std::string type_name;
    AvroSchemaPtr nested_type;
    std::string name;
    std::string name_space;
    std::optional<int64_t> size;
    bool has_fields = false;
  };

  void ReadMember(std::string_view key, JsonValue& member, ObjectMembers* members,
                  AvroSchema* schema) {
    if (key == "type") {
      if (member.IsString()) {
        members->type_name = member.AsString();
      } else {
        members->nested_type = Read(member);  // {"type": {"type": "record", …}}
      }
    } else if (key == "name") {
      members->name = member.AsString();
    } else if (key == "namespace") {
      members->name_space = member.AsString();
    } else if (key == "fields") {
      members->has_fields = true;
      member.ForEachElement([&](JsonValue& f) { schema->fields.push_back(ReadField(f)); });
    } else if (key == "items" || key == "values") {
      schema->branches.push_back(Read(member));
    } else if (key == "symbols") {
      member.ForEachElement(
          [&](JsonValue& symbol) { schema->symbols.push_back(symbol.AsString()); });
    } else if (key == "size") {
      members->size = member.AsInt64();
    } else {
      ReadAttribute(key, member, schema);
    }
  }

  static void ReadAttribute(std::string_view key, JsonValue& member, AvroSchema* schema) {
    if (key == "logicalType") {
      schema->logical_type = member.AsString();
    } else if (key == "precision") {
      schema->precision = member.AsInt32();
    } else if (key == "scale") {
      schema->scale = member.AsInt32();
    } else if (key == "adjust-to-utc") {
      schema->adjust_to_utc = member.AsBool();
    } else if (key == "element-id") {
      schema->element_id = member.AsInt32();
    } else if (key == "key-id") {
      schema->key_id = member.AsInt32();
    } else if (key == "value-id") {
      schema->value_id = member.AsInt32();
    }
  }

  void FinishObject(const JsonValue& value, const ObjectMembers& members, AvroSchema* schema) {
    const std::string& type_name = members.type_name;
    if (type_name == "record") {
      schema->kind = AvroKind::kRecord;
      if (!members.has_fields) {
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
      schema->fixed_size = value.Require(members.size, "size");
      if (schema->fixed_size < 0) {
        value.Fail("a fixed of negative size");
      }
      schema->is_empty = schema->fixed_size == 0;
    } else if (type_name == "enum") {
      schema->kind = AvroKind::kEnum;
    } else {
      // A primitive with attributes of its own, such as a logical type.
      const AvroSchemaPtr named = ReadName(value, type_name);
      const auto kind = PrimitiveKind(type_name);
      if (kind) {
        schema->kind = *kind;
        schema->is_empty = named->is_empty;
      } else {
        *schema = *named;
      }
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
