#include "parquet/encoder_input.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/builder.h>
#include <arrow/result.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/parquet_schema.h"

namespace floe::inline v0 {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

static_assert(std::endian::native == std::endian::little);

template <class Integer>
ArrayPtr AsIntegers(const arrow::Array& array) {
  const int64_t length = array.length();
  const std::shared_ptr<arrow::Buffer> buffer = ValueOrThrow(
      arrow::AllocateBuffer(length * static_cast<int64_t>(sizeof(Integer)), BufferPool()), {});
  const uint8_t* from = static_cast<const arrow::Decimal128Array&>(array).raw_values();
  uint8_t* to = buffer->mutable_data();
  for (int64_t i = 0; i < length; ++i) {
    std::memcpy(to + i * sizeof(Integer), from + i * arrow::Decimal128Type::kByteWidth,
                sizeof(Integer));
  }
  return std::make_shared<arrow::NumericArray<typename arrow::CTypeTraits<Integer>::ArrowType>>(
      length, buffer);
}

ArrayPtr DecimalsAsIntegers(const ArrayPtr& array) {
  const int digits = static_cast<const arrow::Decimal128Type&>(*array->type()).precision();
  return digits <= kMaxInt32Digits   ? AsIntegers<int32_t>(*array)
         : digits <= kMaxInt64Digits ? AsIntegers<int64_t>(*array)
                                     : array;
}

/// Numbers texts in the order in which they come, as far as they are few.
class FewTexts {
 public:
  static constexpr int kMost = 127;        // numbers are of 8 bits
  static constexpr size_t kMaxBytes = 64;  // of each: others are not worth it

  /// Its number; -1 if there are too many, or it is too long.
  int8_t NumberOf(std::string_view text) {
    for (size_t slot = HashOf(text) & kMask;; slot = (slot + 1) & kMask) {
      const int8_t number = slots_[slot];
      if (number < 0) {
        return Add(text, slot);
      }
      if (texts_[static_cast<size_t>(number)] == text) {
        return number;
      }
    }
  }

  /// In the order of their numbers.
  ArrayPtr ToArray(const std::shared_ptr<arrow::DataType>& type) const {
    arrow::StringBuilder builder(type, BufferPool());
    for (const std::string_view text : texts_) {
      ThrowIfNotOk(builder.Append(text), {});
    }
    return ValueOrThrow(builder.Finish(), {});
  }

 private:
  static constexpr size_t kSlots = 512;
  static constexpr size_t kMask = kSlots - 1;

  int8_t Add(std::string_view text, size_t slot) {
    if (texts_.size() == kMost || text.size() > kMaxBytes) {
      return -1;
    }
    slots_[slot] = static_cast<int8_t>(texts_.size());
    texts_.push_back(text);
    return slots_[slot];
  }

  /// Of its size, its first and its last bytes.
  static size_t HashOf(std::string_view text) {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
    constexpr int kHighBits = 40;
    uint64_t first = 0;
    uint64_t last = 0;
    if (text.size() >= sizeof(uint64_t)) {
      std::memcpy(&first, text.data(), sizeof(first));
      std::memcpy(&last, text.data() + text.size() - sizeof(last), sizeof(last));
    } else {
      for (const char c : text) {
        first = first << 8U | static_cast<unsigned char>(c);
      }
    }
    return ((first ^ (last * kOdd) ^ text.size()) * kOdd) >> kHighBits;
  }

  std::vector<std::string_view> texts_;  // of the arrays
  std::array<int8_t, kSlots> slots_ = [] {
    std::array<int8_t, kSlots> empty{};
    empty.fill(-1);
    return empty;
  }();
};

/// The numbers of an array's texts; null if they are not few.
template <class TextArray>
ArrayPtr NumbersOf(const arrow::Array& array, FewTexts* few) {
  const auto& texts = static_cast<const TextArray&>(array);
  const int64_t length = texts.length();
  std::shared_ptr<arrow::Buffer> buffer =
      ValueOrThrow(arrow::AllocateBuffer(length, BufferPool()), {});
  auto* numbers = reinterpret_cast<int8_t*>(buffer->mutable_data());
  for (int64_t i = 0; i < length; ++i) {
    numbers[i] = few->NumberOf(texts.GetView(i));
    if (numbers[i] < 0) {
      return nullptr;
    }
  }
  return std::make_shared<arrow::Int8Array>(length, std::move(buffer));
}

ArrayPtr NumbersOf(const arrow::Array& array, FewTexts* few) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
      return NumbersOf<arrow::StringArray>(array, few);
    case arrow::Type::LARGE_STRING:
      return NumbersOf<arrow::LargeStringArray>(array, few);
    case arrow::Type::STRING_VIEW:
      return NumbersOf<arrow::StringViewArray>(array, few);
    default:
      return nullptr;
  }
}

/// Nothing if they are not all texts, or are not few different ones.
std::optional<arrow::ArrayVector> WithDictionary(const arrow::ArrayVector& arrays) {
  FewTexts few;
  arrow::ArrayVector numbers;
  for (const ArrayPtr& array : arrays) {
    numbers.push_back(NumbersOf(*array, &few));
    if (numbers.back() == nullptr) {
      return std::nullopt;
    }
  }
  // One for all: Arrow does without a dictionary from where it changes.
  const ArrayPtr dictionary = few.ToArray(arrow::utf8());
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  std::ranges::transform(numbers, numbers.begin(), [&](const ArrayPtr& indices) {
    return std::make_shared<arrow::DictionaryArray>(type, indices, dictionary);
  });
  return numbers;
}

}  // namespace

arrow::ArrayVector EncoderInput(arrow::ArrayVector arrays, bool has_dictionary) {
  if (std::ranges::any_of(arrays, [](const ArrayPtr& a) { return a->null_count() != 0; })) {
    return arrays;
  }
  if (!arrays.empty() && arrays.front()->type_id() == arrow::Type::DECIMAL128) {
    std::ranges::transform(arrays, arrays.begin(), DecimalsAsIntegers);
    return arrays;
  }
  std::optional<arrow::ArrayVector> few =
      has_dictionary ? WithDictionary(arrays) : std::nullopt;
  return few ? *std::move(few) : std::move(arrays);
}

}  // namespace floe::inline v0
