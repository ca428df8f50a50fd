#include "parquet/rle_bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/varint.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr int kMaxWidth = 32;
constexpr size_t kGroup = 8;  // numbers that are packed together
/// Groups under one header, which then is one byte: all that other writers make.
constexpr size_t kMostGroups = 63;

/// Eight numbers become `kWidth` bytes.
template <int kWidth>
void PackGroup(const uint32_t* numbers, uint8_t* out) {
  uint64_t bits = 0;
  int count = 0;
#pragma GCC unroll 8
  for (size_t i = 0; i < kGroup; ++i) {
    bits |= uint64_t{numbers[i]} << count;
    count += kWidth;
    if (count >= kMaxWidth) {
      std::memcpy(out, &bits, sizeof(uint32_t));
      out += sizeof(uint32_t);
      bits >>= kMaxWidth;
      count -= kMaxWidth;
    }
  }
  std::memcpy(out, &bits, static_cast<size_t>(count) / 8);
}

template <int kWidth>
void PackGroups(const uint32_t* numbers, size_t groups, uint8_t* out) {
  for (size_t i = 0; i < groups; ++i) {
    PackGroup<kWidth>(numbers + i * kGroup, out + i * kWidth);
  }
}

using Pack = void (*)(const uint32_t*, size_t, uint8_t*);

constexpr auto kPacks = []<size_t... kWidths>(std::index_sequence<kWidths...>) {
  return std::array<Pack, sizeof...(kWidths)>{&PackGroups<static_cast<int>(kWidths) + 1>...};
}(std::make_index_sequence<kMaxWidth>());

bool IsOneValue(const uint32_t* group) {
  uint32_t differences = 0;
  for (size_t i = 1; i < kGroup; ++i) {
    differences |= group[i] ^ group[0];
  }
  return differences == 0;
}

class HybridEncoder {
 public:
  HybridEncoder(int width, std::vector<uint8_t>* out)
      : width_(static_cast<size_t>(width)), pack_(kPacks.at(width_ - 1)), out_(*out) {}

  /// Numbers at the end that do not fill a group are followed by zeros, which readers leave
  /// out.
  void AppendPacked(std::span<const uint32_t> numbers) {
    while (!numbers.empty()) {
      const std::span<const uint32_t> some =
          numbers.first(std::min(numbers.size(), kMostGroups * kGroup));
      const size_t whole = some.size() / kGroup;
      const size_t rest = some.size() % kGroup;
      const size_t groups = whole + (rest != 0 ? 1 : 0);
      out_.push_back(static_cast<uint8_t>(groups << 1U | 1U));
      const size_t at = out_.size();
      out_.resize(at + groups * width_);
      pack_(some.data(), whole, out_.data() + at);
      if (rest != 0) {
        std::array<uint32_t, kGroup> last{};
        std::ranges::copy(some.last(rest), last.begin());
        pack_(last.data(), 1, out_.data() + at + whole * width_);
      }
      numbers = numbers.subspan(some.size());
    }
  }

 private:
  const size_t width_;
  const Pack pack_;
  std::vector<uint8_t>& out_;
};

}  // namespace

int BitWidthOf(uint32_t largest) {
  return std::max(1, static_cast<int>(std::bit_width(largest)));
}

void AppendRun(uint32_t number, size_t count, int width, std::vector<uint8_t>* out) {
  AppendVarint(uint64_t{count} << 1U, out);
  const size_t bytes = (static_cast<size_t>(width) + 7) / 8;
  out->resize(out->size() + bytes);
  std::memcpy(out->data() + out->size() - bytes, &number, bytes);
}

void AppendRleBitPacked(std::span<const uint32_t> numbers, int width,
                        std::vector<uint8_t>* out) {
  Check(width >= 1 && width <= kMaxWidth, "a width of 1 to 32 bits");
  HybridEncoder encoder(width, out);
  size_t begin = 0;  // of what is not encoded yet
  size_t at = 0;     // a whole number of groups after it
  while (numbers.size() - at >= kGroup) {
    if (!IsOneValue(&numbers[at])) {
      at += kGroup;
      continue;
    }
    const uint32_t number = numbers[at];
    size_t end = at + kGroup;
    while (end < numbers.size() && numbers[end] == number) {
      ++end;
    }
    encoder.AppendPacked(numbers.subspan(begin, at - begin));
    AppendRun(number, end - at, width, out);
    begin = at = end;
  }
  encoder.AppendPacked(numbers.subspan(begin));
}

}  // namespace floe::inline v0
