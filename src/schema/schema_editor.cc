#include "floe/schema/schema_editor.h"

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

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "floe/schema/version_rules.h"
#include "schema/describe_columns.h"
#include "schema/field_defaults.h"
#include "schema/field_ids.h"

namespace floe::inline v0 {
namespace {

constexpr int32_t kRoot = 0;

/// Throws for a change that can't be; `change` begins the message: "can't rename column 'a'".
[[noreturn]] void Refuse(const std::string& change, std::string_view why,
                         const std::string& column) {
  throw SchemaEvolutionError(fmt::format("{}: {}", change, why), {.column = column});
}

[[noreturn]] void RefuseIncompatible(const std::string& change, std::string_view why,
                                     const std::string& column) {
  throw IncompatibleSchemaChangeError(fmt::format("{}: {}", change, why), {.column = column});
}

std::string Joined(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

}  // namespace

SchemaEditor::SchemaEditor(SchemaPtr base, Options options)
    : base_(std::move(base)), options_(options), last_id_(options.last_column_id) {}

const Schema::Place* SchemaEditor::FindInBase(const std::string& name) const {
  return base_->Find(name, options_.case_sensitive);
}

std::optional<int32_t> SchemaEditor::FindAdded(const std::string& name) const {
  const auto found = std::ranges::find_if(added_ids_, [&](const auto& item) {
    return item.first == name ||
           (!options_.case_sensitive && EqualsIgnoringCase(item.first, name));
  });
  return found == added_ids_.end() ? std::nullopt : std::optional(found->second);
}

bool SchemaEditor::IsDeleted(const Schema::Place& place) const {
  const Schema::Place* at = &place;
  while (at != nullptr && !deleted_.contains(at->field->id)) {
    at = base_->Find(at->parent_id);
  }
  return at != nullptr;
}

void SchemaEditor::CheckNotInKey(const std::string& change, const Schema::Place& place) const {
  const Schema::Place* at = &place;
  while (const Schema::Place* above = base_->Find(at->parent_id)) {
    if (above->field->type.id() == TypeId::kMap &&
        above->field->type.fields()[0].id == at->field->id) {
      RefuseIncompatible(
          change,
          fmt::format("'{}' is in the key of map '{}', and keys don't change, as "
                      "that would change which are equal",
                      place.full_name, above->full_name),
          place.full_name);
    }
    at = above;
  }
}

const Schema::Place& SchemaEditor::RequireInBase(const std::string& change,
                                                 const std::string& name) const {
  const Schema::Place* place = FindInBase(name);
  if (place == nullptr) {
    Refuse(change, "there is no such column; " + DescribeColumns(*base_, name), name);
  }
  if (IsDeleted(*place)) {
    Refuse(change, "the same update deletes it", place->full_name);
  }
  CheckNotInKey(change, *place);
  return *place;
}

Field& SchemaEditor::ForUpdate(const std::string& change, const std::string& name) {
  const Schema::Place* place = FindInBase(name);
  const std::optional<int32_t> added = FindAdded(name);
  if (added && (place == nullptr || IsDeleted(*place))) {
    auto& among = added_.at(added_owners_.at(*added));
    return *std::ranges::find_if(among, [&](const Field& field) { return field.id == *added; });
  }
  const Field& field = *RequireInBase(change, name).field;
  return updated_.try_emplace(field.id, field).first->second;
}

int32_t SchemaEditor::StructFor(const std::string& change, const std::string& parent) const {
  if (parent.empty()) {
    return kRoot;
  }
  const Schema::Place& place = RequireInBase(change, parent);
  const Field* field = place.field;
  if (field->type.id() == TypeId::kList) {
    field = field->type.fields().data();
  } else if (field->type.id() == TypeId::kMap) {
    field = &field->type.fields()[1];
  }
  if (field->type.id() != TypeId::kStruct) {
    Refuse(change,
           fmt::format("'{}' is of type {}, which has no columns", parent,
                       place.field->type.ToString()),
           parent);
  }
  return field->id;
}

/// A default as a value of its column's type.
DefaultValue SchemaEditor::FittingDefault(const std::string& change, const std::string& column,
                                          const DefaultValue& value, const Type& type) const {
  if (value.is_null()) {
    return value;
  }
  auto fitting = ValueOfType(value.value(), type);
  if (!fitting) {
    Refuse(change,
           fmt::format("its default is no value of type {}; it can be null, or such a value",
                       type.ToString()),
           column);
  }
  return *std::move(fitting);
}

void SchemaEditor::AddColumn(const std::string& parent, const NewColumn& column) {
  const std::string full_name = Joined(parent, column.name);
  const std::string change = fmt::format("can't add column '{}'", full_name);
  if (column.name.empty()) {
    Refuse(change, "a column needs a name", full_name);
  }
  const int32_t owner = StructFor(change, parent);
  const Schema::Place* owner_place = base_->Find(owner);
  const std::string in_struct =
      Joined(owner_place == nullptr ? "" : owner_place->full_name, column.name);
  const Schema::Place* same_name = FindInBase(in_struct);
  if ((same_name != nullptr && !IsDeleted(*same_name)) || FindAdded(in_struct)) {
    Refuse(change,
           fmt::format("a column of that name exists{}",
                       same_name == nullptr
                           ? ""
                           : fmt::format(": '{}' of type {}", same_name->full_name,
                                         same_name->field->type.ToString())),
           full_name);
  }
  if (!column.initial_default.is_null() && options_.format_version < kExtendedTypesVersion) {
    Refuse(change,
           fmt::format("its default would be an initial default, for the rows that are there, "
                       "which tables of format version {} can't have; upgrade the table to "
                       "version {}, or add the column without a default and set that for later "
                       "rows",
                       options_.format_version, kExtendedTypesVersion),
           full_name);
  }
  if (column.required && column.initial_default.is_null() && !options_.allow_incompatible) {
    RefuseIncompatible(change,
                       "it is required, and the rows that are there have no value for it; make "
                       "it optional, give it a default (in format version 3), or allow "
                       "incompatible changes",
                       full_name);
  }
  Field field{0, column.name, column.type, column.required, column.doc, {}};
  field.initial_default = FittingDefault(change, full_name, column.initial_default, field.type);
  field.write_default = FittingDefault(change, full_name, column.write_default, field.type);
  field.id = ++last_id_;
  field.type = NumberType(field.type, &last_id_);
  added_ids_[in_struct] = field.id;
  added_ids_.emplace(full_name, field.id);
  added_owners_[field.id] = owner;
  added_[owner].push_back(std::move(field));
}

void SchemaEditor::DeleteColumn(const std::string& name) {
  const std::string change = fmt::format("can't delete column '{}'", name);
  const Schema::Place& place = RequireInBase(change, name);
  const Schema::Place* above = base_->Find(place.parent_id);
  if (above != nullptr && above->field->type.id() != TypeId::kStruct) {
    Refuse(change,
           fmt::format("it is part of '{}' of type {}; delete that", above->full_name,
                       above->field->type.ToString()),
           place.full_name);
  }
  const int32_t id = place.field->id;
  if (updated_.contains(id)) {
    Refuse(change, "the same update changes it", place.full_name);
  }
  for (const auto& [owner, fields] : added_) {
    const Schema::Place* at = base_->Find(owner);
    while (at != nullptr && at->field->id != id) {
      at = base_->Find(at->parent_id);
    }
    if (at != nullptr) {
      Refuse(change, fmt::format("the same update adds '{}' to it", fields.front().name),
             place.full_name);
    }
  }
  deleted_.insert(id);
}

void SchemaEditor::RenameColumn(const std::string& name, const std::string& new_name) {
  const std::string change = fmt::format("can't rename column '{}' to '{}'", name, new_name);
  if (new_name.empty()) {
    Refuse(change, "a column needs a name", name);
  }
  const Schema::Place& place = RequireInBase(change, name);
  const Schema::Place* above = base_->Find(place.parent_id);
  if (above != nullptr && above->field->type.id() != TypeId::kStruct) {
    Refuse(change,
           fmt::format("part of a {} has no name of its own",
                       above->field->type.id() == TypeId::kList ? "list" : "map"),
           place.full_name);
  }
  ForUpdate(change, name).name = new_name;
}

void SchemaEditor::UpdateType(const std::string& name, const Type& type) {
  const std::string change =
      fmt::format("can't change the type of column '{}' to {}", name, type.ToString());
  Field& field = ForUpdate(change, name);
  if (field.type == type) {
    return;
  }
  const std::string from = field.type.ToString();
  if (field.type.is_nested() || type.is_nested()) {
    RefuseIncompatible(change,
                       fmt::format("it is of type {}; only types without columns in them can "
                                   "change, others by the columns in them",
                                   from),
                       name);
  }
  if (!IsPromotion(field.type, type, options_.format_version)) {
    RefuseIncompatible(change,
                       fmt::format("it is of type {}, whose values that type does not hold; a "
                                   "type can change to a wider one: int to long, float to "
                                   "double, a decimal to one of more digits and the same scale",
                                   from),
                       name);
  }
  field.initial_default = FittingDefault(change, name, field.initial_default, type);
  field.write_default = FittingDefault(change, name, field.write_default, type);
  field.type = type;
}

void SchemaEditor::UpdateDefault(const std::string& name, const DefaultValue& write_default) {
  const std::string change = fmt::format("can't change the default of column '{}'", name);
  const Schema::Place* place = FindInBase(name);
  const Schema::Place* above = place == nullptr ? nullptr : base_->Find(place->parent_id);
  if (above != nullptr && above->field->type.id() != TypeId::kStruct) {
    Refuse(change,
           fmt::format("part of a {} has none",
                       above->field->type.id() == TypeId::kList ? "list" : "map"),
           place->full_name);
  }
  Field& field = ForUpdate(change, name);
  if (field.required && write_default.is_null() && !field.write_default.is_null() &&
      !options_.allow_incompatible) {
    RefuseIncompatible(change,
                       "it is required, and rows that are written without it would have no "
                       "value; make it optional, or allow incompatible changes",
                       name);
  }
  field.write_default = FittingDefault(change, name, write_default, field.type);
}

Type SchemaEditor::TypeOf(const std::string& name) const {
  SchemaEditor copy = *this;
  return copy.ForUpdate(fmt::format("can't tell the type of column '{}'", name), name).type;
}

void SchemaEditor::UpdateDoc(const std::string& name, const std::string& doc) {
  ForUpdate(fmt::format("can't describe column '{}'", name), name).doc = doc;
}

void SchemaEditor::MakeOptional(const std::string& name) {
  ForUpdate(fmt::format("can't make column '{}' optional", name), name).required = false;
}

void SchemaEditor::MakeRequired(const std::string& name) {
  const std::string change = fmt::format("can't make column '{}' required", name);
  Field& field = ForUpdate(change, name);
  if (!field.required && !options_.allow_incompatible) {
    RefuseIncompatible(change,
                       "it is optional, and rows that are there may have nulls in it; allow "
                       "incompatible changes if you know that none has",
                       name);
  }
  field.required = true;
}

int32_t SchemaEditor::FindForMove(const std::string& change, const std::string& name) const {
  const Schema::Place* place = FindInBase(name);
  if (place != nullptr && !IsDeleted(*place)) {
    CheckNotInKey(change, *place);
    return place->field->id;
  }
  if (const std::optional<int32_t> added = FindAdded(name)) {
    return *added;
  }
  if (place != nullptr) {
    Refuse(change, fmt::format("the same update deletes '{}'", name), name);
  }
  Refuse(change,
         fmt::format("there is no column '{}'; {}", name, DescribeColumns(*base_, name)), name);
}

int32_t SchemaEditor::OwnerOf(int32_t field_id) const {
  const auto added = added_owners_.find(field_id);
  return added != added_owners_.end() ? added->second : base_->Find(field_id)->parent_id;
}

void SchemaEditor::AddMove(const std::string& change, Move move) {
  const int32_t owner = OwnerOf(move.field_id);
  const Schema::Place* above = base_->Find(owner);
  const std::string column = above == nullptr ? "" : above->full_name;
  if (above != nullptr && above->field->type.id() != TypeId::kStruct) {
    Refuse(change, fmt::format("'{}' is no struct", above->full_name), column);
  }
  if (move.kind != Move::Kind::kFirst) {
    if (move.field_id == move.other_id) {
      Refuse(change, "they are the same column", column);
    }
    if (OwnerOf(move.other_id) != owner) {
      Refuse(change, "they are in different structs, and a column stays in its own", column);
    }
  }
  moves_[owner].push_back(move);
}

void SchemaEditor::MoveFirst(const std::string& name) {
  const std::string change = fmt::format("can't move column '{}' to the front", name);
  AddMove(change, {FindForMove(change, name), Move::Kind::kFirst, 0});
}

void SchemaEditor::MoveBefore(const std::string& name, const std::string& before) {
  const std::string change = fmt::format("can't move column '{}' before '{}'", name, before);
  AddMove(change,
          {FindForMove(change, name), Move::Kind::kBefore, FindForMove(change, before)});
}

void SchemaEditor::MoveAfter(const std::string& name, const std::string& after) {
  const std::string change = fmt::format("can't move column '{}' behind '{}'", name, after);
  AddMove(change, {FindForMove(change, name), Move::Kind::kAfter, FindForMove(change, after)});
}

void SchemaEditor::SetIdentifierFields(std::vector<std::string> names) {
  identifier_names_ = std::move(names);
}

/// Compares a schema with the base, and makes the changes that the base needs.
class SchemaEditor::Union {
 public:
  explicit Union(SchemaEditor* editor) : editor_(*editor) {}

