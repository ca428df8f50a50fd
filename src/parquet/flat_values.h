#pragma once

#include <arrow/array.h>
#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// Reads arrays of one column from begin to end as what Parquet stores: integers as `int32_t`
/// or `int64_t`, also dates, times and decimals of up to 18 digits; floats and doubles; texts
/// and bytes of any layout as `std::string_view`. The arrays must outlive it.
template <class T>
class FlatValues {
 public:
  explicit FlatValues(const arrow::ArrayVector& arrays);

  /// Some rows, one after the other.
  struct Block {
    int64_t rows = 0;
    std::span<const T> values;           ///< those that are not null
    std::span<const uint32_t> is_there;  ///< 1 or 0 for each row; empty without nulls
    int64_t bytes = 0;                   ///< of the values in plain encoding
  };
  /// The next rows: as many as there are up to `max_rows`, and fewer where the values of fewer
  /// take `max_bytes` in plain encoding. Holds until the next call; no rows at the end.
  Block Next(int64_t max_rows, int64_t max_bytes);
  void Rewind();

  int64_t row_count() const { return row_count_; }

 private:
  int64_t TakeRows(const arrow::Array& array, int64_t max_rows, int64_t max_bytes);
  template <class TextArray>
  int64_t TakeTexts(const TextArray& array, int64_t max_rows, int64_t max_bytes);
  void TakeNumbers(const arrow::Array& array, int64_t rows);

  const arrow::ArrayVector& arrays_;
  int64_t row_count_ = 0;
  bool has_nulls_ = false;
  size_t array_ = 0;  // where the next rows begin
  int64_t row_ = 0;   // in it
  std::vector<T> values_;
  std::vector<uint32_t> is_there_;
  int64_t bytes_ = 0;  // of `values_`
};

extern template class FlatValues<int32_t>;
extern template class FlatValues<int64_t>;
extern template class FlatValues<float>;
extern template class FlatValues<double>;
extern template class FlatValues<std::string_view>;

}  // namespace floe::inline v0
