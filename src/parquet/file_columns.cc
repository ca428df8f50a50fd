#include "parquet/file_columns.h"

#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/schema.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "parquet/arrow_schema.h"
#include "parquet/column_conversion.h"
#include "parquet/default_arrays.h"
#include "parquet/mapped_ids.h"
#include "parquet/variant_columns.h"

namespace floe::inline v0 {
namespace {

using FileField = parquet::arrow::SchemaField;

const arrow::Field& ArrowFieldOf(const FileField& field) { return *field.field; }
const arrow::Field& ArrowFieldOf(const std::shared_ptr<arrow::Field>& field) { return *field; }

/// Positions of fields by their ids; of two with one id the first.
template <class Fields>
std::unordered_map<int32_t, size_t> PositionsById(const Fields& fields) {
  std::unordered_map<int32_t, size_t> positions;
  positions.reserve(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    if (const std::optional<int32_t> id = FieldIdOf(ArrowFieldOf(fields[i]))) {
      positions.emplace(*id, i);
    }
  }
  return positions;
}

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

/// Leaves outside of lists and maps, by their ids; of two with one id the first.
void CollectSingleLeaves(const std::vector<FileField>& fields,
                         std::unordered_map<int32_t, int>* leaves) {
  for (const FileField& field : fields) {
    const std::optional<int32_t> id = FieldIdOf(*field.field);
    if (field.is_leaf() && id && field.level_info.rep_level == 0) {
      leaves->emplace(*id, field.column_index);
    } else if (field.field->type()->id() == arrow::Type::STRUCT) {
      CollectSingleLeaves(field.children, leaves);
    }
  }
}

/// Finds the leaves of a file's columns.
class LeafFinder {
 public:
  explicit LeafFinder(const std::string& location) : location_(location) {}

  /// Adds the leaves of one matched field.
  void Collect(const FileField& file, const Field& wanted) {
    if (file.is_leaf()) {
      leaves_.push_back(file.column_index);
      return;
    }
    if (wanted.type.id() == TypeId::kVariant) {
      CollectAll(file);
      return;
    }
    const size_t before = leaves_.size();
    // A map's key and value lie one struct deeper than its type says.
    const bool wrapped = wanted.type.id() == TypeId::kMap && file.children.size() == 1;
    const std::vector<FileField>& children =
        wrapped ? file.children[0].children : file.children;
    if (wanted.type.id() == TypeId::kStruct) {
      CollectById(children, wanted.type.fields());
    } else {
      // Elements, keys and values are told by their place.
      for (size_t i = 0; i < std::min(children.size(), wanted.type.fields().size()); ++i) {
        Collect(children[i], wanted.type.fields()[i]);
      }
    }
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

  std::vector<int> Take() && {
    std::ranges::sort(leaves_);
    return std::move(leaves_);
  }

 private:
  void CollectAll(const FileField& file) {
    if (file.is_leaf()) {
      leaves_.push_back(file.column_index);
    }
    for (const FileField& child : file.children) {
      CollectAll(child);
    }
  }

  void CollectById(const std::vector<FileField>& file, const std::vector<Field>& wanted) {
    const auto positions = PositionsById(file);
    for (const Field& field : wanted) {
      if (const auto found = positions.find(field.id); found != positions.end()) {
        Collect(file[found->second], field);
      }
    }
  }

  const std::string& location_;
  std::vector<int> leaves_;
};

class Planner {
 public:
  Planner(const ConstantColumns& constants, const std::string& location)
      : constants_(constants), location_(location) {}

  std::vector<ColumnConversion> Plan(const std::vector<Field>& wanted,
                                     const arrow::FieldVector& read,
                                     const std::string& prefix) const {
    const auto positions = PositionsById(read);
    std::vector<ColumnConversion> columns;
    for (const Field& field : wanted) {
      columns.push_back(ConversionTo(field, prefix));
      if (field.type.id() == TypeId::kUnknown) {
        continue;  // whatever the file has under its id
      }
      if (const auto found = positions.find(field.id); found != positions.end()) {
        columns.back().source = static_cast<int>(found->second);
        PlanType(*read[found->second], &columns.back());
      } else if (const auto constant = constants_.find(field.id);
                 constant != constants_.end()) {
        columns.back().constant = constant->second;
      } else if (FindWithoutDefault(field, DefaultKind::kInitial) != nullptr) {
        Fail(columns.back(), "is required but not in the file");
      }
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
      if (wanted[i].type.id() != TypeId::kUnknown) {
        columns.back().source = static_cast<int>(i);
        PlanType(*read.at(i), &columns.back());
      }
    }
    return columns;
  }