  /// Columns of a struct; `parent` is its full name in the base. What is missing further down
  /// is added first, as other engines number new columns.
  void AddFields(const std::string& parent, const Type& theirs, const Type& ours) {
    const auto match = [&](const Field& field) {
      return std::ranges::find_if(ours.fields(), [&](const Field& mine) {
        return mine.name == field.name ||
               (!editor_.options_.case_sensitive && EqualsIgnoringCase(mine.name, field.name));
      });
    };
    const auto missing = ours.fields().end();
    for (const Field& field : theirs.fields()) {
      if (const auto mine = match(field); mine != missing) {
        Descend(Joined(parent, mine->name), field.type, mine->type);
      }
    }
    for (const Field& field : theirs.fields()) {
      if (const auto mine = match(field); mine != missing) {
        Widen(Joined(parent, mine->name), field, *mine);
      } else {
        editor_.AddColumn(parent, {field.name, field.type, false, field.doc,
                                   field.initial_default, field.write_default});
      }
    }
  }

 private:
  static bool BothNested(const Type& theirs, const Type& ours) {
    return ours.is_nested() && theirs.id() == ours.id();
  }

  void Descend(const std::string& name, const Type& theirs, const Type& ours) {
    if (!BothNested(theirs, ours)) {
      return;
    }
    if (ours.id() == TypeId::kStruct) {
      AddFields(name, theirs, ours);
      return;
    }
    for (size_t i = 0; i < ours.fields().size(); ++i) {
      const Field& mine = ours.fields()[i];
      const Field& other = theirs.fields()[i];
      const bool is_key = ours.id() == TypeId::kMap && i == 0;
      if (!is_key || !Fits(other.type, mine.type)) {
        Descend(Joined(name, mine.name), other.type, mine.type);
        Widen(Joined(name, mine.name), other, mine);
      }
    }
  }

