#include "parquet/arrow_literal.h"

#include <arrow/builder.h>
#include <arrow/util/decimal.h>

#include <cstdint>
#include <optional>
#include <string>

#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

arrow::Status Append(const Literal& literal, arrow::ArrayBuilder* builder) {
  switch (literal.type().id()) {
    case TypeId::kBoolean:
      return static_cast<arrow::BooleanBuilder*>(builder)->Append(literal.get<bool>());
    case TypeId::kInt:
      return static_cast<arrow::Int32Builder*>(builder)->Append(literal.get<int32_t>());
    case TypeId::kDate:
      return static_cast<arrow::Date32Builder*>(builder)->Append(literal.get<int32_t>());
    case TypeId::kLong:
      return static_cast<arrow::Int64Builder*>(builder)->Append(literal.get<int64_t>());
    case TypeId::kTime:
      return static_cast<arrow::Time64Builder*>(builder)->Append(literal.get<int64_t>());
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return static_cast<arrow::TimestampBuilder*>(builder)->Append(literal.get<int64_t>());
    case TypeId::kFloat:
      return static_cast<arrow::FloatBuilder*>(builder)->Append(literal.get<float>());
    case TypeId::kDouble:
      return static_cast<arrow::DoubleBuilder*>(builder)->Append(literal.get<double>());
    case TypeId::kDecimal: {
      const Int128 value = literal.get<Int128>();
      return static_cast<arrow::Decimal128Builder*>(builder)->Append(
          arrow::Decimal128(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value)));
    }
    case TypeId::kString:
      return static_cast<arrow::StringBuilder*>(builder)->Append(literal.get<std::string>());
    case TypeId::kUuid:
    case TypeId::kFixed:
      return static_cast<arrow::FixedSizeBinaryBuilder*>(builder)->Append(
          literal.get<std::string>());
    case TypeId::kBinary:
    case TypeId::kGeometry:
    case TypeId::kGeography:
      return static_cast<arrow::BinaryBuilder*>(builder)->Append(literal.get<std::string>());
    default:
      throw InternalError("a literal is of a primitive type");
  }
}

}  // namespace

void AppendLiteral(const std::optional<Literal>& literal, arrow::ArrayBuilder* builder) {
  ThrowIfNotOk(literal ? Append(*literal, builder) : builder->AppendNull(),
               ArrowContext::Internal("building an array"));
}

}  // namespace floe::inline v0
