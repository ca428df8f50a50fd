#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace floe::inline v0 {

/// The least and the largest of some values: numbers, or texts by their bytes, which must
/// outlive it. NaN is neither; a zero is -0 as the least and +0 as the largest (Parquet's
/// ColumnOrder).
template <class T>
class ValueRange {
 public:
  const std::optional<T>& least() const { return least_; }
  const std::optional<T>& largest() const { return largest_; }

  void Add(const ValueRange& other) {
    if (other.least_) {
      Add(std::span(&*other.least_, 1));
      Add(std::span(&*other.largest_, 1));
    }
  }

  void Add(std::span<const T> values) {
    if constexpr (std::floating_point<T>) {
      AddFloats(values);
      return;
    }
    if (values.empty()) {
      return;
    }
    T least = least_.value_or(values.front());
    T largest = largest_.value_or(values.front());
    if constexpr (std::integral<T>) {
      for (const T value : values) {
        least = std::min(least, value);
        largest = std::max(largest, value);
      }
    } else if constexpr (std::same_as<T, std::string_view>) {
      // Most texts are told apart by their first bytes.
      uint64_t first_least = FirstBytes(least);
      uint64_t first_largest = FirstBytes(largest);
      for (const T text : values) {
        const uint64_t first = FirstBytes(text);
        if (first <= first_least && text < least) {
          least = text;
          first_least = first;
        }
        if (first >= first_largest && text > largest) {
          largest = text;
          first_largest = first;
        }
      }
    }
    least_ = least;
    largest_ = largest;
  }

 private:
  void AddFloats(std::span<const T> values) {
    T least = least_.value_or(std::numeric_limits<T>::infinity());
    T largest = largest_.value_or(-std::numeric_limits<T>::infinity());
    bool has_any = least_.has_value();
    for (const T value : values) {
      least = value < least ? value : least;  // false for NaN
      largest = value > largest ? value : largest;
      has_any = has_any || value == value;
    }
    if (has_any) {
      least_ = least == 0 ? -T{0} : least;
      largest_ = largest == 0 ? T{0} : largest;
    }
  }

  /// As a number that is ordered as they are; of short texts followed by zeros.
  static uint64_t FirstBytes(std::string_view text) {
    uint64_t first = 0;
    if (text.size() >= sizeof(first)) [[likely]] {
      std::memcpy(&first, text.data(), sizeof(first));
      return __builtin_bswap64(first);
    }
    for (const char c : text) {
      first = first << 8U | static_cast<unsigned char>(c);
    }
    return text.empty() ? 0 : first << 8 * (sizeof(first) - text.size());
  }

  std::optional<T> least_;
  std::optional<T> largest_;
};

}  // namespace floe::inline v0
