#include "parquet/variant_columns.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "variant/variant_encoding.h"

namespace floe::inline v0 {
namespace {

constexpr const char* kMetadata = "metadata";
constexpr const char* kValue = "value";
constexpr const char* kTypedValue = "typed_value";

ArrowContext Assembling() { return ArrowContext::Internal("putting variants together"); }

/// A column of `value` or `metadata`, whichever binary type it was read as.
class BinaryColumn {
 public:
  explicit BinaryColumn(std::shared_ptr<arrow::Array> array) : array_(std::move(array)) {
    const arrow::Type::type id = array_->type_id();
    if (id != arrow::Type::BINARY && id != arrow::Type::LARGE_BINARY &&
        id != arrow::Type::STRING) {
      throw VariantDataError(fmt::format("a part of a variant is {} instead of binary",
                                         array_->type()->ToString()));
    }
  }

  bool IsNull(int64_t row) const { return array_->IsNull(row); }
  std::string_view At(int64_t row) const {
    if (array_->type_id() == arrow::Type::LARGE_BINARY) {
      return static_cast<const arrow::LargeBinaryArray&>(*array_).GetView(row);
    }
    return static_cast<const arrow::BinaryArray&>(*array_).GetView(row);
  }

 private:
  std::shared_ptr<arrow::Array> array_;
};

/// A `typed_value` column.
class TypedColumn {
 public:
  explicit TypedColumn(std::shared_ptr<arrow::Array> array) : array_(std::move(array)) {}
  virtual ~TypedColumn() = default;
  TypedColumn(const TypedColumn&) = delete;
  TypedColumn& operator=(const TypedColumn&) = delete;

  bool IsNull(int64_t row) const { return array_->IsNull(row); }
  /// Appends the encoded value of a row that is not null. `rest` is what of it was not
  /// shredded; empty if there is none.
  virtual void Append(const VariantMetadata& metadata, int64_t row, std::string_view rest,
                      std::string* out) const = 0;

 protected:
  const arrow::Array& array() const { return *array_; }
  template <class T>
  const T& as() const {
    return static_cast<const T&>(*array_);
  }
  static void RefuseRest(std::string_view rest) {
    if (!rest.empty()) {
      throw VariantDataError("a variant that is no object has both a value and a typed value");
    }
  }

 private:
  std::shared_ptr<arrow::Array> array_;
};

/// A `value` and `typed_value` that belong together.
class ShreddedColumn {
 public:
  explicit ShreddedColumn(const arrow::StructArray& parts);

  /// Appends the encoded value of a row; false, and nothing, if it is missing.
  bool Append(const VariantMetadata& metadata, int64_t row, std::string* out) const {
    const bool has_value = value_ && !value_->IsNull(row);
    if (typed_ && !typed_->IsNull(row)) {
      typed_->Append(metadata, row, has_value ? value_->At(row) : std::string_view(), out);
      return true;
    }
    if (!has_value) {
      return false;
    }
    const std::string_view bytes = value_->At(row);
    *out += bytes.substr(0, VariantValue(bytes).size());
    return true;
  }

  /// Like Append(), where a value has to be: a missing one is a variant's null.
  void AppendPresent(const VariantMetadata& metadata, int64_t row, std::string* out) const {
    if (!Append(metadata, row, out)) {
      AppendVariantNull(out);
    }
  }

 private:
  std::unique_ptr<BinaryColumn> value_;
  std::unique_ptr<TypedColumn> typed_;
};

template <class ArrayType, class Value>
class FixedColumn final : public TypedColumn {
 public:
  FixedColumn(std::shared_ptr<arrow::Array> array, VariantPrimitive primitive)
      : TypedColumn(std::move(array)), primitive_(primitive) {}
  void Append(const VariantMetadata& /*metadata*/, int64_t row, std::string_view rest,
              std::string* out) const override {
    RefuseRest(rest);
    AppendVariantFixed(primitive_, static_cast<Value>(as<ArrayType>().Value(row)), out);
  }

