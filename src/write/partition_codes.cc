#include "write/partition_codes.h"

#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/murmur3.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

using Kind = Transform::Kind;

/// Calls `apply(value)` for each valid row of an integer column.
template <class T, class Apply>
void MapIntegers(const arrow::Array& column, std::vector<int64_t>* codes, const Apply& apply) {
  const T* values = column.data()->GetValues<T>(1);
  const bool has_nulls = column.null_count() > 0;
  for (size_t i = 0; i < codes->size(); ++i) {
    (*codes)[i] = has_nulls && column.IsNull(static_cast<int64_t>(i))
                      ? PartitionCodes::kNull
                      : apply(int64_t{values[i]});
  }
}

template <class T>
void TransformIntegers(const arrow::Array& column, const Transform& transform, TypeId source,
                       std::vector<int64_t>* codes) {
  const bool is_date = source == TypeId::kDate;
  const bool is_nanos = source == TypeId::kTimestampNs || source == TypeId::kTimestamptzNs;
  // Microseconds of a timestamp; other integers as they are.
  const auto micros = [is_nanos](int64_t v) {
    return is_nanos ? FloorDivide(v, kNanosPerMicro) : v;
  };
  const auto days = [&](int64_t v) {
    return is_date ? v : FloorDivide(micros(v), kMicrosPerDay);
  };
  const int64_t parameter = transform.parameter();
  switch (transform.kind()) {
    case Kind::kIdentity:
      return MapIntegers<T>(column, codes, [](int64_t v) { return v; });
    case Kind::kBucket:
      return MapIntegers<T>(column, codes, [=](int64_t v) {
        return int64_t{BucketOf(Murmur3(micros(v)), static_cast<int32_t>(parameter))};
      });
    case Kind::kTruncate:
      return MapIntegers<T>(column, codes, [&](int64_t v) {
        const Literal value = sizeof(T) == sizeof(int32_t)
                                  ? Literal::Int(static_cast<int32_t>(v))
                                  : Literal::Long(v);
        const Literal cut = *transform.Apply(value);
        return sizeof(T) == sizeof(int32_t) ? int64_t{cut.get<int32_t>()} : cut.get<int64_t>();
      });
    case Kind::kYear:
      return MapIntegers<T>(column, codes,
                            [&](int64_t v) { return CivilFromDays(days(v)).year - 1970; });
    case Kind::kMonth:
      return MapIntegers<T>(column, codes, [&](int64_t v) {
        const CivilDate date = CivilFromDays(days(v));
        return (date.year - 1970) * 12 + date.month - 1;
      });
    case Kind::kDay:
      return MapIntegers<T>(column, codes, days);
    case Kind::kHour:
      return MapIntegers<T>(column, codes, [&](int64_t v) {
        return std::clamp<int64_t>(FloorDivide(micros(v), kMicrosPerHour), INT32_MIN,
                                   INT32_MAX);
      });
    case Kind::kVoid:
    case Kind::kUnknown:
      break;
  }
  throw InternalError("a transform without codes");
}

/// Raw bytes of each value of a column that is held as text, number or bytes.
template <class ArrayType, class Visit>
void ForEachText(const arrow::Array& column, const Visit& visit) {
  const auto& typed = static_cast<const ArrayType&>(column);
  for (int64_t i = 0; i < typed.length(); ++i) {
    if (typed.IsNull(i)) {
      visit(static_cast<size_t>(i), std::nullopt);
    } else {
      visit(static_cast<size_t>(i), std::optional(std::string_view(typed.GetView(i))));
    }
  }
}

template <class Visit>
void ForEachRaw(const arrow::Array& column, size_t width, const Visit& visit) {
  const auto* bytes = column.data()->GetValues<char>(1, 0);
  const auto offset = static_cast<size_t>(column.offset());
  for (size_t i = 0; i < static_cast<size_t>(column.length()); ++i) {
    if (column.IsNull(static_cast<int64_t>(i))) {
      visit(i, std::nullopt);
    } else {
      visit(i, std::optional(std::string_view(bytes + (offset + i) * width, width)));
    }
  }
}

template <class Visit>
void ForEachBytes(const arrow::Array& column, const Visit& visit) {
  switch (column.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return ForEachText<arrow::BinaryArray>(column, visit);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return ForEachText<arrow::LargeBinaryArray>(column, visit);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return ForEachText<arrow::BinaryViewArray>(column, visit);
    case arrow::Type::FIXED_SIZE_BINARY:
      return ForEachText<arrow::FixedSizeBinaryArray>(column, visit);
    case arrow::Type::FLOAT:
      return ForEachRaw(column, sizeof(float), visit);
    case arrow::Type::DOUBLE:
      return ForEachRaw(column, sizeof(double), visit);
    case arrow::Type::DECIMAL128:
      return ForEachRaw(column, sizeof(Int128), visit);
    default:
      throw InternalError("a partition source of an unexpected layout");
  }
}

