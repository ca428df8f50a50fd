#include "partition/spec_json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/base/error.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"

namespace floe::inline v0 {
namespace {

Transform ReadTransform(JsonValue& value) {
  const std::string text = value.AsString();
  try {
    return Transform::Parse(text);
  } catch (const ParseError& error) {
    if (value.is_in_file()) {  // one that only its writer knows
      return Transform::Unknown(text);
    }
    value.Fail(error.message());
  } catch (const InvalidArgumentError& error) {
    value.Fail(error.message());
  }
}

/// Reads a field; one without an id, which version 1 allows, gets `id_if_missing`.
PartitionField ReadPartitionField(JsonValue& value, std::optional<int32_t> id_if_missing,
                                  bool* is_id_missing) {
  std::optional<int32_t> source_id;
  std::optional<int32_t> field_id;
  std::optional<std::string> name;
  std::optional<Transform> transform;
  std::vector<int32_t> source_ids;
  JsonExtras extras;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "source-id") {
      source_id = member.AsInt32();
    } else if (key == "field-id") {
      field_id = member.AsInt32();
    } else if (key == "name") {
      name = member.AsString();
    } else if (key == "transform") {
      transform = ReadTransform(member);
    } else if (key == "source-ids") {
      source_ids.clear();
      member.ForEachElement(
          [&](JsonValue& element) { source_ids.push_back(element.AsInt32()); });
    } else {
      KeepExtra(key, member, &extras);
    }
  });
  *is_id_missing = !field_id;
  if (!source_ids.empty()) {
    source_id = source_ids[0];
  }
  PartitionField field{value.Require(source_id, "source-id"),
                       value.Require(field_id ? field_id : id_if_missing, "field-id"),
                       value.Require(name, "name"), value.Require(transform, "transform"),
                       std::move(extras)};
  if (source_ids.size() > 1) {
    if (!value.is_in_file()) {
      value.Fail("a transform of several columns, which this version of floe can't apply");
    }
    // Whatever its name: floe knows no transform of several columns.
    field.transform = Transform::Unknown(field.transform.ToString());
    field.source_ids = std::move(source_ids);
  }
  return field;
}

}  // namespace

std::vector<PartitionField> ReadPartitionFields(JsonValue& value, int format_version) {
  std::vector<PartitionField> fields;
  bool first_has_no_id = false;
  value.ForEachElement([&](JsonValue& element) {
    const auto index = static_cast<int32_t>(fields.size());
    std::optional<int32_t> id_if_missing;
    if (format_version == 1 && (index == 0 || first_has_no_id)) {
      id_if_missing = kFirstPartitionFieldId + index;
    }
    bool has_no_id = false;
    fields.push_back(ReadPartitionField(element, id_if_missing, &has_no_id));
    if (index == 0) {
      first_has_no_id = has_no_id;
    } else if (has_no_id != first_has_no_id) {
      element.Fail("it has a 'field-id', and fields before it have none");
    }
  });
  return fields;
}

PartitionSpec ReadPartitionSpec(JsonValue& value, int format_version) {
  int32_t spec_id = 0;
  std::optional<std::vector<PartitionField>> fields;
  JsonExtras extras;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "spec-id") {
      spec_id = member.AsInt32();
    } else if (key == "fields") {
      fields = ReadPartitionFields(member, format_version);
    } else {
      KeepExtra(key, member, &extras);
    }
  });
  return {spec_id, value.Require(fields, "fields"), std::move(extras)};
}

void WritePartitionFields(const std::vector<PartitionField>& fields, JsonWriter* writer) {
  writer->BeginArray();
  for (const PartitionField& field : fields) {
    writer->BeginObject();
    if (field.source_ids.empty()) {
      writer->Member("source-id", field.source_id);
    } else {
      writer->Key("source-ids").BeginArray();
      for (const int32_t id : field.source_ids) {
        writer->Int(id);
      }
      writer->EndArray();
    }
    writer->Member("field-id", field.field_id).Member("name", field.name);
    writer->Member("transform", field.transform.ToString());
    writer->Extras(field.extras).EndObject();
  }
  writer->EndArray();
}

void WritePartitionSpec(const PartitionSpec& spec, JsonWriter* writer) {
  writer->BeginObject().Member("spec-id", spec.spec_id()).Key("fields");
  WritePartitionFields(spec.fields(), writer);
  writer->Extras(spec.extras()).EndObject();
}

std::string PartitionSpecToJson(const PartitionSpec& spec) {
  JsonWriter writer;
  WritePartitionSpec(spec, &writer);
  return std::move(writer).Take();
}

PartitionSpec PartitionSpecFromJson(std::string text) {
  std::optional<PartitionSpec> spec;
  JsonDocument document(std::move(text), "partition spec", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) { spec.emplace(ReadPartitionSpec(root)); });
  return *std::move(spec);
}

}  // namespace floe::inline v0
