#include "floe/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "schema/describe_columns.h"
#include "schema/field_ids.h"

namespace floe::inline v0 {
namespace {

/// Throws unless a default is one that the field's type may have.
void CheckDefault(const DefaultValue& value, std::string_view kind,
                  const Schema::Place& place) {
  if (value.is_null()) {
    return;
  }
  const Type& type = place.field->type;
  switch (type.id()) {
    case TypeId::kUnknown:
    case TypeId::kVariant:
    case TypeId::kGeometry:
    case TypeId::kGeography:
      throw InvalidArgumentError(
          fmt::format("the {} default of column '{}' can only be null, as its type is {}", kind,
                      place.full_name, type.ToString()),
          {.column = place.full_name});
    case TypeId::kStruct:
      if (!value.value().parts().empty()) {
        throw InvalidArgumentError(
            fmt::format(
                "the {} default of struct '{}' has fields; it can only be null or {{}}, "
                "as the fields have defaults of their own",
                kind, place.full_name),
            {.column = place.full_name});
      }
      return;
    default:
      return;
  }
}

void CheckField(const Schema::Place& place) {
  if (place.field->id < 1) {
    throw InvalidArgumentError(fmt::format("column '{}' has the field id {}; ids are 1 and up",
                                           place.full_name, place.field->id),
                               {.column = place.full_name});
  }
  if (place.field->type.id() == TypeId::kUnknown && place.field->required) {
    throw InvalidArgumentError(
        fmt::format("column '{}' of type unknown is required; as all its values are null, it "
                    "has to be optional",
                    place.full_name),
        {.column = place.full_name});
  }
  CheckDefault(place.field->initial_default, "initial", place);
  CheckDefault(place.field->write_default, "write", place);
}

}  // namespace

Schema::Schema(std::vector<Field> fields, int32_t schema_id,
               std::vector<int32_t> identifier_field_ids,
               std::vector<std::pair<std::string, std::string>> extras)
    : schema_id_(schema_id),
      root_(Type::Struct(std::move(fields))),
      identifier_field_ids_(std::move(identifier_field_ids)),
      extras_(std::move(extras)) {
  Index(root_, nullptr);
  for (size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    CheckField(place);
    if (!by_id_.emplace(place.field->id, i).second) {
      throw InvalidArgumentError(
          fmt::format("field id {} is used by two columns: '{}' and '{}'", place.field->id,
                      places_[by_id_.at(place.field->id)].full_name, place.full_name),
          {.column = place.full_name});
    }
    if (!by_name_.emplace(place.full_name, i).second) {
      throw InvalidArgumentError(
          fmt::format("two columns have the same name '{}'", place.full_name),
          {.column = place.full_name});
    }
    highest_field_id_ = std::max(highest_field_id_, place.field->id);
  }
  for (const int32_t id : identifier_field_ids_) {
    CheckIdentifier(id);
  }
}

void Schema::CheckIdentifier(int32_t id) const {
  const Place* place = Find(id);
  if (place == nullptr) {
    throw InvalidArgumentError(
        fmt::format("identifier field {} is not a column of the schema", id));
  }
  const auto fail = [place](std::string_view problem) {
    throw InvalidArgumentError(
        fmt::format("column '{}' can't be an identifier field: {}", place->full_name, problem),
        {.column = place->full_name});
  };
  const TypeId type = place->field->type.id();
  if (!place->field->type.is_primitive()) {
    fail("its type is not primitive");
  }
  if (type == TypeId::kFloat || type == TypeId::kDouble) {
    fail("floating-point numbers don't identify rows");
  }
  if (place->in_list_or_map) {
    fail("it lies in a list or map");
  }
  for (const Place* at = place; at != nullptr; at = Find(at->parent_id)) {
    if (!at->field->required) {
      fail(at == place ? std::string("it is optional")
                       : fmt::format("it lies in the optional struct '{}'", at->full_name));
    }
  }
}

void Schema::Index(const Type& parent, const Place* above) {
  const bool in_list_or_map =
      (above != nullptr && above->in_list_or_map) || parent.id() != TypeId::kStruct;
  const int32_t parent_id = above == nullptr ? 0 : above->field->id;
  const std::string prefix = above == nullptr ? "" : above->full_name + ".";
  const std::vector<int> path = above == nullptr ? std::vector<int>{} : above->path;
  for (size_t i = 0; i < parent.fields().size(); ++i) {
    const Field& field = parent.fields()[i];
    Place place{&field, prefix + field.name, parent_id, in_list_or_map, path};
    place.path.push_back(static_cast<int>(i));
    places_.push_back(place);
    Index(field.type, &place);
  }
}

const Schema::Place* Schema::Find(int32_t field_id) const {
  const auto found = by_id_.find(field_id);
  return found == by_id_.end() ? nullptr : &places_[found->second];
}

const Schema::Place* Schema::Find(std::string_view full_name, bool case_sensitive) const {
  const auto found = by_name_.find(std::string(full_name));
  if (found != by_name_.end()) {
    return &places_[found->second];
  }
  if (!case_sensitive) {
    for (const Place& place : places_) {
      if (EqualsIgnoringCase(place.full_name, full_name)) {
        return &place;
      }
    }
  }
  return nullptr;
}

Schema Schema::WithId(int32_t schema_id) const {
  Schema copy = *this;
  copy.schema_id_ = schema_id;
  return copy;
}

bool Schema::SameColumns(const Schema& other) const {
  return root_ == other.root_ && identifier_field_ids_ == other.identifier_field_ids_;
}

namespace {

/// Whether the field or any below it is wanted.
bool IsWanted(const Field& field, const std::set<int32_t>& wanted) {
  return wanted.contains(field.id) ||
         std::ranges::any_of(field.type.fields(),
                             [&](const Field& inner) { return IsWanted(inner, wanted); });
}

/// `type` reduced to the fields whose ids are in `wanted`, and what lies above them. A list or
/// map keeps its sides.
Type Prune(const Type& type, const std::set<int32_t>& wanted) {
  std::vector<Field> kept;
  for (const Field& field : type.fields()) {
    if (type.id() == TypeId::kStruct && !IsWanted(field, wanted)) {
      continue;
    }
    kept.push_back(field);
    if (!wanted.contains(field.id) && IsWanted(field, wanted)) {
      kept.back().type = Prune(field.type, wanted);
    }
  }
  return WithFields(type, std::move(kept));
}

}  // namespace

Schema SelectColumns(const Schema& schema, const std::vector<std::string>& full_names,
                     bool case_sensitive) {
  std::set<int32_t> wanted;
  for (const std::string& name : full_names) {
    const Schema::Place* place = schema.Find(name, case_sensitive);
    if (place == nullptr) {
      throw InvalidArgumentError(
          fmt::format("no column '{}' in the schema; {}", name, DescribeColumns(schema, name)),
          {.column = name});
    }
    wanted.insert(place->field->id);
  }
  return Schema(Prune(schema.root(), wanted).fields(), schema.schema_id());
}

Schema AssignFreshIds(const Schema& schema) {
  int32_t last_id = 0;
  std::vector<Field> fields = NumberFields(schema.fields(), &last_id);
  Schema numbered(std::move(fields), schema.schema_id());
  std::vector<int32_t> identifiers;
  for (const int32_t id : schema.identifier_field_ids()) {
    identifiers.push_back(numbered.Find(schema.Find(id)->full_name)->field->id);
  }
  return Schema(numbered.fields(), schema.schema_id(), std::move(identifiers), schema.extras());
}

}  // namespace floe::inline v0
