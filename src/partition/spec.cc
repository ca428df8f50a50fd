#include "floe/partition/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// As HTML forms encode: letters, digits and `.-_*` stay, a blank is `+`, the rest is `%XX`.
std::string UrlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '*';
    if (plain) {
      out.push_back(c);
    } else if (c == ' ') {
      out.push_back('+');
    } else {
      out += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return out;
}

/// The result type of a transform that does not need its source's type to be known.
std::optional<Type> FixedResultType(const Transform& transform) {
  switch (transform.kind()) {
    case Transform::Kind::kBucket:
    case Transform::Kind::kYear:
    case Transform::Kind::kMonth:
    case Transform::Kind::kHour:
      return Type::Of(TypeId::kInt);
    case Transform::Kind::kDay:
      return Type::Of(TypeId::kDate);
    default:
      return std::nullopt;
  }
}

const Schema::Place* FindAnywhere(int32_t id, const Schema& schema,
                                  const std::vector<SchemaPtr>& older) {
  if (const Schema::Place* place = schema.Find(id)) {
    return place;
  }
  for (auto it = older.rbegin(); it != older.rend(); ++it) {
    if (const Schema::Place* place = (*it)->Find(id)) {
      return place;
    }
  }
  return nullptr;
}

void CheckField(const PartitionField& field, const Schema& schema) {
  const Schema::Place* source = schema.Find(field.source_id);
  if (source == nullptr) {
    throw InvalidArgumentError(
        fmt::format("partition field '{}' is over column id {}, which the schema does not have",
                    field.name, field.source_id),
        {.column = field.name});
  }
  if (!field.transform.CanApplyTo(source->field->type) || source->in_list_or_map) {
    throw InvalidArgumentError(
        fmt::format("partition field '{}': transform {} can't be applied to column '{}' of "
                    "type {}{}",
                    field.name, field.transform.ToString(), source->full_name,
                    source->field->type.ToString(),
                    source->in_list_or_map ? " inside a list or map" : ""),
        {.column = source->full_name});
  }
  const Schema::Place* same_name = schema.Find(field.name);
  if (same_name != nullptr && (same_name->field->id != field.source_id ||
                               field.transform.kind() != Transform::Kind::kIdentity)) {
    throw InvalidArgumentError(
        fmt::format("partition field '{}' has the name of a column that it is not the same as; "
                    "give it another name",
                    field.name),
        {.column = field.name});
  }
}

}  // namespace

std::string PartitionKey(const PartitionValues& values) {
  std::string key;
  for (const std::optional<Literal>& value : values) {
    const std::string bytes = value ? value->ToBytes() : "";
    AppendLittleEndian(value ? static_cast<uint32_t>(bytes.size()) : ~uint32_t{0}, &key);
    key += bytes;
  }
  return key;
}

bool PartitionSpec::is_unpartitioned() const {
  return std::ranges::all_of(fields_, [](const PartitionField& field) {
    return field.transform.kind() == Transform::Kind::kVoid;
  });
}

int32_t PartitionSpec::highest_field_id() const {
  int32_t highest = kFirstPartitionFieldId - 1;
  for (const PartitionField& field : fields_) {
    highest = std::max(highest, field.field_id);
  }
  return highest;
}

std::string PartitionSpec::PathOf(const PartitionValues& values) const {
  Check(values.size() == fields_.size(), "a partition has a value for each field");
  std::string path;
  for (size_t i = 0; i < fields_.size(); ++i) {
    path += fmt::format("{}{}={}", i == 0 ? "" : "/", UrlEncode(fields_[i].name),
                        UrlEncode(fields_[i].transform.ToHumanString(values[i])));
  }
  return path;
}

Type PartitionType(const PartitionSpec& spec, const Schema& schema,
                   const std::vector<SchemaPtr>& older) {
  std::vector<Field> fields;
  for (const PartitionField& field : spec.fields()) {
    const Schema::Place* source = FindAnywhere(field.source_id, schema, older);
    std::optional<Type> type = FixedResultType(field.transform);
    if (!type && source != nullptr) {
      type = field.transform.ResultType(source->field->type);
    }
    fields.push_back({field.field_id,
                      field.name,
                      std::move(type).value_or(Type::Of(TypeId::kUnknown)),
                      false,
                      "",
                      {}});
  }
  return Type::Struct(std::move(fields));
}

void CheckWritable(const PartitionSpec& spec, const Schema& schema, const Type& type) {
  for (size_t i = 0; i < spec.fields().size(); ++i) {
    const PartitionField& field = spec.fields()[i];
    if (field.transform.is_unknown()) {
      throw UnsupportedError(
          fmt::format("partition field '{}' has the transform {}{}, which this version of floe "
                      "does not know; write with the engine that made it, or replace the field "
                      "in the table's partition spec",
                      field.name, field.transform.ToString(),
                      field.source_ids.empty() ? "" : " of several columns"),
          {.column = field.name});
    }
    const Schema::Place* source = schema.Find(field.source_id);
    const bool is_void = field.transform.kind() == Transform::Kind::kVoid;
    if (type.fields()[i].type.id() == TypeId::kUnknown && !is_void && source == nullptr) {
      throw UnsupportedError(
          fmt::format("partition field '{}' is made from column id {}, which is in none of the "
                      "table's schemas; rewrite its files with the engine that wrote them",
                      field.name, field.source_id),
          {.column = field.name});
    }
    if (!is_void && source != nullptr && !field.transform.CanApplyTo(source->field->type)) {
      throw UnsupportedError(
          fmt::format("partition field '{}' is {} of column '{}', whose type is {}: that can't "
                      "be computed; replace the field in the table's partition spec",
                      field.name, field.transform.ToString(), source->full_name,
                      source->field->type.ToString()),
          {.column = source->full_name});
    }
  }
}

PartitionSpec MakePartitionSpec(const PartitionSpec& wanted, const Schema& schema) {
  std::vector<PartitionField> fields = wanted.fields();
  int32_t last_id = std::max(wanted.highest_field_id(), kFirstPartitionFieldId - 1);
  std::set<std::string> names;
  std::set<std::pair<int32_t, std::string>> sources;
  for (PartitionField& field : fields) {
    CheckField(field, schema);
    if (!names.insert(field.name).second) {
      throw InvalidArgumentError(
          fmt::format("two partition fields have the name '{}'", field.name),
          {.column = field.name});
    }
    if (!sources.emplace(field.source_id, field.transform.ToString()).second) {
      throw InvalidArgumentError(
          fmt::format("partition field '{}' repeats transform {} of the same column",
                      field.name, field.transform.ToString()),
          {.column = field.name});
    }
    if (field.field_id == 0) {
      field.field_id = ++last_id;
    }
  }
  return {wanted.spec_id(), std::move(fields)};
}

}  // namespace floe::inline v0
