#include "parquet/row_filter.h"

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/extension_type.h>
#include <arrow/record_batch.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"

namespace floe::inline v0 {
namespace {

/// Fills `mask` with `test(value)`; what is null is settled afterwards.
template <class GetValue, class Test>
void Fill(RowMask& mask, const GetValue& get, const Test& test) {
  const size_t rows = mask.size();
  for (size_t i = 0; i < rows; ++i) {
    mask[i] = test(get(i)) ? 1 : 0;
  }
}

/// Whether `value` is one of `sorted`; NaN is none.
template <class T>
bool IsOneOf(const std::vector<T>& sorted, const T& value) {
  const auto found = std::ranges::lower_bound(sorted, value);
  return found != sorted.end() && *found == value;
}

/// Applies a predicate whose literals are of the C++ type `T` to values of the same type.
template <class T, class GetValue>
void FillByOperation(const BoundExpression& predicate, const std::vector<T>& literals,
                     const GetValue& get, RowMask& mask) {
  const T& literal = literals[0];
  switch (predicate.operation()) {
    case Operation::kLess:
      return Fill(mask, get, [&](const T& v) { return v < literal; });
    case Operation::kLessOrEqual:
      return Fill(mask, get, [&](const T& v) { return v <= literal; });
    case Operation::kGreater:
      return Fill(mask, get, [&](const T& v) { return v > literal; });
    case Operation::kGreaterOrEqual:
      return Fill(mask, get, [&](const T& v) { return v >= literal; });
    case Operation::kEqual:
      return Fill(mask, get, [&](const T& v) { return v == literal; });
    case Operation::kNotEqual:
      return Fill(mask, get, [&](const T& v) { return v != literal; });
    case Operation::kIn:
      return Fill(mask, get, [&](const T& v) { return IsOneOf(literals, v); });
    case Operation::kNotIn:
      return Fill(mask, get, [&](const T& v) { return !IsOneOf(literals, v); });
    default:
      throw InternalError("an operation that is no comparison");
  }
}

/// Literals as values of `T`, which `Held` is converted to.
template <class T, class Held>
std::vector<T> LiteralsAs(const BoundExpression& predicate) {
  std::vector<T> values;
  for (const Literal& literal : predicate.literals()) {
    values.push_back(static_cast<T>(literal.get<Held>()));
  }
  return values;
}

template <class T>
void CompareFixedWidth(const BoundExpression& predicate, const arrow::Array& array,
                       RowMask& mask) {
  const T* values = array.data()->GetValues<T>(1);
  FillByOperation<T>(
      predicate, LiteralsAs<T, T>(predicate), [values](size_t i) { return values[i]; }, mask);
}

void CompareBooleans(const BoundExpression& predicate, const arrow::Array& array,
                     RowMask& mask) {
  const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
  FillByOperation<uint8_t>(
      predicate, LiteralsAs<uint8_t, bool>(predicate),
      [&](size_t i) {
        return static_cast<uint8_t>(booleans.Value(static_cast<int64_t>(i)) ? 1 : 0);
      },
      mask);
}

Int128 DecimalAt(const arrow::Decimal128Array& decimals, size_t i) {
  Int128 value = 0;
  std::memcpy(&value, decimals.GetValue(static_cast<int64_t>(i)), sizeof(value));
  return value;
}

void CompareDecimals(const BoundExpression& predicate, const arrow::Array& array,
                     RowMask& mask) {
  const auto& decimals = static_cast<const arrow::Decimal128Array&>(array);
  FillByOperation<Int128>(
      predicate, LiteralsAs<Int128, Int128>(predicate),
      [&](size_t i) { return DecimalAt(decimals, i); }, mask);
}

template <class ArrayType>
void CompareTexts(const BoundExpression& predicate, const arrow::Array& array, RowMask& mask) {
  const auto& texts = static_cast<const ArrayType&>(array);
  const auto get = [&](size_t i) {
    return std::string_view(texts.GetView(static_cast<int64_t>(i)));
  };
  std::vector<std::string_view> literals;
  for (const Literal& literal : predicate.literals()) {
    literals.emplace_back(literal.get<std::string>());
  }
  switch (predicate.operation()) {
    case Operation::kStartsWith:
      return Fill(mask, get, [&](std::string_view v) { return v.starts_with(literals[0]); });
    case Operation::kNotStartsWith:
      return Fill(mask, get, [&](std::string_view v) { return !v.starts_with(literals[0]); });
    default:
      return FillByOperation<std::string_view>(predicate, literals, get, mask);
  }
}

void TestNan(const BoundExpression& predicate, const arrow::Array& array, RowMask& mask) {
  const bool wanted = predicate.operation() == Operation::kIsNan;
  const auto test = [&](const auto* values) {
    Fill(
        mask, [values](size_t i) { return values[i]; },
        [wanted](auto v) { return std::isnan(v) == wanted; });
  };
  if (array.type_id() == arrow::Type::FLOAT) {
    test(array.data()->GetValues<float>(1));
  } else {
    test(array.data()->GetValues<double>(1));
  }
}

/// Buckets of the values that are not null.
template <class GetLiteral>
void CompareBuckets(const BoundExpression& predicate, const arrow::Array& array,
                    const GetLiteral& get, RowMask& mask) {
  std::vector<int32_t> buckets(mask.size(), 0);
  for (size_t i = 0; i < buckets.size(); ++i) {
    if (array.IsValid(static_cast<int64_t>(i))) {
      buckets[i] = predicate.bucket()->Apply(get(i))->template get<int32_t>();
    }
  }
  FillByOperation<int32_t>(
      predicate, LiteralsAs<int32_t, int32_t>(predicate), [&](size_t i) { return buckets[i]; },
      mask);
}

template <class T>
void CompareBucketsOf(const BoundExpression& predicate, const arrow::Array& array,
                      RowMask& mask) {
  const T* values = array.data()->GetValues<T>(1);
  CompareBuckets(
      predicate, array, [&](size_t i) { return Literal::Of(predicate.type(), values[i]); },
      mask);
}

template <class ArrayType>
void CompareBucketsOfTexts(const BoundExpression& predicate, const arrow::Array& array,
                           RowMask& mask) {
  const auto& texts = static_cast<const ArrayType&>(array);
  CompareBuckets(
      predicate, array,
      [&](size_t i) {
        return Literal::Of(predicate.type(),
                           std::string(texts.GetView(static_cast<int64_t>(i))));
      },
      mask);
}

void CompareBucketsOfDecimals(const BoundExpression& predicate, const arrow::Array& array,
                              RowMask& mask) {
  const auto& decimals = static_cast<const arrow::Decimal128Array&>(array);
  CompareBuckets(
      predicate, array,
      [&](size_t i) { return Literal::Of(predicate.type(), DecimalAt(decimals, i)); }, mask);
}

void CompareBucketsOf(const BoundExpression& predicate, const arrow::Array& array,
                      RowMask& mask) {
  switch (array.type_id()) {
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
      return CompareBucketsOf<int32_t>(predicate, array, mask);
    case arrow::Type::INT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      return CompareBucketsOf<int64_t>(predicate, array, mask);
    case arrow::Type::DECIMAL128:
      return CompareBucketsOfDecimals(predicate, array, mask);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return CompareBucketsOfTexts<arrow::BinaryArray>(predicate, array, mask);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return CompareBucketsOfTexts<arrow::LargeBinaryArray>(predicate, array, mask);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return CompareBucketsOfTexts<arrow::BinaryViewArray>(predicate, array, mask);
    case arrow::Type::FIXED_SIZE_BINARY:
      return CompareBucketsOfTexts<arrow::FixedSizeBinaryArray>(predicate, array, mask);
    case arrow::Type::EXTENSION:
      return CompareBucketsOf(
          predicate, *static_cast<const arrow::ExtensionArray&>(array).storage(), mask);
    default:
      throw InternalError("a filter on buckets of a type that has none");
  }
}

void Compare(const BoundExpression& predicate, const arrow::Array& array, RowMask& mask) {
  if (predicate.bucket()) {
    return CompareBucketsOf(predicate, array, mask);
  }
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return CompareBooleans(predicate, array, mask);
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
      return CompareFixedWidth<int32_t>(predicate, array, mask);
    case arrow::Type::INT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
      return CompareFixedWidth<int64_t>(predicate, array, mask);
    case arrow::Type::FLOAT:
      return CompareFixedWidth<float>(predicate, array, mask);
    case arrow::Type::DOUBLE:
      return CompareFixedWidth<double>(predicate, array, mask);
    case arrow::Type::DECIMAL128:
      return CompareDecimals(predicate, array, mask);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return CompareTexts<arrow::BinaryArray>(predicate, array, mask);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return CompareTexts<arrow::LargeBinaryArray>(predicate, array, mask);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return CompareTexts<arrow::BinaryViewArray>(predicate, array, mask);
    case arrow::Type::FIXED_SIZE_BINARY:
      return CompareTexts<arrow::FixedSizeBinaryArray>(predicate, array, mask);
    case arrow::Type::EXTENSION:
      return Compare(predicate, *static_cast<const arrow::ExtensionArray&>(array).storage(),
                     mask);
    default:
      throw InternalError("a filter on an array of a type that no column has");
  }
}

/// Clears (or, for is null, sets) what is null.
void SettleNulls(const BoundExpression& predicate, const arrow::Array& array, RowMask& mask) {
  const Operation operation = predicate.operation();
  if (operation == Operation::kIsNull || operation == Operation::kNotNull) {
    for (size_t i = 0; i < mask.size(); ++i) {
      const bool is_null = array.IsNull(static_cast<int64_t>(i));
      mask[i] = is_null == (operation == Operation::kIsNull) ? 1 : 0;
    }
    return;
  }
  if (array.null_count() == 0) {
    return;
  }
  for (size_t i = 0; i < mask.size(); ++i) {
    if (array.IsNull(static_cast<int64_t>(i))) {
      mask[i] = 0;
    }
  }
}

RowMask EvaluateOne(const BoundExpression& predicate, int64_t row_count,
                    const ColumnSource& columns) {
  RowMask mask(static_cast<size_t>(row_count), 0);
  const std::shared_ptr<arrow::Array> array = columns(predicate);
  const Operation operation = predicate.operation();
  if (array == nullptr) {
    if (operation == Operation::kIsNull) {
      std::ranges::fill(mask, uint8_t{1});
    }
    return mask;
  }
  Check(array->length() == row_count, "a filter column of another length than its rows");
  if (operation == Operation::kIsNan || operation == Operation::kNotNan) {
    TestNan(predicate, *array, mask);
  } else if (operation != Operation::kIsNull && operation != Operation::kNotNull) {
    Compare(predicate, *array, mask);
  }
  SettleNulls(predicate, *array, mask);
  return mask;
}

}  // namespace

