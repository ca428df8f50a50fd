#include "schema/schema_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "schema/value_json.h"

namespace floe::inline v0 {
namespace {

/// Reads a default whose text was met before the type may have been.
DefaultValue ReadDefault(const JsonValue& field, std::string_view member,
                         const std::string& raw, const Type& type) {
  if (raw.empty()) {
    return {};
  }
  const std::string what(member);
  const TypeId id = type.id();
  if (raw != "null" && (id == TypeId::kUnknown || id == TypeId::kVariant ||
                        id == TypeId::kGeometry || id == TypeId::kGeography)) {
    field.Fail(
        fmt::format("{}: a column of type {} can only default to null", what, type.ToString()));
  }
  try {
    return ValueFromJson(raw, type);
  } catch (const UnsupportedError& error) {
    field.FailUnsupported(what + ": " + error.message());
  } catch (const InvalidArgumentError& error) {
    field.Fail(what + ": " + error.message());
  }
}

Field ReadField(JsonValue& value) {
  std::optional<int32_t> id;
  std::optional<std::string> name;
  std::optional<Type> type;
  std::optional<bool> required;
  std::string doc;
  std::string initial_default;
  std::string write_default;
  JsonExtras extras;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "id") {
      id = member.AsInt32();
    } else if (key == "name") {
      name = member.AsString();
    } else if (key == "type") {
      type = ReadType(member);
    } else if (key == "required") {
      required = member.AsBool();
    } else if (key == "doc") {
      doc = member.IsNull() ? "" : member.AsString();
    } else if (key == "initial-default") {
      initial_default = member.AsRaw();
    } else if (key == "write-default") {
      write_default = member.AsRaw();
    } else {
      KeepExtra(key, member, &extras);
    }
  });
  Field field{value.Require(id, "id"),
              value.Require(name, "name"),
              value.Require(type, "type"),
              value.Require(required, "required"),
              std::move(doc),
              std::move(extras)};
  field.initial_default = ReadDefault(value, "initial-default", initial_default, field.type);
  field.write_default = ReadDefault(value, "write-default", write_default, field.type);
  return field;
}

std::vector<Field> ReadFields(JsonValue& value) {
  std::vector<Field> fields;
  value.ForEachElement([&](JsonValue& element) { fields.push_back(ReadField(element)); });
  return fields;
}

/// The members of a list or map object that describe one side of it.
struct Side {
  std::optional<int32_t> id;
  std::optional<Type> type;
  std::optional<bool> required;

  /// Takes `<name>-id`, `<name>` and `<name>-required`; false if `key` is none of them.
  bool Take(std::string_view name, std::string_view key, JsonValue& member) {
    if (!key.starts_with(name)) {
      return false;
    }
    const std::string_view rest = key.substr(name.size());
    if (rest.empty()) {
      type = ReadType(member);
    } else if (rest == "-id") {
      id = member.AsInt32();
    } else if (rest == "-required") {
      required = member.AsBool();
    } else {
      return false;
    }
    return true;
  }

  Field Build(std::string_view name, const JsonValue& object, bool always_required) const {
    const std::string prefix(name);
    return Field{object.Require(id, prefix + "-id"),
                 prefix,
                 object.Require(type, prefix),
                 always_required || object.Require(required, prefix + "-required"),
                 "",
                 {}};
  }
};

Type ReadNestedType(JsonValue& value) {
  std::optional<std::string> kind;
  std::optional<std::vector<Field>> fields;
  Side element;
  Side key_side;
  Side value_side;
  JsonExtras extras;
  const auto with_extras = [&](const Type& type) {
    return extras.empty() ? type : type.WithExtras(std::move(extras));
  };
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "type") {
      kind = member.AsString();
    } else if (key == "fields") {
      fields = ReadFields(member);
    } else if (!element.Take("element", key, member) && !key_side.Take("key", key, member) &&
               !value_side.Take("value", key, member)) {
      KeepExtra(key, member, &extras);
    }
  });
  const std::string& name = value.Require(kind, "type");
  if (name == "struct") {
    return with_extras(Type::Struct(value.Require(fields, "fields")));
  }
  if (name == "list") {
    return with_extras(Type::List(element.Build("element", value, false)));
  }
  if (name == "map") {
    return with_extras(
        Type::Map(key_side.Build("key", value, true), value_side.Build("value", value, false)));
  }
  value.Fail(fmt::format("expected type struct, list or map, found '{}'", name));
}

