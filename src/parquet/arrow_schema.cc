#include "parquet/arrow_schema.h"

#include <arrow/extension/uuid.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "parquet/variant_columns.h"

namespace floe::inline v0 {
namespace {

constexpr const char* kFieldIdKey = "PARQUET:field_id";
constexpr const char* kUtc = "UTC";
/// How Arrow's fields say that their type stands for an extension type.
constexpr const char* kExtensionNameKey = "ARROW:extension:name";
constexpr const char* kExtensionMetadataKey = "ARROW:extension:metadata";

}  // namespace

std::shared_ptr<arrow::DataType> ToArrowType(const Type& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
      return arrow::boolean();
    case TypeId::kInt:
      return arrow::int32();
    case TypeId::kLong:
      return arrow::int64();
    case TypeId::kFloat:
      return arrow::float32();
    case TypeId::kDouble:
      return arrow::float64();
    case TypeId::kDecimal:
      return arrow::decimal128(type.precision(), type.scale());
    case TypeId::kDate:
      return arrow::date32();
    case TypeId::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case TypeId::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case TypeId::kTimestamptz:
      return arrow::timestamp(arrow::TimeUnit::MICRO, kUtc);
    case TypeId::kTimestampNs:
      return arrow::timestamp(arrow::TimeUnit::NANO);
    case TypeId::kTimestamptzNs:
      return arrow::timestamp(arrow::TimeUnit::NANO, kUtc);
    case TypeId::kUnknown:
      return arrow::null();
    case TypeId::kString:
      return arrow::utf8();
    case TypeId::kUuid:
      return arrow::extension::uuid();
    case TypeId::kFixed:
      return arrow::fixed_size_binary(type.length());
    case TypeId::kBinary:
    case TypeId::kGeometry:
    case TypeId::kGeography:
      return arrow::binary();
    case TypeId::kVariant:
      return VariantArrowType();
    case TypeId::kStruct: {
      arrow::FieldVector fields;
      for (const Field& field : type.fields()) {
        fields.push_back(ToArrowField(field));
      }
      return arrow::struct_(fields);
    }
    case TypeId::kList:
      return arrow::list(ToArrowField(type.fields()[0]));
    case TypeId::kMap:
      return std::make_shared<arrow::MapType>(ToArrowField(type.fields()[0]),
                                              ToArrowField(type.fields()[1]));
  }
  throw InternalError("type without an Arrow counterpart");
}

std::shared_ptr<arrow::Field> ToArrowField(const Field& field) {
  auto metadata = arrow::key_value_metadata({kFieldIdKey}, {fmt::to_string(field.id)});
  if (field.type.id() == TypeId::kVariant) {
    metadata->Append(kExtensionNameKey, kVariantExtension);
    metadata->Append(kExtensionMetadataKey, "");
  }
  return arrow::field(field.name, ToArrowType(field.type), !field.required,
                      std::move(metadata));
}

std::shared_ptr<arrow::Schema> ToArrowSchema(const Schema& schema) {
  arrow::FieldVector fields;
  for (const Field& field : schema.fields()) {
    fields.push_back(ToArrowField(field));
  }
  return arrow::schema(std::move(fields));
}

std::optional<int32_t> FieldIdOf(const arrow::Field& field) {
  if (field.metadata() == nullptr) {
    return std::nullopt;
  }
  const auto text = field.metadata()->Get(kFieldIdKey);
  int32_t id = 0;
  if (!text.ok()) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), id);
  return error == std::errc() && end == text->data() + text->size() ? std::optional(id)
                                                                    : std::nullopt;
}

namespace {

class FromArrow {
 public:
  FromArrow(const arrow::Schema& schema, int format_version) : format_version_(format_version) {
    for (const auto& field : schema.fields()) {
      CollectIds(*field);
    }
  }

  std::vector<Field> Convert(const arrow::FieldVector& fields, const std::string& prefix) {
    std::vector<Field> converted;
    for (const auto& field : fields) {
      converted.push_back(ConvertField(*field, field->name(), prefix + field->name()));
    }
    return converted;
  }

  void ThrowIfProblems() const {
    if (problems_.empty()) {
      return;
    }
    std::string text;
    for (const SchemaProblem& problem : problems_) {
      text += fmt::format(
          "{}column '{}' has Arrow type {}, which no type of Iceberg format "
          "version {} can hold",
          text.empty() ? "" : "; ", problem.column, problem.found, format_version_);
    }
    throw SchemaMismatchError(text, problems_);
  }

 private:
  void CollectIds(const arrow::Field& field) {
    if (const auto id = FieldIdOf(field)) {
      used_.insert(*id);
    }
    for (const auto& child : field.type()->fields()) {
      CollectIds(*child);
    }
  }

  int32_t IdFor(const arrow::Field& field) {
    const auto id = FieldIdOf(field);
    // A join of two tables has ids twice.
    if (id && *id > 0 && taken_.insert(*id).second) {
      return *id;
    }
    while (used_.contains(++next_)) {
    }
    return next_;
  }

  /// Arrow takes the name of an extension that it does not know for a field's metadata.
  static bool IsMarkedAsVariant(const arrow::Field& field) {
    if (field.metadata() == nullptr || !IsVariantStorage(*field.type())) {
      return false;
    }
    const auto name = field.metadata()->Get(kExtensionNameKey);
    return name.ok() && *name == kVariantExtension;
  }

  Field ConvertField(const arrow::Field& field, std::string name, const std::string& path) {
    const int32_t id = IdFor(field);
    const Type type = IsMarkedAsVariant(field) ? Type::Of(TypeId::kVariant)
                                               : ConvertType(*field.type(), path);
    return {id, std::move(name), type, !field.nullable(), "", {}};
  }

