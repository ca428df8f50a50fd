#include "parquet/file_columns.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {
namespace {

using FileField = parquet::arrow::SchemaField;

bool HasAnyId(const std::vector<FileField>& fields) {
  return std::ranges::any_of(fields, [](const FileField& field) {
    return FieldIdOf(*field.field).has_value() || HasAnyId(field.children);
  });
}

/// The first leaf below a field; nothing if it is a group without any.
std::optional<int> FirstLeaf(const FileField& field) {
  if (field.is_leaf()) {
    return field.column_index;
  }
  for (const FileField& child : field.children) {
    if (const std::optional<int> leaf = FirstLeaf(child)) {
      return leaf;
    }
  }
  return std::nullopt;
}

/// Finds the leaves of a file's columns.
class LeafFinder {
 public:
  explicit LeafFinder(const std::string& location) : location_(location) {}

  void Collect(const std::vector<FileField>& file, const std::vector<Field>& wanted) {
    for (const Field& field : wanted) {
      const auto found = std::ranges::find_if(file, [&](const FileField& candidate) {
        return FieldIdOf(*candidate.field) == field.id;
      });
      if (found != file.end()) {
        CollectField(*found, field);
      }
    }
  }

  std::vector<int> Take() && {
    std::ranges::sort(leaves_);
    return std::move(leaves_);
  }

 private:
  /// Adds the leaves of one matched field.
  void CollectField(const FileField& file, const Field& wanted) {
    if (file.is_leaf()) {
      leaves_.push_back(file.column_index);
      return;
    }
    const size_t before = leaves_.size();
    // A map's key and value lie one struct deeper than its type says.
    const bool wrapped = wanted.type.id() == TypeId::kMap && file.children.size() == 1;
    Collect(wrapped ? file.children[0].children : file.children, wanted.type.fields());
    if (leaves_.size() > before) {
      return;
    }
    const std::optional<int> any = FirstLeaf(file);
    if (!any) {
      throw CorruptFileError(fmt::format("data file {}: column '{}' (field id {}) is a group "
                                         "without columns",
                                         location_, wanted.name, wanted.id),
                             {.path = location_, .column = wanted.name});
    }
    leaves_.push_back(*any);
  }

  const std::string& location_;
  std::vector<int> leaves_;
};

class Planner {
 public:
  explicit Planner(const std::string& location) : location_(location) {}

  std::vector<ColumnConversion> Plan(const std::vector<Field>& wanted,
                                     const arrow::FieldVector& read,
                                     const std::string& prefix) const {
    std::vector<ColumnConversion> columns;
    for (const Field& field : wanted) {
      columns.push_back(PlanField(field, read, prefix));
    }
    return columns;
  }

 private:
  static ColumnConversion ConversionTo(const Field& wanted, const std::string& prefix) {
    return {&wanted, prefix + wanted.name, -1, ToArrowType(wanted.type), false, {}};
  }

  /// Elements, keys and values are told by their place: Arrow forgets the id of an element of
  /// whose struct it reads some fields only.
  std::vector<ColumnConversion> PlanByPlace(const std::vector<Field>& wanted,
                                            const arrow::FieldVector& read,
                                            const std::string& prefix) const {
    std::vector<ColumnConversion> columns;
    for (size_t i = 0; i < wanted.size(); ++i) {
      columns.push_back(ConversionTo(wanted[i], prefix));
      columns.back().source = static_cast<int>(i);
      PlanType(*read.at(i), &columns.back());
    }
    return columns;
  }

  ColumnConversion PlanField(const Field& wanted, const arrow::FieldVector& read,
                             const std::string& prefix) const {
    ColumnConversion column = ConversionTo(wanted, prefix);
    for (size_t i = 0; i < read.size() && column.source < 0; ++i) {
      if (FieldIdOf(*read[i]) == wanted.id) {
        column.source = static_cast<int>(i);
        PlanType(*read[i], &column);
      }
    }
    if (column.source < 0 && wanted.required) {
      Fail(column, "is required but not in the file");
    }
    return column;
  }

  void PlanType(const arrow::Field& read, ColumnConversion* column) const {
    const Type& wanted = column->target->type;
    if (!wanted.is_primitive()) {
      if (!IsSameNesting(*read.type(), wanted.id())) {
        Fail(*column, fmt::format("is {} in the file and {} in the table",
                                  read.type()->ToString(), wanted.ToString()));
      }
      const arrow::FieldVector inner = InnerFields(*read.type());
      const std::string prefix = column->path + ".";
      column->children = wanted.id() == TypeId::kStruct
                             ? Plan(wanted.fields(), inner, prefix)
                             : PlanByPlace(wanted.fields(), inner, prefix);
      return;
    }
    if (read.type()->Equals(*column->type)) {
      return;
    }
    const std::optional<Type> found = IcebergTypeOf(read.type());
    if (!found || !CanRead(*found, wanted)) {
      Fail(*column, fmt::format("is {} in the file and {} in the table",
                                read.type()->ToString(), wanted.ToString()));
    }
    column->cast = true;
  }

  /// Promotions, and what writers confuse without harm: the zone flag of timestamps, strings
  /// that are not marked as text, UUIDs that are not marked as such.
  static bool CanRead(const Type& found, const Type& wanted) {
    const auto is_timestamp = [](const Type& type) {
      return type.id() == TypeId::kTimestamp || type.id() == TypeId::kTimestamptz;
    };
    return IsPromotion(found, wanted) || (is_timestamp(found) && is_timestamp(wanted)) ||
           (found.id() == TypeId::kBinary && wanted.id() == TypeId::kString) ||
           (found.id() == TypeId::kString && wanted.id() == TypeId::kBinary) ||
           (found.id() == TypeId::kFixed && found.length() == 16 &&
            wanted.id() == TypeId::kUuid) ||
           (found.id() == TypeId::kUuid && wanted.id() == TypeId::kFixed &&
            wanted.length() == 16);
  }

  [[noreturn]] void Fail(const ColumnConversion& column, const std::string& problem) const {
    throw CorruptFileError(
        fmt::format("data file {} does not fit its table: column '{}' (field id {}) {}",
                    location_, column.path, column.target->id, problem),
        {.path = location_, .column = column.path});
  }

  const std::string& location_;
};

}  // namespace

std::vector<int> FindLeafColumns(const parquet::arrow::SchemaManifest& file,
                                 const Schema& schema, const std::string& location) {
  if (!HasAnyId(file.schema_fields)) {
    throw UnsupportedError(
        fmt::format("data file {} has no Iceberg field ids; reading it by name mapping is not "
                    "supported by this version of floe",
                    location),
        {.path = location});
  }
  LeafFinder leaves(location);
  leaves.Collect(file.schema_fields, schema.fields());
  return std::move(leaves).Take();
}

std::vector<ColumnConversion> PlanFileConversion(const arrow::Schema& read,
                                                 const Schema& schema,
                                                 const std::string& location) {
  return Planner(location).Plan(schema.fields(), read.fields(), "");
}

}  // namespace floe::inline v0
