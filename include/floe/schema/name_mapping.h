#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// The table property that a table's mapping is in, as JSON.
inline constexpr std::string_view kNameMappingProperty = "schema.name-mapping.default";

/// Which field of a table the field of a data file is that has one of these names. A value.
struct MappedField {
  std::vector<std::string> names;   ///< literal: a point in one is part of it
  std::optional<int32_t> field_id;  ///< without: a field that the table does not have
  /// Fields of a struct; "element" of a list; "key" and "value" of a map.
  std::vector<MappedField> fields;
  /// Members of its JSON that floe does not know: name and raw value.
  std::vector<std::pair<std::string, std::string>> extras = {};
  bool operator==(const MappedField&) const = default;
};

/// Field ids for data files that have none (specification, "Column Projection"). An immutable
/// value. Names are compared as they are, with their case.
class NameMapping {
 public:
  /// Maps nothing.
  NameMapping() = default;
  /// Throws InvalidArgumentError if two fields side by side have a name, or two fields an id.
  explicit NameMapping(std::vector<MappedField> fields);
  /// Every field of `schema` by its name.
  static NameMapping Of(const Schema& schema);
  /// Reads the JSON form; throws ParseError.
  static NameMapping Parse(std::string json);

  const std::vector<MappedField>& fields() const { return fields_; }
  /// The field at `path`, names from the root down; nullptr if it is not mapped.
  const MappedField* Find(std::span<const std::string> path) const;
  /// One of `fields` by a name of its own; nullptr if there is none. For walks down a file's
  /// schema beside fields().
  static const MappedField* FindAmong(const std::vector<MappedField>& fields,
                                      std::string_view name);

  /// The mapping after `before` became `after`: added fields are mapped, renamed ones have
  /// their new name, too, and a name that is given again belongs to its new field only. Fields
  /// that were deleted stay, for the files that have them.
  NameMapping Evolved(const Schema& before, const Schema& after) const;

  std::string ToJson() const;
  bool operator==(const NameMapping&) const = default;

 private:
  std::vector<MappedField> fields_;
};

}  // namespace floe::inline v0
