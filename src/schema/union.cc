#include "floe/schema/union.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "schema/field_defaults.h"
#include "schema/field_ids.h"

namespace floe::inline v0 {
namespace {

class Union {
 public:
  Union(int32_t last_id, int format_version)
      : last_id_(last_id), format_version_(format_version) {}

  /// `table` widened by `input`, or `table` itself.
  Type Widen(const Type& table, const Type& input) {
    if (!table.is_nested() || table.id() != input.id()) {
      const bool wider = table != input && IsPromotion(table, input, format_version_);
      changed_ = changed_ || wider;
      return wider ? NumberType(input, &last_id_) : table;
    }
    switch (table.id()) {
      case TypeId::kList:
        return WithFields(table, {WidenField(table.fields()[0], input.fields()[0])});
      case TypeId::kMap:
        // Keys stay: a change of theirs changes which are equal.
        return WithFields(
            table, {table.fields()[0], WidenField(table.fields()[1], input.fields()[1])});
      default:
        return WidenStruct(table, input);
    }
  }

  bool changed() const { return changed_; }

 private:
  /// Its defaults are values of the new type then.
  Field WidenField(Field table, const Field& input) {
    table.type = Widen(table.type, input.type);
    table.initial_default = Widened(table.initial_default, table.type);
    table.write_default = Widened(table.write_default, table.type);
    return table;
  }

  static DefaultValue Widened(const DefaultValue& value, const Type& type) {
    return value.is_null() ? value : DefaultValue(ValueOfType(value.value(), type).value());
  }

  Type WidenStruct(const Type& table, const Type& input) {
    std::vector<Field> fields;
    const auto named = [](const std::vector<Field>& among, const Field& wanted) {
      return std::ranges::find_if(
          among, [&](const Field& field) { return field.name == wanted.name; });
    };
    for (const Field& field : table.fields()) {
      const auto match = named(input.fields(), field);
      fields.push_back(match == input.fields().end() ? field : WidenField(field, *match));
    }
    std::vector<Field> added;
    for (const Field& field : input.fields()) {
      if (named(table.fields(), field) == table.fields().end()) {
        added.push_back(field);
      }
    }
    // Like a new table's, ids go level by level.
    for (Field& field : added) {
      field.id = ++last_id_;
      field.required = false;
      field.extras.clear();
    }
    for (Field& field : added) {
      field.type = NumberType(field.type, &last_id_);
      fields.push_back(std::move(field));
      changed_ = true;
    }
    return WithFields(table, std::move(fields));
  }

  int32_t last_id_;
  int format_version_;
  bool changed_ = false;
};

}  // namespace

std::optional<Schema> UnionByName(const Schema& table, const Type& input,
                                  int32_t last_column_id, int format_version) {
  Union widening(last_column_id, format_version);
  const Type widened = widening.Widen(table.root(), input);
  if (!widening.changed()) {
    return std::nullopt;
  }
  return Schema(widened.fields(), table.schema_id(), table.identifier_field_ids(),
                table.extras());
}

}  // namespace floe::inline v0
