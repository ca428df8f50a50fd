#include "parquet/value_dictionary.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "parquet/plain_bytes.h"

namespace floe::inline v0 {
namespace {

/// Widest range of integers that has a slot for each, which are then in a processor's cache.
constexpr uint64_t kNear = uint64_t{1} << 18U;
/// Slots that may be made ready for each value that comes.
constexpr uint64_t kSlotsOfValue = 16;
constexpr unsigned kFirstBits = 10;
constexpr unsigned kHashBits = 64;
constexpr unsigned kBitsPerByte = 8;
/// Slots that are looked at for a value, so that values that collide cost no more than space.
constexpr size_t kMostProbes = 256;
constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;

template <std::integral T>
uint64_t HashOf(T value) {
  return static_cast<uint64_t>(value) * kOdd;
}

template <class Word>
uint64_t WordAt(std::string_view text, size_t at) {
  Word word = 0;
  std::memcpy(&word, text.data() + at, sizeof(word));
  return word;
}

/// The bytes of a text of less than eight: another word for another text of its size.
uint64_t ShortWord(std::string_view text) {
  constexpr size_t kHalf = sizeof(uint32_t);
  const size_t size = text.size();
  if (size >= kHalf) {
    return WordAt<uint32_t>(text, 0) << kHalf * kBitsPerByte |
           WordAt<uint32_t>(text, size - kHalf);
  }
  if (size == 0) {
    return 0;
  }
  const uint64_t first_two =
      WordAt<uint8_t>(text, 0) << kBitsPerByte | WordAt<uint8_t>(text, size / 2);
  return first_two << kBitsPerByte | WordAt<uint8_t>(text, size - 1);
}

uint64_t HashOf(std::string_view text) {
  constexpr size_t kWord = sizeof(uint64_t);
  constexpr unsigned kHalf = 32;
  uint64_t hash = text.size() * kOdd;
  const auto mix = [&](uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> kHalf;
  };
  if (text.size() < kWord) {
    mix(ShortWord(text));
  } else {
    const size_t last = text.size() - kWord;
    for (size_t at = 0; at < last; at += kWord) {
      mix(WordAt<uint64_t>(text, at));
    }
    mix(WordAt<uint64_t>(text, last));  // some of it again
  }
  return hash * kOdd;
}

template <std::integral T>
bool IsSame(T a, T b) {
  return a == b;
}

uint64_t BitsOf(float value) { return std::bit_cast<uint32_t>(value); }
uint64_t BitsOf(double value) { return std::bit_cast<uint64_t>(value); }

template <std::floating_point T>
uint64_t HashOf(T value) {
  return HashOf(BitsOf(value));
}

/// A NaN is itself, and zeros differ by their sign.
template <std::floating_point T>
bool IsSame(T a, T b) {
  return BitsOf(a) == BitsOf(b);
}

/// As ==, but without a call for texts that are short.
bool IsSame(std::string_view a, std::string_view b) {
  constexpr size_t kWord = sizeof(uint64_t);
  if (a.size() != b.size()) {
    return false;
  }
  if (a.size() > 2 * kWord) {
    return a == b;
  }
  if (a.size() < kWord) {
    return ShortWord(a) == ShortWord(b);
  }
  const size_t last = a.size() - kWord;
  return WordAt<uint64_t>(a, 0) == WordAt<uint64_t>(b, 0) &&
         WordAt<uint64_t>(a, last) == WordAt<uint64_t>(b, last);
}

template <std::integral T>
uint64_t Distance(T from, T to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

}  // namespace

template <class T>
ValueDictionary<T>::ValueDictionary(int64_t max_bytes)
    : max_bytes_(max_bytes), is_near_(std::integral<T>) {
  if (!is_near_) {
    UseHashes(kFirstBits);
  }
}

template <class T>
bool ValueDictionary<T>::Number(std::span<const T> values, const ValueRange<T>& range,
                                uint32_t* numbers) {
  if (!is_near_) {
    return NumberAny(values, numbers);
  }
  if (!MakeRoom(range, values.size())) {
    return false;
  }
  return is_near_ ? NumberNear(values, numbers) : NumberAny(values, numbers);
}

/// Slots for all values of `range`, too; by their hashes, if it is not narrow any more.
template <class T>
bool ValueDictionary<T>::MakeRoom(const ValueRange<T>& range, size_t value_count) {
  if constexpr (std::integral<T>) {
    const auto before = range_;
    range_.Add(range);
    if (!range_.least() ||
        (before.least() == range_.least() && before.largest() == range_.largest())) {
      return true;
    }
    const uint64_t widest = Distance(*range_.least(), *range_.largest());
    if (widest >= std::min(kNear, value_count * kSlotsOfValue)) {
      is_near_ = false;
      return UseHashes(
          std::max(kFirstBits, static_cast<unsigned>(std::bit_width(values_.size() * 2))));
    }
    slots_.assign(widest + 1, kFree);
    for (size_t i = 0; i < values_.size(); ++i) {
      slots_[Distance(*range_.least(), values_[i])] = static_cast<uint32_t>(i);
    }
  }
  return true;
}

template <class T>
bool ValueDictionary<T>::NumberNear(std::span<const T> values, uint32_t* numbers) {
  if constexpr (std::integral<T>) {
    const T least = range_.least().value_or(0);
    for (size_t i = 0; i < values.size(); ++i) {
      uint32_t* const slot = &slots_[Distance(least, values[i])];
      if (*slot == kFree && !Add(values[i], slot)) {
        return false;
      }
      numbers[i] = *slot;
    }
  }
  return true;
}

template <class T>
bool ValueDictionary<T>::NumberAny(std::span<const T> values, uint32_t* numbers) {
  for (size_t i = 0; i < values.size(); ++i) {
    uint32_t* slot = SlotOf(values[i]);
    if (slot == nullptr) {
      return false;
    }
    if (*slot == kFree) {
      numbers[i] = static_cast<uint32_t>(values_.size());
      if (!Add(values[i], slot) ||
          (values_.size() * 2 > slots_.size() && !UseHashes(kHashBits - shift_ + 1))) {
        return false;
      }
    } else {
      numbers[i] = *slot;
    }
  }
  return true;
}

template <class T>
bool ValueDictionary<T>::Add(const T& value, uint32_t* slot) {
  bytes_ += static_cast<int64_t>(PlainBytesOf(value));
  *slot = static_cast<uint32_t>(values_.size());
  values_.push_back(value);
  return bytes_ <= max_bytes_;
}

/// False if values collide too often.
template <class T>
bool ValueDictionary<T>::UseHashes(unsigned bits) {
  slots_.assign(size_t{1} << bits, kFree);
  shift_ = kHashBits - bits;
  for (size_t i = 0; i < values_.size(); ++i) {
    uint32_t* const slot = SlotOf(values_[i]);
    if (slot == nullptr) {
      return false;
    }
    *slot = static_cast<uint32_t>(i);
  }
  return true;
}

/// Where its number is, or would be; null if there is no room near its place.
template <class T>
uint32_t* ValueDictionary<T>::SlotOf(const T& value) {
  const size_t mask = slots_.size() - 1;
  const size_t first = HashOf(value) >> shift_;
  for (size_t probe = 0; probe < kMostProbes; ++probe) {
    uint32_t* const slot = &slots_[(first + probe) & mask];
    if (*slot == kFree || IsSame(values_[*slot], value)) {
      return slot;
    }
  }
  return nullptr;
}

template class ValueDictionary<int32_t>;
template class ValueDictionary<int64_t>;
template class ValueDictionary<float>;
template class ValueDictionary<double>;
template class ValueDictionary<std::string_view>;

}  // namespace floe::inline v0
