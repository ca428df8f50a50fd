#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "floe/schema/type.h"

namespace floe::inline v0 {

/// A table's columns as of one schema id. Immutable; share it by shared_ptr. Thread-safe.
class Schema {
 public:
  /// Where a field stands.
  struct Place {
    const Field* field;
    std::string full_name;  ///< dotted from the root: `a.b`, `l.element`, `m.value.x`
    int32_t parent_id;      ///< 0 for a top-level column
    bool in_list_or_map;    ///< a list or map lies between the root and the field
    /// Indexes from the root struct down to the field, through structs only.
    std::vector<int> path;
  };

  /// Throws InvalidArgumentError for an id below 1, an id or a sibling name used twice, a
  /// default that the type can't have, a required column of type unknown, or an identifier
  /// field that is a float or may be null or lies in a list or map or is no primitive.
  explicit Schema(std::vector<Field> fields, int32_t schema_id = 0,
                  std::vector<int32_t> identifier_field_ids = {},
                  std::vector<std::pair<std::string, std::string>> extras = {});

  int32_t schema_id() const { return schema_id_; }
  /// Top-level columns.
  const std::vector<Field>& fields() const { return root_.fields(); }
  /// All columns as one struct.
  const Type& root() const { return root_; }
  const std::vector<int32_t>& identifier_field_ids() const { return identifier_field_ids_; }
  /// Members of its JSON that floe does not know.
  const std::vector<std::pair<std::string, std::string>>& extras() const { return extras_; }
  int32_t highest_field_id() const { return highest_field_id_; }

  /// nullptr if there is no such field, at any depth.
  const Place* Find(int32_t field_id) const;
  const Place* Find(std::string_view full_name, bool case_sensitive = true) const;
  /// Every field at every depth, parents first.
  const std::vector<Place>& places() const { return places_; }

  /// A schema with the same columns and another id.
  Schema WithId(int32_t schema_id) const;
  /// Same columns (ids, names, types, docs) and identifier fields; ids of the schemas aside.
  bool SameColumns(const Schema& other) const;

 private:
  void Index(const Type& parent, const Place* above);
  void CheckIdentifier(int32_t id) const;

  int32_t schema_id_;
  Type root_;
  std::vector<int32_t> identifier_field_ids_;
  std::vector<std::pair<std::string, std::string>> extras_;
  int32_t highest_field_id_ = 0;
  std::vector<Place> places_;
  std::unordered_map<int32_t, size_t> by_id_;
  std::unordered_map<std::string, size_t> by_name_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

/// The schema's JSON form (specification, appendix C).
std::string SchemaToJson(const Schema& schema);
/// Reads it; throws ParseError.
Schema SchemaFromJson(std::string text);

/// The type's JSON form: a quoted name, or an object for nested types.
std::string TypeToJson(const Type& type);

/// The columns `full_names` of `schema` in the schema's order, with nested structs reduced to
/// what is named; a name of a struct takes all of it. Throws InvalidArgumentError naming the
/// column that does not exist and those that do.
Schema SelectColumns(const Schema& schema, const std::vector<std::string>& full_names,
                     bool case_sensitive = true);

/// `schema` with ids from 1 on, level by level as Iceberg numbers a new table's columns.
Schema AssignFreshIds(const Schema& schema);

}  // namespace floe::inline v0
