#include "parquet/default_arrays.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/builder.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "parquet/arrow_literal.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"

namespace floe::inline v0 {
namespace {

const ArrowContext& Context() {
  static const ArrowContext context =
      ArrowContext::Internal("filling a column with its default");
  return context;
}

/// Makes arrays of one value.
class ValueArrays {
 public:
  explicit ValueArrays(DefaultKind kind) : kind_(kind) {}

  std::shared_ptr<arrow::Array> Of(const Value& value, const Type& type) const {
    if (value.is_null()) {
      return OfNull(type);
    }
    switch (type.id()) {
      case TypeId::kStruct:
        return OfStruct(value, type);
      case TypeId::kList:
        return std::make_shared<arrow::ListArray>(
            ToArrowType(type), 1, OffsetsTo(value.parts().size()),
            OfParts(value.parts(), 0, value.parts().size(), type.fields()[0].type));
      case TypeId::kMap: {
        const size_t size = value.parts().size() / 2;
        return std::make_shared<arrow::MapArray>(
            ToArrowType(type), 1, OffsetsTo(size),
            OfParts(value.parts(), 0, size, type.fields()[0].type),
            OfParts(value.parts(), size, 2 * size, type.fields()[1].type));
      }
      default:
        return OfLiteral(*value.literal());
    }
  }

  std::shared_ptr<arrow::Array> OfDefault(const Field& field) const {
    const DefaultValue& value = DefaultOf(field, kind_);
    return value.is_null() ? OfNull(field.type) : Of(value.value(), field.type);
  }

 private:
  static std::shared_ptr<arrow::Array> OfNull(const Type& type) {
    return ValueOrThrow(arrow::MakeArrayOfNull(ToArrowType(type), 1, BufferPool()), Context());
  }

  static std::shared_ptr<arrow::Array> OfLiteral(const Literal& literal) {
    const std::shared_ptr<arrow::DataType> type = ToArrowType(literal.type());
    const bool wrapped = type->id() == arrow::Type::EXTENSION;
    const auto stored =
        wrapped ? static_cast<const arrow::ExtensionType&>(*type).storage_type() : type;
    const auto builder = ValueOrThrow(arrow::MakeBuilder(stored, BufferPool()), Context());
    AppendLiteral(literal, builder.get());
    auto array = ValueOrThrow(builder->Finish(), Context());
    return wrapped ? arrow::ExtensionType::WrapArray(type, array) : array;
  }

  std::shared_ptr<arrow::Array> OfStruct(const Value& value, const Type& type) const {
    arrow::ArrayVector children;
    for (const Field& field : type.fields()) {
      const auto named = std::ranges::find(value.field_ids(), field.id);
      const auto index = static_cast<size_t>(named - value.field_ids().begin());
      children.push_back(named == value.field_ids().end()
                             ? OfDefault(field)
                             : Of(value.parts()[index], field.type));
    }
    return std::make_shared<arrow::StructArray>(ToArrowType(type), 1, std::move(children));
  }

  std::shared_ptr<arrow::Array> OfParts(const std::vector<Value>& parts, size_t begin,
                                        size_t end, const Type& type) const {
    if (begin == end) {
      return ValueOrThrow(arrow::MakeEmptyArray(ToArrowType(type), BufferPool()), Context());
    }
    arrow::ArrayVector arrays;
    for (size_t i = begin; i < end; ++i) {
      arrays.push_back(Of(parts[i], type));
    }
    return ValueOrThrow(arrow::Concatenate(arrays, BufferPool()), Context());
  }

  static std::shared_ptr<arrow::Buffer> OffsetsTo(size_t end) {
    arrow::TypedBufferBuilder<int32_t> offsets(BufferPool());
    ThrowIfNotOk(offsets.Append(0), Context());
    ThrowIfNotOk(offsets.Append(static_cast<int32_t>(end)), Context());
    return ValueOrThrow(offsets.Finish(), Context());
  }

  DefaultKind kind_;
};

}  // namespace

const DefaultValue& DefaultOf(const Field& field, DefaultKind kind) {
  return kind == DefaultKind::kInitial ? field.initial_default : field.write_default;
}

std::shared_ptr<arrow::Array> MakeDefaultArray(const Field& field, DefaultKind kind,
                                               int64_t length) {
  if (DefaultOf(field, kind).is_null()) {
    return ValueOrThrow(arrow::MakeArrayOfNull(ToArrowType(field.type), length, BufferPool()),
                        Context());
  }
  const auto one = ValueArrays(kind).OfDefault(field);
  const auto scalar = ValueOrThrow(one->GetScalar(0), Context());
  return ValueOrThrow(arrow::MakeArrayFromScalar(*scalar, length, BufferPool()), Context());
}

const Field* FindWithoutDefault(const Field& field, DefaultKind kind) {
  if (DefaultOf(field, kind).is_null()) {
    return field.required ? &field : nullptr;
  }
  if (field.type.id() == TypeId::kStruct) {
    for (const Field& inner : field.type.fields()) {
      if (const Field* found = FindWithoutDefault(inner, kind)) {
        return found;
      }
    }
  }
  return nullptr;
}

}  // namespace floe::inline v0