RowMask EvaluateRows(const BoundExpression& filter, int64_t row_count,
                     const ColumnSource& columns) {
  switch (filter.operation()) {
    case Operation::kTrue:
    case Operation::kFalse:
      return RowMask(static_cast<size_t>(row_count), filter.is_true() ? 1 : 0);
    case Operation::kAnd:
    case Operation::kOr: {
      RowMask mask = EvaluateRows(*filter.children()[0], row_count, columns);
      for (size_t c = 1; c < filter.children().size(); ++c) {
        const RowMask other = EvaluateRows(*filter.children()[c], row_count, columns);
        const bool is_and = filter.operation() == Operation::kAnd;
        for (size_t i = 0; i < mask.size(); ++i) {
          mask[i] = is_and ? mask[i] & other[i] : mask[i] | other[i];
        }
      }
      return mask;
    }
    default:
      return EvaluateOne(filter, row_count, columns);
  }
}

int64_t CountRows(const RowMask& mask) {
  return std::accumulate(mask.begin(), mask.end(), int64_t{0});
}

std::shared_ptr<arrow::Array> ColumnOfBatch(const Schema& schema,
                                            const arrow::RecordBatch& batch, int32_t field_id) {
  const Schema::Place* place = schema.Find(field_id);
  if (place == nullptr) {
    return nullptr;
  }
  std::shared_ptr<arrow::Array> array = batch.column(place->path[0]);
  for (size_t step = 1; step < place->path.size(); ++step) {
    const auto& above = static_cast<const arrow::StructArray&>(*array);
    array = ValueOrThrow(above.GetFlattenedField(place->path[step]),
                         ArrowContext::Internal("reading a field of a struct"));
  }
  return array;
}

