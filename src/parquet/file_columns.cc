#include "parquet/file_columns.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
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

int FirstLeaf(const FileField& field) {
  const FileField* at = &field;
  while (!at->is_leaf()) {
    at = &at->children[0];
  }
  return at->column_index;
}

void CollectLeaves(const std::vector<FileField>& file, const std::vector<Field>& wanted,
                   std::vector<int>* leaves);

/// Adds the leaves of one matched field.
void CollectField(const FileField& file, const Field& wanted, std::vector<int>* leaves) {
  if (file.is_leaf()) {
    leaves->push_back(file.column_index);
    return;
  }
  const size_t before = leaves->size();
  // A map's key and value lie one struct deeper than its type says.
  const bool wrapped = wanted.type.id() == TypeId::kMap && file.children.size() == 1;
  CollectLeaves(wrapped ? file.children[0].children : file.children, wanted.type.fields(),
                leaves);
  if (leaves->size() == before) {
    leaves->push_back(FirstLeaf(file));
  }
}

void CollectLeaves(const std::vector<FileField>& file, const std::vector<Field>& wanted,
                   std::vector<int>* leaves) {
  for (const Field& field : wanted) {
    const auto found = std::ranges::find_if(file, [&](const FileField& candidate) {
      return FieldIdOf(*candidate.field) == field.id;
    });
    if (found != file.end()) {
      CollectField(*found, field, leaves);
    }
  }
}

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
  ColumnConversion PlanField(const Field& wanted, const arrow::FieldVector& read,
                             const std::string& prefix) const {
    ColumnConversion column{&wanted, prefix + wanted.name, -1, ToArrowType(wanted.type), false,
                            {}};
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
      column->children = Plan(wanted.fields(), InnerFields(*read.type()), column->path + ".");
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
  std::vector<int> leaves;
  CollectLeaves(file.schema_fields, schema.fields(), &leaves);
  std::ranges::sort(leaves);
  return leaves;
}

std::vector<ColumnConversion> PlanFileConversion(const arrow::Schema& read,
                                                 const Schema& schema,
                                                 const std::string& location) {
  return Planner(location).Plan(schema.fields(), read.fields(), "");
}

}  // namespace floe::inline v0