  /// The type, or a placeholder after noting the problem.
  Type ConvertType(const arrow::DataType& type, const std::string& path) {
    switch (type.id()) {
      case arrow::Type::BOOL:
        return Type::Of(TypeId::kBoolean);
      case arrow::Type::INT8:
      case arrow::Type::INT16:
      case arrow::Type::INT32:
      case arrow::Type::UINT8:
      case arrow::Type::UINT16:
        return Type::Of(TypeId::kInt);
      case arrow::Type::UINT32:
      case arrow::Type::INT64:
        return Type::Of(TypeId::kLong);
      case arrow::Type::HALF_FLOAT:
      case arrow::Type::FLOAT:
        return Type::Of(TypeId::kFloat);
      case arrow::Type::DOUBLE:
        return Type::Of(TypeId::kDouble);
      case arrow::Type::DATE32:
      case arrow::Type::DATE64:
        return Type::Of(TypeId::kDate);
      case arrow::Type::TIME32:
      case arrow::Type::TIME64:
        return Type::Of(TypeId::kTime);
      case arrow::Type::TIMESTAMP:
        return ConvertTimestamp(static_cast<const arrow::TimestampType&>(type));
      case arrow::Type::STRING:
      case arrow::Type::LARGE_STRING:
      case arrow::Type::STRING_VIEW:
        return Type::Of(TypeId::kString);
      case arrow::Type::BINARY:
      case arrow::Type::LARGE_BINARY:
      case arrow::Type::BINARY_VIEW:
        return Type::Of(TypeId::kBinary);
      case arrow::Type::FIXED_SIZE_BINARY:
        return Type::Fixed(static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width());
      case arrow::Type::DECIMAL32:
      case arrow::Type::DECIMAL64:
      case arrow::Type::DECIMAL128:
      case arrow::Type::DECIMAL256:
        return ConvertDecimal(static_cast<const arrow::DecimalType&>(type), path);
      case arrow::Type::DICTIONARY:
        return ConvertType(*static_cast<const arrow::DictionaryType&>(type).value_type(), path);
      case arrow::Type::RUN_END_ENCODED:
        return ConvertType(*static_cast<const arrow::RunEndEncodedType&>(type).value_type(),
                           path);
      case arrow::Type::EXTENSION:
        return ConvertExtension(static_cast<const arrow::ExtensionType&>(type), path);
      default:
        return ConvertNested(type, path);
    }
  }

  Type ConvertTimestamp(const arrow::TimestampType& type) const {
    const bool is_nanos = type.unit() == arrow::TimeUnit::NANO && has_extended_types();
    if (type.timezone().empty()) {
      return Type::Of(is_nanos ? TypeId::kTimestampNs : TypeId::kTimestamp);
    }
    return Type::Of(is_nanos ? TypeId::kTimestamptzNs : TypeId::kTimestamptz);
  }

  Type ConvertDecimal(const arrow::DecimalType& type, const std::string& path) {
    if (type.precision() > kMaxDecimalPrecision || type.scale() < 0 ||
        type.scale() > type.precision()) {
      return Problem(type, path);
    }
    return Type::Decimal(type.precision(), type.scale());
  }

  Type ConvertExtension(const arrow::ExtensionType& type, const std::string& path) {
    if (type.extension_name() == "arrow.uuid") {
      return Type::Of(TypeId::kUuid);
    }
    if (type.extension_name() == kVariantExtension) {
      return Type::Of(TypeId::kVariant);
    }
    return ConvertType(*type.storage_type(), path);
  }

  Type ConvertNested(const arrow::DataType& type, const std::string& path) {
    switch (type.id()) {
      case arrow::Type::NA:
        return has_extended_types() ? Type::Of(TypeId::kUnknown) : Problem(type, path);
      case arrow::Type::STRUCT:
        return Type::Struct(Convert(type.fields(), path + "."));
      case arrow::Type::LIST:
      case arrow::Type::LARGE_LIST:
      case arrow::Type::LIST_VIEW:
      case arrow::Type::LARGE_LIST_VIEW:
      case arrow::Type::FIXED_SIZE_LIST:
        return Type::List(ConvertField(*type.field(0), "element", path + ".element"));
      case arrow::Type::MAP: {
        const auto& map = static_cast<const arrow::MapType&>(type);
        Field key = ConvertField(*map.key_field(), "key", path + ".key");
        key.required = true;
        return Type::Map(std::move(key),
                         ConvertField(*map.item_field(), "value", path + ".value"));
      }
      default:
        return Problem(type, path);
    }
  }

  Type Problem(const arrow::DataType& type, const std::string& path) {
    problems_.push_back({path, type.ToString(),
                         fmt::format("a type of Iceberg format version {}", format_version_)});
    return Type::Of(TypeId::kBoolean);
  }

  bool has_extended_types() const { return format_version_ >= kExtendedTypesVersion; }

  int format_version_;
  std::set<int32_t> used_;   // by some field
  std::set<int32_t> taken_;  // by a field that was met
  int32_t next_ = 0;
  std::vector<SchemaProblem> problems_;
};

}  // namespace

Schema FromArrowSchema(const arrow::Schema& schema, int format_version) {
  FromArrow conversion(schema, format_version);
  std::vector<Field> fields = conversion.Convert(schema.fields(), "");
  conversion.ThrowIfProblems();
  return Schema(std::move(fields));
}

}  // namespace floe::inline v0