  /// What a column itself needs, not what is in it.
  void Widen(const std::string& name, const Field& theirs, const Field& ours) {
    if (ours.required && !theirs.required) {
      editor_.MakeOptional(name);
    }
    if (!theirs.doc.empty() && theirs.doc != ours.doc) {
      editor_.UpdateDoc(name, theirs.doc);
    }
    if (!BothNested(theirs.type, ours.type) &&
        !IsPromotion(theirs.type, ours.type, editor_.options_.format_version)) {
      editor_.UpdateType(name, theirs.type);
    }
  }

  /// Whether values of a key's type are values of ours, so that nothing is to be changed.
  bool Fits(const Type& theirs, const Type& ours) const {
    if (!theirs.is_nested() && !ours.is_nested()) {
      return IsPromotion(theirs, ours, editor_.options_.format_version);
    }
    return theirs.id() == ours.id() && theirs.fields().size() == ours.fields().size() &&
           std::ranges::equal(theirs.fields(), ours.fields(),
                              [&](const Field& a, const Field& b) {
                                return a.name == b.name && Fits(a.type, b.type);
                              });
  }

  SchemaEditor& editor_;
};

void SchemaEditor::UnionByName(const Schema& other) {
  SchemaEditor tried = *this;
  Union(&tried).AddFields("", other.root(), base_->root());
  *this = std::move(tried);
}

Field SchemaEditor::Updated(const Field& field) const {
  const auto updated = updated_.find(field.id);
  return updated == updated_.end() ? field : updated->second;
}

Type SchemaEditor::BuildType(const Type& type, int32_t owner_id) const {
  if (!type.is_nested()) {
    return type;
  }
  if (type.id() == TypeId::kStruct) {
    return BuildStruct(type, owner_id);
  }
  std::vector<Field> fields;
  for (const Field& field : type.fields()) {
    fields.push_back(Updated(field));
    fields.back().type = BuildType(fields.back().type, field.id);
  }
  return WithFields(type, std::move(fields));
}

Type SchemaEditor::BuildStruct(const Type& type, int32_t owner_id) const {
  std::vector<Field> fields;
  for (const Field& field : type.fields()) {
    if (!deleted_.contains(field.id)) {
      fields.push_back(Updated(field));
      fields.back().type = BuildType(fields.back().type, field.id);
    }
  }
  if (const auto added = added_.find(owner_id); added != added_.end()) {
    fields.insert(fields.end(), added->second.begin(), added->second.end());
  }
  const auto with_id = [&](int32_t id) {
    return std::ranges::find_if(fields, [&](const Field& field) { return field.id == id; });
  };
  const auto moves = moves_.find(owner_id);
  for (const Move& move : moves == moves_.end() ? std::vector<Move>{} : moves->second) {
    const auto from = with_id(move.field_id);
    if (from == fields.end()) {
      continue;  // deleted after it was moved
    }
    Field moved = std::move(*from);
    fields.erase(from);
    auto to = fields.begin();
    if (move.kind != Move::Kind::kFirst) {
      to = with_id(move.other_id);
      to += to != fields.end() && move.kind == Move::Kind::kAfter ? 1 : 0;
    }
    fields.insert(to, std::move(moved));
  }
  return WithFields(type, std::move(fields));
}

void SchemaEditor::CheckIdentifiersKept(const Schema& schema) const {
  for (const int32_t id : base_->identifier_field_ids()) {
    const std::string& name = base_->Find(id)->full_name;
    const Schema::Place* place = schema.Find(id);
    constexpr std::string_view kWhy =
        "it is an identifier field; say in the same update which columns are";
    if (place == nullptr) {
      Refuse(fmt::format("can't delete column '{}'", name), kWhy, name);
    }
    if (!place->field->required) {
      Refuse(fmt::format("can't make column '{}' optional", name), kWhy, name);
    }
  }
}

void SchemaEditor::CheckIdentifier(const Schema& schema, const Schema::Place& place) {
  const std::string change =
      fmt::format("can't make column '{}' an identifier field", place.full_name);
  const Type& type = place.field->type;
  if (!type.is_primitive() || type.id() == TypeId::kFloat || type.id() == TypeId::kDouble) {
    Refuse(change,
           fmt::format("it is of type {}; no float, double, struct, list or map can be one",
                       type.ToString()),
           place.full_name);
  }
  if (place.in_list_or_map) {
    Refuse(change, "it is in a list or map, so that a row has more than one of it",
           place.full_name);
  }
  for (const Schema::Place* at = &place; at != nullptr; at = schema.Find(at->parent_id)) {
    if (!at->field->required) {
      Refuse(change,
             fmt::format("'{}' is optional, and identifiers are required", at->full_name),
             place.full_name);
    }
  }
}

std::vector<int32_t> SchemaEditor::BuildIdentifiers(const Schema& schema) const {
  if (!identifier_names_) {
    CheckIdentifiersKept(schema);
    return base_->identifier_field_ids();
  }
  std::set<int32_t> ids;
  for (const std::string& name : *identifier_names_) {
    const Schema::Place* place = schema.Find(name, options_.case_sensitive);
    if (place == nullptr) {  // by its name before it was renamed
      const Schema::Place* before = FindInBase(name);
      place = before == nullptr ? nullptr : schema.Find(before->field->id);
    }
    if (place == nullptr) {
      Refuse(fmt::format("can't make column '{}' an identifier field", name),
             "there is no such column; " + DescribeColumns(schema, name), name);
    }
    CheckIdentifier(schema, *place);
    ids.insert(place->field->id);
  }
  return {ids.begin(), ids.end()};
}

Schema SchemaEditor::Build() const {
  std::vector<Field> fields = BuildStruct(base_->root(), kRoot).fields();
  std::optional<Schema> columns;
  try {
    columns.emplace(fields, base_->schema_id());
  } catch (const InvalidArgumentError& error) {  // two of the same name
    throw SchemaEvolutionError("can't change the schema so: " + error.message(),
                               error.details());
  }
  return Schema(std::move(fields), base_->schema_id(), BuildIdentifiers(*columns),
                base_->extras());
}

}  // namespace floe::inline v0
