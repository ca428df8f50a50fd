#include "floe/partition/spec_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "schema/describe_columns.h"

namespace floe::inline v0 {
namespace {

[[noreturn]] void Refuse(std::string_view change, std::string_view why, std::string_view name) {
  throw InvalidArgumentError(fmt::format("{}: {}", change, why), {.column = std::string(name)});
}

bool IsTime(const Transform& transform) {
  switch (transform.kind()) {
    case Transform::Kind::kYear:
    case Transform::Kind::kMonth:
    case Transform::Kind::kDay:
    case Transform::Kind::kHour:
      return true;
    default:
      return false;
  }
}

std::string DefaultName(const std::string& column, const Transform& transform) {
  switch (transform.kind()) {
    case Transform::Kind::kIdentity:
      return column;
    case Transform::Kind::kBucket:
      return fmt::format("{}_bucket_{}", column, transform.parameter());
    case Transform::Kind::kTruncate:
      return fmt::format("{}_trunc_{}", column, transform.parameter());
    case Transform::Kind::kVoid:
      return column + "_null";
    default:
      return column + "_" + transform.ToString();
  }
}

bool IsVoid(const PartitionField& field) {
  return field.transform.kind() == Transform::Kind::kVoid;
}

}  // namespace

SpecEditor::SpecEditor(PartitionSpecPtr base, SchemaPtr schema,
                       std::vector<PartitionSpecPtr> specs, Options options)
    : base_(std::move(base)),
      schema_(std::move(schema)),
      specs_(std::move(specs)),
      options_(options),
      last_id_(options.last_partition_id) {}

const PartitionField* SpecEditor::FindInBase(std::string_view name) const {
  const auto found = std::ranges::find_if(
      base_->fields(), [&](const PartitionField& field) { return field.name == name; });
  return found == base_->fields().end() ? nullptr : &*found;
}

bool SpecEditor::IsAdded(std::string_view name) const {
  return std::ranges::any_of(added_,
                             [&](const PartitionField& field) { return field.name == name; });
}

bool SpecEditor::IsRemoved(const PartitionField& field) const {
  const auto position = static_cast<int32_t>(&field - base_->fields().data());
  return std::ranges::find(removed_, position) != removed_.end();
}

PartitionField SpecEditor::MakeField(const Schema::Place& source, const Transform& transform,
                                     const std::optional<std::string>& name) {
  const int32_t source_id = source.field->id;
  if (options_.format_version > 1) {  // version 1 numbers the fields of a spec without gaps
    const auto is_free = [&](int32_t id) {  // a void field may have it, since version 1
      return std::ranges::none_of(base_->fields(), [&](const PartitionField& field) {
        return field.field_id == id && !IsRemoved(field);
      });
    };
    for (const PartitionSpecPtr& spec : specs_) {
      for (const PartitionField& field : spec->fields()) {
        if (field.source_id == source_id && field.transform == transform &&
            (!name || field.name == *name) && is_free(field.field_id)) {
          return {source_id, field.field_id, field.name, transform, {}};
        }
      }
    }
  }
  return {source_id,
          ++last_id_,
          name.value_or(DefaultName(source.full_name, transform)),
          transform,
          {}};
}

/// A field of the base that has the name of one that is added gives way, if it is void.
void SpecEditor::FreeName(const std::string& change, const PartitionField& added) {
  const PartitionField* taken = FindInBase(added.name);
  if (taken == nullptr || (IsRemoved(*taken) && options_.format_version > 1)) {
    return;
  }
  if (!IsVoid(*taken) && !IsRemoved(*taken)) {
    Refuse(change,
           fmt::format("a field of that name exists, {} of column id {}",
                       taken->transform.ToString(), taken->source_id),
           added.name);
  }
  renamed_.emplace_back(taken->name, fmt::format("{}_{}", taken->name, taken->field_id));
}

void SpecEditor::AddField(const std::string& column, const Transform& transform,
                          const std::optional<std::string>& name) {
  const std::string change =
      fmt::format("can't add partition field {} of column '{}'", transform.ToString(), column);
  const Schema::Place* source = schema_->Find(column, options_.case_sensitive);
  if (source == nullptr) {
    Refuse(change, "there is no such column; " + DescribeColumns(*schema_, column), column);
  }
  if (!transform.CanApplyTo(source->field->type) || source->in_list_or_map) {
    Refuse(change,
           source->in_list_or_map ? std::string("it is in a list or map")
                                  : fmt::format("that can't be applied to type {}",
                                                source->field->type.ToString()),
           column);
  }
  const auto same = [&](const PartitionField& field) {
    return field.source_id == source->field->id && field.transform == transform;
  };
  for (const PartitionField& field : base_->fields()) {
    if (same(field) && !IsRemoved(field)) {
      Refuse(change, fmt::format("field '{}' is the same", field.name), column);
    }
  }
  if (name && name->empty()) {
    Refuse(change, "a field needs a name", column);
  }
  for (const PartitionField& field : added_) {
    const bool both_time =
        field.source_id == source->field->id && IsTime(transform) && IsTime(field.transform);
    if (same(field) || both_time) {
      Refuse(change,
             fmt::format("the same update adds '{}'{}", field.name,
                         same(field) ? "" : ", and one of the two says all of the other"),
             column);
    }
  }
  const int32_t last_id = last_id_;
  PartitionField field = MakeField(*source, transform, name);
  try {
    if (IsAdded(field.name)) {
      Refuse(change, fmt::format("the same update adds a field '{}'", field.name), field.name);
    }
    FreeName(change, field);
  } catch (const InvalidArgumentError&) {
    last_id_ = last_id;
    throw;
  }
  added_.push_back(std::move(field));
}

void SpecEditor::RemoveField(const std::string& name) {
  const std::string change = fmt::format("can't remove partition field '{}'", name);
  const PartitionField* field = FindInBase(name);
  if (field == nullptr) {
    Refuse(change, IsAdded(name) ? "the same update adds it" : "there is no such field", name);
  }
  if (std::ranges::any_of(renamed_, [&](const auto& item) { return item.first == name; })) {
    Refuse(change, "the same update renames it", name);
  }
  if (!IsRemoved(*field)) {
    removed_.push_back(static_cast<int32_t>(field - base_->fields().data()));
  }
}

void SpecEditor::RenameField(const std::string& name, const std::string& new_name) {
  const std::string change =
      fmt::format("can't rename partition field '{}' to '{}'", name, new_name);
  const PartitionField* field = FindInBase(name);
  if (field == nullptr) {
    Refuse(change, IsAdded(name) ? "the same update adds it" : "there is no such field", name);
  }
  if (IsRemoved(*field)) {
    Refuse(change, "the same update removes it", name);
  }
  if (new_name.empty()) {
    Refuse(change, "a field needs a name", name);
  }
  std::erase_if(renamed_, [&](const auto& item) { return item.first == name; });
  if (const PartitionField* taken = FindInBase(new_name); taken != nullptr && IsVoid(*taken)) {
    renamed_.emplace_back(taken->name, fmt::format("{}_{}", taken->name, taken->field_id));
  }
  renamed_.emplace_back(name, new_name);
}

PartitionSpec SpecEditor::Build() const {
  std::vector<PartitionField> fields;
  for (const PartitionField& field : base_->fields()) {
    if (IsRemoved(field) && options_.format_version > 1) {
      continue;
    }
    fields.push_back(field);
    if (IsRemoved(field)) {
      fields.back().transform = Transform::Void();
    }
    const auto renamed = std::ranges::find_if(
        renamed_, [&](const auto& item) { return item.first == field.name; });
    if (renamed != renamed_.end()) {
      fields.back().name = renamed->second;
    }
  }
  fields.insert(fields.end(), added_.begin(), added_.end());
  std::set<std::string> names;
  for (const PartitionField& field : fields) {
    const std::string change = fmt::format("can't have a partition field '{}'", field.name);
    if (!names.insert(field.name).second) {
      Refuse(change, "another one has that name", field.name);
    }
    const Schema::Place* column = schema_->Find(field.name);
    const bool as_column =
        IsVoid(field) || field.transform.kind() == Transform::Kind::kIdentity;
    if (column != nullptr && !(as_column && column->field->id == field.source_id)) {
      Refuse(change, "a column that it is not the same as has that name", field.name);
    }
  }
  int32_t spec_id = 0;
  PartitionSpec spec(0, fields);
  for (const PartitionSpecPtr& older : specs_) {
    if (older->SameFields(spec)) {
      return *older;
    }
    spec_id = std::max(spec_id, older->spec_id() + 1);
  }
  return {spec_id, std::move(fields)};
}

}  // namespace floe::inline v0
