#include "parquet/flat_values.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/type_fwd.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "floe/base/error.h"
#include "parquet/plain_bytes.h"

namespace floe::inline v0 {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

/// The integer of a decimal that is small enough for it.
template <class Integer>
Integer DecimalAt(const uint8_t* decimals, int64_t index) {
  Integer value = 0;
  std::memcpy(&value, decimals + index * arrow::Decimal128Type::kByteWidth, sizeof(value));
  return value;
}

template <class T>
bool IsStoredAs(const arrow::DataType& type) {
  if constexpr (Number<T>) {
    return (std::integral<T> && type.id() == arrow::Type::DECIMAL128) ||
           type.byte_width() == static_cast<int32_t>(sizeof(T));
  } else {
    return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id());
  }
}

/// Calls `work` with a function that gives the value of a row.
template <Number T, class Work>
void WithValueOf(const arrow::Array& array, const Work& work) {
  if constexpr (std::integral<T>) {
    if (array.type_id() == arrow::Type::DECIMAL128) {
      const uint8_t* decimals = static_cast<const arrow::Decimal128Array&>(array).raw_values();
      work([decimals](int64_t row) { return DecimalAt<T>(decimals, row); });
      return;
    }
  }
  const T* values = array.data()->GetValues<T>(1);
  work([values](int64_t row) { return values[row]; });
}

}  // namespace

template <class T>
FlatValues<T>::FlatValues(const arrow::ArrayVector& arrays) : arrays_(arrays) {
  for (const auto& array : arrays_) {
    Check(IsStoredAs<T>(*array->type()), "arrays as a column's type has them");
    row_count_ += array->length();
    has_nulls_ = has_nulls_ || array->null_count() > 0;
  }
}

template <class T>
void FlatValues<T>::Rewind() {
  array_ = 0;
  row_ = 0;
}

template <class T>
FlatValues<T>::Block FlatValues<T>::Next(int64_t max_rows, int64_t max_bytes) {
  values_.clear();
  is_there_.clear();
  bytes_ = 0;
  Block block;
  while (block.rows < max_rows && array_ < arrays_.size() &&
         (bytes_ < max_bytes || block.rows == 0)) {
    const arrow::Array& array = *arrays_[array_];
    if (row_ == array.length()) {
      ++array_;
      row_ = 0;
      continue;
    }
    if constexpr (Number<T>) {
      const int64_t rows = std::min(max_rows, max_bytes / static_cast<int64_t>(sizeof(T)));
      if (block.rows == 0 && !has_nulls_ && array.type_id() != arrow::Type::DECIMAL128 &&
          rows > 0 && array.length() - row_ >= rows) {
        block.rows = rows;
        block.values = {array.data()->GetValues<T>(1) + row_, static_cast<size_t>(rows)};
        block.bytes = rows * static_cast<int64_t>(sizeof(T));
        row_ += rows;
        return block;
      }
    }
    const int64_t taken = TakeRows(array, max_rows - block.rows, max_bytes - bytes_);
    block.rows += taken;
    row_ += taken;
  }
  block.values = values_;
  block.is_there = is_there_;
  block.bytes = bytes_;
  return block;
}

/// Takes at least one row of `array`, from where the next begin; returns how many.
template <class T>
int64_t FlatValues<T>::TakeRows(const arrow::Array& array, int64_t max_rows,
                                int64_t max_bytes) {
  const int64_t most = std::min(max_rows, array.length() - row_);
  int64_t rows = most;
  if constexpr (Number<T>) {
    constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
    rows = std::clamp<int64_t>((max_bytes + kBytes - 1) / kBytes, 1, most);
    TakeNumbers(array, rows);
  } else {
    switch (array.type_id()) {
      case arrow::Type::STRING:
      case arrow::Type::BINARY:
        rows = TakeTexts(static_cast<const arrow::BinaryArray&>(array), most, max_bytes);
        break;
      case arrow::Type::LARGE_STRING:
      case arrow::Type::LARGE_BINARY:
        rows = TakeTexts(static_cast<const arrow::LargeBinaryArray&>(array), most, max_bytes);
        break;
      default:
        rows = TakeTexts(static_cast<const arrow::BinaryViewArray&>(array), most, max_bytes);
    }
  }
  if (has_nulls_) {
    for (int64_t row = row_; row < row_ + rows; ++row) {
      is_there_.push_back(array.IsValid(row) ? 1 : 0);
    }
  }
  return rows;
}

template <class T>
template <class TextArray>
int64_t FlatValues<T>::TakeTexts(const TextArray& array, int64_t max_rows, int64_t max_bytes) {
  const bool has_nulls = array.null_count() > 0;
  int64_t bytes = 0;
  int64_t row = row_;
  for (; row < row_ + max_rows && (bytes < max_bytes || row == row_); ++row) {
    if (has_nulls && array.IsNull(row)) {
      continue;
    }
    const std::string_view text = array.GetView(row);
    values_.push_back(text);
    bytes += static_cast<int64_t>(PlainBytesOf(text));
  }
  bytes_ += bytes;
  return row - row_;
}

template <class T>
void FlatValues<T>::TakeNumbers(const arrow::Array& array, int64_t rows) {
  if constexpr (Number<T>) {
    const size_t before = values_.size();
    values_.resize(before + static_cast<size_t>(rows));
    T* const begin = values_.data() + before;
    T* to = begin;
    WithValueOf<T>(array, [&](const auto& value_of) {
      if (array.null_count() == 0) {
        for (int64_t row = row_; row < row_ + rows; ++row) {
          *to++ = value_of(row);
        }
        return;
      }
      for (int64_t row = row_; row < row_ + rows; ++row) {
        *to = value_of(row);
        to += array.IsValid(row) ? 1 : 0;
      }
    });
    values_.resize(before + static_cast<size_t>(to - begin));
    bytes_ += (to - begin) * static_cast<int64_t>(sizeof(T));
  }
}

template class FlatValues<int32_t>;
template class FlatValues<int64_t>;
template class FlatValues<float>;
template class FlatValues<double>;
template class FlatValues<std::string_view>;

}  // namespace floe::inline v0