 private:
  VariantPrimitive primitive_;
};

/// Columns of booleans, decimals, text and bytes.
class ScalarColumn final : public TypedColumn {
 public:
  using TypedColumn::TypedColumn;
  void Append(const VariantMetadata& /*metadata*/, int64_t row, std::string_view rest,
              std::string* out) const override {
    RefuseRest(rest);
    switch (array().type_id()) {
      case arrow::Type::BOOL:
        AppendVariantBoolean(as<arrow::BooleanArray>().Value(row), out);
        return;
      case arrow::Type::STRING:
        AppendVariantString(as<arrow::StringArray>().GetView(row), out);
        return;
      case arrow::Type::LARGE_STRING:
        AppendVariantString(as<arrow::LargeStringArray>().GetView(row), out);
        return;
      case arrow::Type::BINARY:
        AppendVariantBinary(as<arrow::BinaryArray>().GetView(row), out);
        return;
      case arrow::Type::LARGE_BINARY:
        AppendVariantBinary(as<arrow::LargeBinaryArray>().GetView(row), out);
        return;
      case arrow::Type::FIXED_SIZE_BINARY:
        AppendVariantUuid(as<arrow::FixedSizeBinaryArray>().GetView(row), out);
        return;
      default:
        AppendDecimal(row, out);
    }
  }

 private:
  void AppendDecimal(int64_t row, std::string* out) const {
    const auto& type = static_cast<const arrow::Decimal128Type&>(*array().type());
    Int128 unscaled = 0;
    std::memcpy(&unscaled, as<arrow::Decimal128Array>().GetValue(row), sizeof(unscaled));
    AppendVariantDecimal(unscaled, type.precision(), type.scale(), out);
  }
};

class ArrayColumn final : public TypedColumn {
 public:
  explicit ArrayColumn(const std::shared_ptr<arrow::Array>& array)
      : TypedColumn(array), elements_(StructOf(as<arrow::ListArray>().values())) {}
  void Append(const VariantMetadata& metadata, int64_t row, std::string_view rest,
              std::string* out) const override {
    RefuseRest(rest);
    const auto& lists = as<arrow::ListArray>();
    std::vector<std::string> elements(static_cast<size_t>(lists.value_length(row)));
    int64_t at = lists.value_offset(row);
    for (std::string& element : elements) {
      elements_.AppendPresent(metadata, at++, &element);
    }
    AppendVariantArray(elements, out);
  }

 private:
  static const arrow::StructArray& StructOf(const std::shared_ptr<arrow::Array>& array) {
    if (array->type_id() != arrow::Type::STRUCT) {
      throw VariantDataError("an array of variants has elements that are no group");
    }
    return static_cast<const arrow::StructArray&>(*array);
  }

  ShreddedColumn elements_;
};

class ObjectColumn final : public TypedColumn {
 public:
  explicit ObjectColumn(const std::shared_ptr<arrow::Array>& array) : TypedColumn(array) {
    const auto& fields = as<arrow::StructArray>();
    for (int i = 0; i < fields.num_fields(); ++i) {
      const std::shared_ptr<arrow::Array> field = fields.field(i);
      if (field->type_id() != arrow::Type::STRUCT) {
        throw VariantDataError(fmt::format("field '{}' of a shredded object is no group",
                                           fields.type()->field(i)->name()));
      }
      fields_.emplace_back(
          fields.type()->field(i)->name(),
          std::make_unique<ShreddedColumn>(static_cast<const arrow::StructArray&>(*field)));
    }
  }

  void Append(const VariantMetadata& metadata, int64_t row, std::string_view rest,
              std::string* out) const override {
    // By name, as an object's members are to be; names of ids need not be in order.
    std::map<std::string_view, std::pair<size_t, std::string>> members;
    if (!rest.empty()) {
      AddRest(metadata, rest, &members);
    }
    for (const auto& [name, column] : fields_) {
      std::string encoded;
      if (!column->Append(metadata, row, &encoded)) {
        continue;
      }
      const auto id = metadata.Find(name);
      if (!id) {
        throw VariantDataError(
            fmt::format("the metadata of a variant lacks the name of its field '{}'", name));
      }
      members.insert_or_assign(name, std::pair(*id, std::move(encoded)));
    }
    std::vector<std::pair<size_t, std::string>> sorted;
    sorted.reserve(members.size());
    for (auto& [name, member] : members) {
      sorted.push_back(std::move(member));
    }
    AppendVariantObject(sorted, out);
  }