  void PlanType(const arrow::Field& read, ColumnConversion* column) const {
    const Type& wanted = column->target->type;
    if (read.type()->id() == arrow::Type::NA) {
      column->cast = true;  // of a type that was not known; all are null
      return;
    }
    if (wanted.id() == TypeId::kVariant) {
      if (!IsVariantStorage(*read.type())) {
        Fail(*column, fmt::format("is {} in the file and variant in the table",
                                  read.type()->ToString()));
      }
      return;
    }
    if (wanted.is_nested()) {
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
    column->cast = true;
    if (IsUnsignedForInteger(*read.type(), wanted)) {
      return;
    }
    const std::optional<Type> found = IcebergTypeOf(read.type());
    if (!found || !CanRead(*found, wanted)) {
      Fail(*column, fmt::format("is {} in the file and {} in the table",
                                read.type()->ToString(), wanted.ToString()));
    }
  }

  /// Unsigned integers of any width: whether the values fit is seen when they are read.
  static bool IsUnsignedForInteger(const arrow::DataType& read, const Type& wanted) {
    return (read.id() == arrow::Type::UINT32 && wanted.id() == TypeId::kInt) ||
           (read.id() == arrow::Type::UINT64 && wanted.id() == TypeId::kLong);
  }

  /// Promotions, and what writers confuse without harm: zone flag and unit of timestamps,
  /// strings that are not marked as text, UUIDs that are not marked as such, bytes without
  /// their length.
  static bool CanRead(const Type& found, const Type& wanted) {
    const auto is_timestamp = [](const Type& type) {
      return type.id() == TypeId::kTimestamp || type.id() == TypeId::kTimestamptz ||
             type.id() == TypeId::kTimestampNs || type.id() == TypeId::kTimestamptzNs;
    };
    return IsPromotion(found, wanted, kExtendedTypesVersion) ||
           (is_timestamp(found) && is_timestamp(wanted)) ||
           (found.id() == TypeId::kBinary && wanted.id() == TypeId::kString) ||
           (found.id() == TypeId::kString && wanted.id() == TypeId::kBinary) ||
           (found.id() == TypeId::kBinary &&
            (wanted.id() == TypeId::kFixed || wanted.id() == TypeId::kUuid)) ||
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

  const ConstantColumns& constants_;
  const std::string& location_;
};

}  // namespace

FileColumns::FileColumns(const parquet::arrow::SchemaManifest& manifest,
                         const NameMapping* mapping, std::string location)
    : fields_(mapping == nullptr ? manifest.schema_fields
                                 : WithMappedIds(manifest.schema_fields, *mapping)),
      location_(std::move(location)),
      positions_(PositionsById(fields_)) {
  if (mapping == nullptr && !HasAnyId(fields_)) {
    ThrowNoIds(location_);
  }
  CollectSingleLeaves(fields_, &leaves_);
}

std::optional<int> FileColumns::FindLeaf(int32_t field_id) const {
  const auto found = leaves_.find(field_id);
  return found == leaves_.end() ? std::nullopt : std::optional(found->second);
}

const parquet::arrow::SchemaField* FileColumns::Find(int32_t field_id) const {
  const auto found = positions_.find(field_id);
  return found == positions_.end() ? nullptr : &fields_[found->second];
}

std::vector<int> FileColumns::FindLeaves(const Schema& schema) const {
  LeafFinder leaves(location_);
  for (const Field& field : schema.fields()) {
    if (const FileField* found = Find(field.id)) {
      leaves.Collect(*found, field);
    }
  }
  return std::move(leaves).Take();
}

std::vector<ColumnConversion> PlanFileConversion(const arrow::Schema& read,
                                                 const Schema& schema,
                                                 const ConstantColumns& constants,
                                                 const std::string& location) {
  return Planner(constants, location).Plan(schema.fields(), read.fields(), "");
}

void ThrowNoIds(const std::string& location) {
  throw UnsupportedError(
      fmt::format(
          "data file {} has no Iceberg field ids, and the table no name mapping to find "
          "its columns by; set the table property '{}'",
          location, kNameMappingProperty),
      {.path = location});
}

void DataFileRules::Fail(const ColumnConversion& column, const std::string& found,
                         std::string_view /*advice*/) const {
  throw CorruptFileError(
      fmt::format("data file {}: column '{}' has {}, which can't be read as {} {}", location_,
                  column.path, found, column.target->required ? "required" : "optional",
                  column.target->type.ToString()),
      {.path = location_, .column = column.path});
}

SchemaPtr ColumnsOfFilter(const Schema& schema, const BoundExpression& filter) {
  std::vector<std::string> names;
  for (const int32_t id : ColumnsOf(filter)) {
    names.push_back(schema.Find(id)->full_name);
  }
  return std::make_shared<const Schema>(SelectColumns(schema, names));
}

}  // namespace floe::inline v0
