#include "floe/schema/name_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

void CheckFields(const std::vector<MappedField>& fields, std::set<int32_t>* ids) {
  std::set<std::string_view> names;
  for (const MappedField& field : fields) {
    for (const std::string& name : field.names) {
      if (!names.insert(name).second) {
        throw InvalidArgumentError(
            fmt::format("the name mapping has the name '{}' for two fields", name),
            {.column = name});
      }
    }
    if (field.field_id && !ids->insert(*field.field_id).second) {
      throw InvalidArgumentError(
          fmt::format("the name mapping has field id {} twice", *field.field_id));
    }
    CheckFields(field.fields, ids);
  }
}

MappedField MappingOf(const Field& field) {
  MappedField mapped{{field.name}, field.id, {}};
  for (const Field& inner : field.type.fields()) {
    mapped.fields.push_back(MappingOf(inner));
  }
  return mapped;
}

std::vector<MappedField> ReadFields(JsonValue& value);

MappedField ReadField(JsonValue& value) {
  std::optional<std::vector<std::string>> names;
  MappedField field;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "names") {
      names.emplace();
      member.ForEachElement([&](JsonValue& element) { names->push_back(element.AsString()); });
    } else if (key == "field-id") {
      if (!member.IsNull()) {
        field.field_id = member.AsInt32();
      }
    } else if (key == "fields") {
      if (!member.IsNull()) {
        field.fields = ReadFields(member);
      }
    } else {
      KeepExtra(key, member, &field.extras);
    }
  });
  field.names = value.Require(names, "names");
  return field;
}

std::vector<MappedField> ReadFields(JsonValue& value) {
  std::vector<MappedField> fields;
  value.ForEachElement([&](JsonValue& element) { fields.push_back(ReadField(element)); });
  return fields;
}

void WriteFields(const std::vector<MappedField>& fields, JsonWriter* writer) {
  writer->BeginArray();
  for (const MappedField& field : fields) {
    writer->BeginObject();
    if (field.field_id) {
      writer->Member("field-id", *field.field_id);
    }
    writer->Key("names").BeginArray();
    for (const std::string& name : field.names) {
      writer->String(name);
    }
    writer->EndArray();
    if (!field.fields.empty()) {
      writer->Key("fields");
      WriteFields(field.fields, writer);
    }
    writer->Extras(field.extras).EndObject();
  }
  writer->EndArray();
}

/// Takes `name` from whatever has it.
void FreeName(const std::string& name, std::vector<MappedField>* fields) {
  for (MappedField& field : *fields) {
    std::erase(field.names, name);
  }
}

/// Brings the mapping of the fields within `after`, a nested type, up to date.
void Evolve(const Type& after, const Schema& before, std::vector<MappedField>* fields) {
  for (const Field& field : after.fields()) {
    const Schema::Place* old = before.Find(field.id);
    if (old == nullptr) {
      FreeName(field.name, fields);
      fields->push_back(MappingOf(field));
      continue;
    }
    const auto mapped = std::ranges::find(*fields, field.id, &MappedField::field_id);
    if (mapped == fields->end()) {
      continue;
    }
    if (old->field->name != field.name) {
      FreeName(field.name, fields);
      mapped->names.push_back(field.name);
    }
    Evolve(field.type, before, &mapped->fields);
  }
}

}  // namespace

NameMapping::NameMapping(std::vector<MappedField> fields) : fields_(std::move(fields)) {
  std::set<int32_t> ids;
  CheckFields(fields_, &ids);
}

NameMapping NameMapping::Of(const Schema& schema) {
  std::vector<MappedField> fields;
  for (const Field& field : schema.fields()) {
    fields.push_back(MappingOf(field));
  }
  return NameMapping(std::move(fields));
}

NameMapping NameMapping::Parse(std::string json) {
  NameMapping mapping;
  JsonDocument document(std::move(json), "name mapping", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) {
    try {
      mapping = NameMapping(ReadFields(root));
    } catch (const ParseError&) {
      throw;
    } catch (const InvalidArgumentError& error) {
      root.Fail(error.message());
    }
  });
  return mapping;
}

const MappedField* NameMapping::FindAmong(const std::vector<MappedField>& fields,
                                          std::string_view name) {
  const auto found = std::ranges::find_if(fields, [&](const MappedField& field) {
    return std::ranges::find(field.names, name) != field.names.end();
  });
  return found == fields.end() ? nullptr : &*found;
}

const MappedField* NameMapping::Find(std::span<const std::string> path) const {
  const std::vector<MappedField>* fields = &fields_;
  const MappedField* found = nullptr;
  for (const std::string& name : path) {
    found = FindAmong(*fields, name);
    if (found == nullptr) {
      return nullptr;
    }
    fields = &found->fields;
  }
  return found;
}

NameMapping NameMapping::Evolved(const Schema& before, const Schema& after) const {
  std::vector<MappedField> fields = fields_;
  Evolve(after.root(), before, &fields);
  return NameMapping(std::move(fields));
}

std::string NameMapping::ToJson() const {
  JsonWriter writer;
  WriteFields(fields_, &writer);
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