void WriteDefault(std::string_view name, const DefaultValue& value, const Type& type,
                  JsonWriter* writer) {
  if (!value.is_null()) {
    writer->Key(name);
    WriteValue(value.value(), type, writer);
  }
}

void WriteFields(const std::vector<Field>& fields, JsonWriter* writer) {
  writer->Key("fields").BeginArray();
  for (const Field& field : fields) {
    writer->BeginObject().Member("id", field.id).Member("name", field.name);
    writer->Key("required").Bool(field.required).Key("type");
    WriteType(field.type, writer);
    if (!field.doc.empty()) {
      writer->Member("doc", field.doc);
    }
    WriteDefault("initial-default", field.initial_default, field.type, writer);
    WriteDefault("write-default", field.write_default, field.type, writer);
    writer->Extras(field.extras).EndObject();
  }
  writer->EndArray();
}

void WriteSide(std::string_view name, const Field& field, bool with_required,
               JsonWriter* writer) {
  const std::string prefix(name);
  writer->Member(prefix + "-id", field.id).Key(name);
  WriteType(field.type, writer);
  if (with_required) {
    writer->Key(prefix + "-required").Bool(field.required);
  }
}

}  // namespace

Type ReadType(JsonValue& value) {
  if (!value.IsString()) {
    return ReadNestedType(value);
  }
  const std::string text = value.AsString();
  try {
    return ParsePrimitiveType(text);
  } catch (const InvalidArgumentError& error) {
    value.Fail(error.message());
  }
}

void WriteType(const Type& type, JsonWriter* writer) {
  switch (type.id()) {
    case TypeId::kStruct:
      writer->BeginObject().Member("type", "struct");
      WriteFields(type.fields(), writer);
      writer->Extras(type.extras()).EndObject();
      return;
    case TypeId::kList:
      writer->BeginObject().Member("type", "list");
      WriteSide("element", type.fields()[0], true, writer);
      writer->Extras(type.extras()).EndObject();
      return;
    case TypeId::kMap:
      writer->BeginObject().Member("type", "map");
      WriteSide("key", type.fields()[0], false, writer);
      WriteSide("value", type.fields()[1], true, writer);
      writer->Extras(type.extras()).EndObject();
      return;
    default:
      writer->String(type.ToString());
  }
}

Schema ReadSchema(JsonValue& value) {
  std::optional<std::vector<Field>> fields;
  int32_t schema_id = 0;
  std::vector<int32_t> identifiers;
  JsonExtras extras;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "fields") {
      fields = ReadFields(member);
    } else if (key == "schema-id") {
      schema_id = member.AsInt32();
    } else if (key == "identifier-field-ids") {
      member.ForEachElement(
          [&](JsonValue& element) { identifiers.push_back(element.AsInt32()); });
    } else if (key == "type") {
      if (member.AsString() != "struct") {
        value.Fail("a schema's type is struct");
      }
    } else {
      KeepExtra(key, member, &extras);
    }
  });
  try {
    return Schema(value.Require(fields, "fields"), schema_id, std::move(identifiers),
                  std::move(extras));
  } catch (const InvalidArgumentError& error) {
    value.Fail(error.message());
  }
}

void WriteSchema(const Schema& schema, JsonWriter* writer) {
  writer->BeginObject().Member("type", "struct").Member("schema-id", schema.schema_id());
  if (!schema.identifier_field_ids().empty()) {
    writer->Key("identifier-field-ids").BeginArray();
    for (const int32_t id : schema.identifier_field_ids()) {
      writer->Int(id);
    }
    writer->EndArray();
  }
  WriteFields(schema.fields(), writer);
  writer->Extras(schema.extras()).EndObject();
}

std::string SchemaToJson(const Schema& schema) {
  JsonWriter writer;
  WriteSchema(schema, &writer);
  return std::move(writer).Take();
}

std::string TypeToJson(const Type& type) {
  JsonWriter writer;
  WriteType(type, &writer);
  return std::move(writer).Take();
}

Schema SchemaFromJson(std::string text) {
  std::optional<Schema> schema;
  JsonDocument document(std::move(text), "schema", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) { schema.emplace(ReadSchema(root)); });
  return *std::move(schema);
}

}  // namespace floe::inline v0