ColumnSource ColumnsOfBatch(const Schema& schema, const arrow::RecordBatch& batch) {
  return [&schema, &batch](const BoundExpression& predicate) {
    return ColumnOfBatch(schema, batch, predicate.field_id());
  };
}

std::shared_ptr<arrow::RecordBatch> FilterBatch(
    const std::shared_ptr<arrow::RecordBatch>& batch, const RowMask& mask) {
  const ArrowContext context = ArrowContext::Internal("filtering rows");
  const auto rows = static_cast<int64_t>(mask.size());
  std::shared_ptr<arrow::Buffer> bits =
      ValueOrThrow(arrow::AllocateBitmap(rows, BufferPool()), context);
  uint8_t* out = bits->mutable_data();
  std::memset(out, 0, static_cast<size_t>(bits->size()));
  for (size_t i = 0; i < mask.size(); ++i) {
    out[i / 8] |= static_cast<uint8_t>(mask[i] << (i % 8));
  }
  const arrow::BooleanArray selection(rows, bits);
  const arrow::Datum kept = ValueOrThrow(
      arrow::compute::Filter(batch, selection.data(), arrow::compute::FilterOptions::Defaults(),
                             BufferContext()),
      context);
  return kept.record_batch();
}

}  // namespace floe::inline v0
