#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// A column that is to be added.
struct NewColumn {
  std::string name;  ///< its own, without those above it
  Type type;         ///< ids within it are reassigned
  bool required = false;
  std::string doc = {};
  /// In rows that are there already; version 3 only.
  DefaultValue initial_default = {};
  /// In rows that are written without it.
  DefaultValue write_default = {};
};

/// Changes of a schema's columns, gathered and made together. Names are full names in the
/// schema before the changes, or those of columns added here; the names of a list's element and
/// of a map's value are `l.element` and `m.value`.
///
/// Nothing is done that would make rows unreadable that are there already: values keep their
/// columns by id, whatever becomes of names and places. Every member throws
/// SchemaEvolutionError for what can't be (no such column, a name twice, two changes that
/// exclude each other) and IncompatibleSchemaChangeError for what old rows would not fit; both
/// name the column, from, to and the rule.
///
/// One thread at a time.
class SchemaEditor {
 public:
  struct Options {
    int32_t last_column_id = 0;  ///< new columns have the ids after it
    /// Allows what rows may contradict: to make a column required, to add a required one.
    bool allow_incompatible = false;
    int format_version = 2;      ///< of the table: which types can be widened to which
    bool case_sensitive = true;  ///< how columns are found by name
  };

  SchemaEditor(SchemaPtr base, Options options);

  /// Adds a column behind those of `parent`: empty for the table, or a struct, a list of
  /// structs, or a map to structs.
  void AddColumn(const std::string& parent, const NewColumn& column);
  void DeleteColumn(const std::string& name);
  /// `new_name` is the column's own, without those above it.
  void RenameColumn(const std::string& name, const std::string& new_name);
  /// Widens a column's type: see IsPromotion().
  void UpdateType(const std::string& name, const Type& type);
  /// What rows have that are written without the column; null removes it. Rows that are there
  /// stay as they are.
  void UpdateDefault(const std::string& name, const DefaultValue& write_default);
  /// The type of a column, as the changes so far make it.
  Type TypeOf(const std::string& name) const;
  /// An empty text removes the description.
  void UpdateDoc(const std::string& name, const std::string& doc);
  void MakeOptional(const std::string& name);
  /// Needs `allow_incompatible`, as rows may have nulls.
  void MakeRequired(const std::string& name);
  /// @name Moves a column among those of its struct
  /// @{
  void MoveFirst(const std::string& name);
  void MoveBefore(const std::string& name, const std::string& before);
  void MoveAfter(const std::string& name, const std::string& after);
  /// @}
  /// The columns that tell rows apart, by their names after the changes.
  void SetIdentifierFields(std::vector<std::string> names);
  /// Adds the columns that are missing (optional), widens types, makes columns optional and
  /// takes over descriptions, so that rows of `other` fit. Columns are matched by name.
  void UnionByName(const Schema& other);

  /// The schema with all changes made, with the id of the base.
  Schema Build() const;

 private:
  struct Move {
    enum class Kind : uint8_t { kFirst, kBefore, kAfter };
    int32_t field_id;
    Kind kind;
    int32_t other_id;
  };
  class Union;

  const Schema::Place* FindInBase(const std::string& name) const;
  std::optional<int32_t> FindAdded(const std::string& name) const;
  bool IsDeleted(const Schema::Place& place) const;
  void CheckNotInKey(const std::string& change, const Schema::Place& place) const;
  const Schema::Place& RequireInBase(const std::string& change, const std::string& name) const;
  Field& ForUpdate(const std::string& change, const std::string& name);
  int32_t StructFor(const std::string& change, const std::string& parent) const;
  int32_t FindForMove(const std::string& change, const std::string& name) const;
  int32_t OwnerOf(int32_t field_id) const;
  DefaultValue FittingDefault(const std::string& change, const std::string& column,
                              const DefaultValue& value, const Type& type) const;
  void AddMove(const std::string& change, Move move);

  Field Updated(const Field& field) const;
  Type BuildType(const Type& type, int32_t owner_id) const;
  Type BuildStruct(const Type& type, int32_t owner_id) const;
  void CheckIdentifiersKept(const Schema& schema) const;
  static void CheckIdentifier(const Schema& schema, const Schema::Place& place);
  std::vector<int32_t> BuildIdentifiers(const Schema& schema) const;

  SchemaPtr base_;
  Options options_;
  int32_t last_id_;
  std::map<int32_t, std::vector<Field>> added_;  ///< by the struct's owner; 0 is the root
  std::map<std::string, int32_t> added_ids_;     ///< by full name
  std::map<int32_t, int32_t> added_owners_;      ///< by id
  std::map<int32_t, Field> updated_;             ///< by id; types of primitives only
  std::set<int32_t> deleted_;
  std::map<int32_t, std::vector<Move>> moves_;  ///< by the struct's owner
  std::optional<std::vector<std::string>> identifier_names_;
};

}  // namespace floe::inline v0