/// The literal whose bytes, as they lie in an Arrow array, are `raw`.
Literal LiteralOfRaw(const Type& type, std::string_view raw) {
  if (type.id() == TypeId::kDecimal) {
    Int128 value = 0;
    std::memcpy(&value, raw.data(), sizeof(value));
    return Literal::Of(type, value);
  }
  return LiteralFromBytes(type, raw).value();
}

bool IsIntegerLike(const Type& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return true;
    default:
      return false;
  }
}

}  // namespace

PartitionCodes::PartitionCodes(const PartitionField& field, const Type& source_type)
    : transform_(field.transform),
      source_type_(source_type),
      result_type_(field.transform.ResultType(source_type)) {}

std::vector<int64_t> PartitionCodes::Compute(const arrow::Array& column) {
  std::vector<int64_t> codes(static_cast<size_t>(column.length()), kNull);
  if (transform_.kind() == Kind::kVoid || source_type_.id() == TypeId::kUnknown) {
    return codes;
  }
  if (column.type_id() == arrow::Type::EXTENSION) {
    return Compute(*static_cast<const arrow::ExtensionArray&>(column).storage());
  }
  if (IsIntegerLike(source_type_)) {
    ComputeIntegers(column, &codes);
  } else {
    ComputeTexts(column, &codes);
  }
  return codes;
}

void PartitionCodes::ComputeIntegers(const arrow::Array& column,
                                     std::vector<int64_t>* codes) const {
  switch (source_type_.id()) {
    case TypeId::kBoolean: {
      const auto& booleans = static_cast<const arrow::BooleanArray&>(column);
      for (int64_t i = 0; i < column.length(); ++i) {
        if (column.IsValid(i)) {
          (*codes)[static_cast<size_t>(i)] = booleans.Value(i) ? 1 : 0;
        }
      }
      return;
    }
    case TypeId::kInt:
    case TypeId::kDate:
      return TransformIntegers<int32_t>(column, transform_, source_type_.id(), codes);
    default:
      return TransformIntegers<int64_t>(column, transform_, source_type_.id(), codes);
  }
}

int64_t PartitionCodes::Intern(const Literal& value) {
  const auto [entry, is_new] =
      code_of_.try_emplace(value.ToBytes(), static_cast<int64_t>(values_.size()));
  if (is_new) {
    values_.push_back(value);
  }
  return entry->second;
}

void PartitionCodes::ComputeTexts(const arrow::Array& column, std::vector<int64_t>* codes) {
  std::string_view last;
  int64_t last_code = kNull;
  ForEachBytes(column, [&](size_t i, const std::optional<std::string_view>& bytes) {
    if (!bytes) {
      return;
    }
    if (last_code != kNull && *bytes == last) {
      (*codes)[i] = last_code;
      return;
    }
    const Literal value = *transform_.Apply(LiteralOfRaw(source_type_, *bytes));
    last_code = transform_.kind() == Kind::kBucket ? value.get<int32_t>() : Intern(value);
    last = *bytes;
    (*codes)[i] = last_code;
  });
}

bool PartitionCodes::is_wide() const {
  switch (result_type_.id()) {
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return transform_.kind() != Kind::kVoid;
    default:
      return false;
  }
}

Literal PartitionCodes::ValueOf(int64_t code) const {
  switch (result_type_.id()) {
    case TypeId::kBoolean:
      return Literal::Boolean(code != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      return Literal::Of(result_type_, static_cast<int32_t>(code));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Literal::Of(result_type_, code);
    default:
      return values_.at(static_cast<size_t>(code));
  }
}

std::shared_ptr<arrow::Array> SourceColumn(const Schema& schema, int32_t source_id,
                                           const arrow::RecordBatch& batch) {
  const std::vector<int>& path = schema.Find(source_id)->path;
  std::shared_ptr<arrow::Array> array = batch.column(path[0]);
  for (size_t step = 1; step < path.size(); ++step) {
    array = ValueOrThrow(
        static_cast<const arrow::StructArray&>(*array).GetFlattenedField(path[step]),
        ArrowContext::Internal("reading a field of a struct"));
  }
  return array;
}

}  // namespace floe::inline v0