 private:
  static void AddRest(const VariantMetadata& metadata, std::string_view rest,
                      std::map<std::string_view, std::pair<size_t, std::string>>* members) {
    const VariantValue value(rest);
    if (value.basic_type() != VariantBasicType::kObject) {
      throw VariantDataError("a shredded object has a value that is no object");
    }
    for (const VariantValue::Member& member : value.Members()) {
      members->insert_or_assign(metadata.name(member.name_id),
                                std::pair(member.name_id, std::string(member.value.bytes())));
    }
  }

  std::vector<std::pair<std::string, std::unique_ptr<ShreddedColumn>>> fields_;
};

std::unique_ptr<TypedColumn> MakeTimestamps(const std::shared_ptr<arrow::Array>& array) {
  const auto& type = static_cast<const arrow::TimestampType&>(*array->type());
  const bool zoned = !type.timezone().empty();
  const bool nanos = type.unit() == arrow::TimeUnit::NANO;
  if (!nanos && type.unit() != arrow::TimeUnit::MICRO) {
    throw VariantDataError(fmt::format("variants have no type {}", type.ToString()));
  }
  VariantPrimitive primitive =
      zoned ? VariantPrimitive::kTimestamptz : VariantPrimitive::kTimestamp;
  if (nanos) {
    primitive = zoned ? VariantPrimitive::kTimestamptzNs : VariantPrimitive::kTimestampNs;
  }
  return std::make_unique<FixedColumn<arrow::TimestampArray, int64_t>>(array, primitive);
}

std::unique_ptr<TypedColumn> MakeTypedColumn(const std::shared_ptr<arrow::Array>& read) {
  const std::shared_ptr<arrow::Array> array =
      read->type_id() == arrow::Type::EXTENSION
          ? static_cast<const arrow::ExtensionArray&>(*read).storage()
          : read;
  switch (array->type_id()) {
    case arrow::Type::INT8:
      return std::make_unique<FixedColumn<arrow::Int8Array, int8_t>>(array,
                                                                     VariantPrimitive::kInt8);
    case arrow::Type::INT16:
      return std::make_unique<FixedColumn<arrow::Int16Array, int16_t>>(
          array, VariantPrimitive::kInt16);
    case arrow::Type::INT32:
      return std::make_unique<FixedColumn<arrow::Int32Array, int32_t>>(
          array, VariantPrimitive::kInt32);
    case arrow::Type::INT64:
      return std::make_unique<FixedColumn<arrow::Int64Array, int64_t>>(
          array, VariantPrimitive::kInt64);
    case arrow::Type::FLOAT:
      return std::make_unique<FixedColumn<arrow::FloatArray, float>>(array,
                                                                     VariantPrimitive::kFloat);
    case arrow::Type::DOUBLE:
      return std::make_unique<FixedColumn<arrow::DoubleArray, double>>(
          array, VariantPrimitive::kDouble);
    case arrow::Type::DATE32:
      return std::make_unique<FixedColumn<arrow::Date32Array, int32_t>>(
          array, VariantPrimitive::kDate);
    case arrow::Type::TIME64:
      return std::make_unique<FixedColumn<arrow::Time64Array, int64_t>>(
          array, VariantPrimitive::kTime);
    case arrow::Type::TIMESTAMP:
      return MakeTimestamps(array);
    case arrow::Type::BOOL:
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::DECIMAL128:
      return std::make_unique<ScalarColumn>(array);
    case arrow::Type::FIXED_SIZE_BINARY:
      if (static_cast<const arrow::FixedSizeBinaryType&>(*array->type()).byte_width() == 16) {
        return std::make_unique<ScalarColumn>(array);
      }
      break;
    case arrow::Type::LIST:
      return std::make_unique<ArrayColumn>(array);
    case arrow::Type::STRUCT:
      return std::make_unique<ObjectColumn>(array);
    default:
      break;
  }
  throw VariantDataError(fmt::format("variants have no type {}", array->type()->ToString()));
}

ShreddedColumn::ShreddedColumn(const arrow::StructArray& parts) {
  if (auto value = parts.GetFieldByName(kValue)) {
    value_ = std::make_unique<BinaryColumn>(std::move(value));
  }
  if (const auto typed = parts.GetFieldByName(kTypedValue)) {
    typed_ = MakeTypedColumn(typed);
  }
}

}  // namespace

std::shared_ptr<arrow::DataType> VariantArrowType() {
  return arrow::struct_({arrow::field(kMetadata, arrow::binary(), /*nullable=*/false),
                         arrow::field(kValue, arrow::binary(), /*nullable=*/false)});
}

const std::vector<Field>& VariantParts() {
  static const std::vector<Field> parts = {
      {.id = -1, .name = kMetadata, .type = Type::Of(TypeId::kBinary), .required = true},
      {.id = -1, .name = kValue, .type = Type::Of(TypeId::kBinary), .required = true}};
  return parts;
}

bool IsVariantStorage(const arrow::DataType& type) {
  const bool extends = type.id() == arrow::Type::EXTENSION;
  const arrow::DataType& storage =
      extends ? *static_cast<const arrow::ExtensionType&>(type).storage_type() : type;
  if (storage.id() != arrow::Type::STRUCT) {
    return false;
  }
  const auto& fields = static_cast<const arrow::StructType&>(storage);
  return fields.GetFieldIndex(kMetadata) >= 0 &&
         (fields.GetFieldIndex(kValue) >= 0 || fields.GetFieldIndex(kTypedValue) >= 0);
}

std::shared_ptr<arrow::Array> AssembleVariants(const std::shared_ptr<arrow::Array>& stored) {
  const std::shared_ptr<arrow::Array> storage =
      stored->type_id() == arrow::Type::EXTENSION
          ? static_cast<const arrow::ExtensionArray&>(*stored).storage()
          : stored;
  const auto& parts = static_cast<const arrow::StructArray&>(*storage);
  const BinaryColumn names(parts.GetFieldByName(kMetadata));
  const ShreddedColumn values(parts);
  arrow::BinaryBuilder metadata_builder(BufferPool());
  arrow::BinaryBuilder value_builder(BufferPool());
  std::string encoded;
  for (int64_t row = 0; row < parts.length(); ++row) {
    if (parts.IsNull(row)) {
      // A null row still has valid parts below it: readers may look at them.
      ThrowIfNotOk(metadata_builder.AppendEmptyValue(), Assembling());
      ThrowIfNotOk(value_builder.AppendEmptyValue(), Assembling());
      continue;
    }
    if (names.IsNull(row)) {
      throw VariantDataError("a variant has no metadata");
    }
    const std::string_view metadata = names.At(row);
    encoded.clear();
    values.AppendPresent(VariantMetadata(metadata), row, &encoded);
    ThrowIfNotOk(metadata_builder.Append(metadata), Assembling());
    ThrowIfNotOk(value_builder.Append(encoded), Assembling());
  }
  arrow::ArrayVector children = {ValueOrThrow(metadata_builder.Finish(), Assembling()),
                                 ValueOrThrow(value_builder.Finish(), Assembling())};
  std::shared_ptr<arrow::Buffer> validity;
  if (parts.null_count() > 0) {
    validity = ValueOrThrow(arrow::internal::CopyBitmap(BufferPool(), parts.null_bitmap_data(),
                                                        parts.offset(), parts.length()),
                            Assembling());
  }
  return std::make_shared<arrow::StructArray>(VariantArrowType(), parts.length(),
                                              std::move(children), std::move(validity));
}

}  // namespace floe::inline v0
