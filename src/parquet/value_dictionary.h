#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "parquet/value_range.h"

namespace floe::inline v0 {

/// Numbers the different values of a column in the order in which they come. `T` is a number
/// or a text; of texts only views are kept, so what they are of must outlive this.
template <class T>
class ValueDictionary {
 public:
  /// `max_bytes` is what the values may take in plain encoding.
  explicit ValueDictionary(int64_t max_bytes);

  /// Writes the number of each value to `numbers`; `range` is that of `values`, if they are
  /// integers. False if there are too many different ones: the dictionary is then of no use.
  bool Number(std::span<const T> values, const ValueRange<T>& range, uint32_t* numbers);

  /// By number.
  const std::vector<T>& values() const { return values_; }
  /// What they take in plain encoding.
  int64_t bytes() const { return bytes_; }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;

  bool MakeRoom(const ValueRange<T>& range, size_t value_count);
  bool NumberNear(std::span<const T> values, uint32_t* numbers);
  bool NumberAny(std::span<const T> values, uint32_t* numbers);
  bool Add(const T& value, uint32_t* slot);
  bool UseHashes(unsigned bits);
  uint32_t* SlotOf(const T& value);

  const int64_t max_bytes_;
  std::vector<T> values_;
  int64_t bytes_ = 0;
  ValueRange<T> range_;          // of those that were numbered, while `is_near_`
  bool is_near_;                 // one slot for each value of `range_`, instead of hashes
  std::vector<uint32_t> slots_;  // numbers, or kFree
  unsigned shift_ = 0;           // of hashes
};

extern template class ValueDictionary<int32_t>;
extern template class ValueDictionary<int64_t>;
extern template class ValueDictionary<float>;
extern template class ValueDictionary<double>;
extern template class ValueDictionary<std::string_view>;

}  // namespace floe::inline v0
