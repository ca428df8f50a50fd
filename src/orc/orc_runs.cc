#include "orc/orc_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "orc/orc_stream_bytes.h"

namespace floe::inline v0 {
namespace {

constexpr unsigned kBitsPerByte = 8;
constexpr unsigned kWordBits = 64;

/// Numbers of any width, packed from the most significant bit on. A list ends with its byte.
class PackedBits {
 public:
  explicit PackedBits(OrcStreamBytes& bytes) : bytes_(bytes) {}

  uint64_t Next(unsigned width) {
    uint64_t value = 0;
    while (width > 0) {
      if (left_ == 0) {
        byte_ = bytes_.Next();
        left_ = kBitsPerByte;
      }
      const unsigned taken = std::min(width, left_);
      left_ -= taken;
      width -= taken;
      value = (value << taken) | ((byte_ >> left_) & ((1U << taken) - 1));
    }
    return value;
  }

 private:
  OrcStreamBytes& bytes_;
  unsigned byte_ = 0;
  unsigned left_ = 0;
};

/// The width that 5 bits of a header stand for.
unsigned WidthOf(unsigned code) {
  constexpr unsigned kLastOfEach = 23;
  constexpr uint8_t kWider[] = {26, 28, 30, 32, 40, 48, 56, 64};
  return code <= kLastOfEach ? code + 1 : kWider[code - kLastOfEach - 1];
}

/// The narrowest width that has a code and fits `width` bits.
unsigned RoundUp(unsigned width) {
  unsigned code = 0;
  while (WidthOf(code) < width) {
    ++code;
  }
  return WidthOf(code);
}

}  // namespace

OrcIntegers::OrcIntegers(OrcStreamBytes& bytes, bool is_v2, bool is_signed)
    : bytes_(bytes), is_v2_(is_v2), is_signed_(is_signed), run_() {}

uint64_t OrcIntegers::Varint() {
  constexpr unsigned kBits = 7;
  uint64_t value = 0;
  for (unsigned shift = 0; shift < kWordBits; shift += kBits) {
    const uint8_t byte = bytes_.Next();
    value |= uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) {
      return value;
    }
  }
  bytes_.Fail("a number has more than 64 bits");
}

uint64_t OrcIntegers::BigEndian(size_t size) {
  uint64_t value = 0;
  for (; size > 0; --size) {
    value = (value << kBitsPerByte) | bytes_.Next();
  }
  return value;
}

uint64_t OrcIntegers::FromZigzag(uint64_t value) const {
  return is_signed_ ? (value >> 1U) ^ (~(value & 1U) + 1) : value;
}

void OrcIntegers::NextRun() {
  at_ = 0;
  if (!is_v2_) {
    NextRunV1();
    return;
  }
  const uint8_t header = bytes_.Next();
  const unsigned encoding = header >> 6U;
  if (encoding == 0) {
    ShortRepeat(header);
    return;
  }
  const unsigned code = (header >> 1U) & 0x1fU;
  size_ = ((size_t{header & 1U} << kBitsPerByte) | bytes_.Next()) + 1;
  if (encoding == 1) {
    Direct(WidthOf(code));
  } else if (encoding == 2) {
    PatchedBase(WidthOf(code));
  } else {
    Delta(code == 0 ? 0 : WidthOf(code));
  }
}

void OrcIntegers::NextRunV1() {
  constexpr size_t kShortestRun = 3;
  constexpr size_t kLiterals = 256;
  const uint8_t control = bytes_.Next();
  if ((control & 0x80U) != 0) {
    size_ = kLiterals - control;
    for (size_t i = 0; i < size_; ++i) {
      run_[i] = FromZigzag(Varint());
    }
    return;
  }
  size_ = control + kShortestRun;
  const auto delta = static_cast<uint64_t>(int64_t{static_cast<int8_t>(bytes_.Next())});
  uint64_t value = FromZigzag(Varint());
  for (size_t i = 0; i < size_; ++i, value += delta) {
    run_[i] = value;
  }
}

void OrcIntegers::ShortRepeat(uint8_t header) {
  constexpr size_t kShortestRun = 3;
  size_ = (header & 7U) + kShortestRun;
  const uint64_t value = FromZigzag(BigEndian(((header >> 3U) & 7U) + 1));
  std::fill_n(run_.begin(), size_, value);
}

void OrcIntegers::Direct(unsigned width) {
  PackedBits bits(bytes_);
  for (size_t i = 0; i < size_; ++i) {
    run_[i] = FromZigzag(bits.Next(width));
  }
}

void OrcIntegers::PatchedBase(unsigned width) {
  const unsigned third = bytes_.Next();
  const unsigned fourth = bytes_.Next();
  const unsigned base_bytes = (third >> 5U) + 1;
  const uint64_t sign = uint64_t{1} << (base_bytes * kBitsPerByte - 1);
  uint64_t base = BigEndian(base_bytes);
  if ((base & sign) != 0) {
    base = ~(base & ~sign) + 1;
  }
  PackedBits bits(bytes_);
  for (size_t i = 0; i < size_; ++i) {
    run_[i] = bits.Next(width);
  }
  ApplyPatches(width, WidthOf(third & 0x1fU), (fourth >> 5U) + 1, fourth & 0x1fU);
  for (size_t i = 0; i < size_; ++i) {
    run_[i] += base;
  }
}

/// Each patch says how many values to go on, and the upper bits of the one that is there.
void OrcIntegers::ApplyPatches(unsigned width, unsigned patch_width, unsigned gap_width,
                               size_t count) {
  if (count == 0) {
    return;
  }
  if (width >= kWordBits || patch_width + gap_width > kWordBits) {
    bytes_.Fail(fmt::format("values of {} bits have patches of {} bits and gaps of {}", width,
                            patch_width, gap_width));
  }
  constexpr uint64_t kLongestGap = 255;
  PackedBits bits(bytes_);
  size_t at = 0;
  bool is_patched = false;  // the value at `at`
  const unsigned padding = RoundUp(patch_width + gap_width) - patch_width - gap_width;
  for (; count > 0; --count) {
    const bool is_padded = bits.Next(padding) == 0;
    const uint64_t gap = bits.Next(gap_width);
    const uint64_t patch = bits.Next(patch_width);
    at += gap;
    if (!is_padded || at >= size_ || (gap == 0 && is_patched)) {
      bytes_.Fail(fmt::format("value {} of a run of {} has a wrong patch, or two", at, size_));
    }
    run_[at] |= patch << width;
    // A gap that is too long for its bits is written as one without a patch, and another.
    is_patched = patch != 0 || gap != kLongestGap;
  }
}

void OrcIntegers::Delta(unsigned width) {
  uint64_t value = FromZigzag(Varint());
  const uint64_t encoded = Varint();  // signed always
  const bool is_negative = (encoded & 1U) != 0;
  const uint64_t first = (encoded >> 1U) ^ (~(encoded & 1U) + 1);
  run_[0] = value;
  PackedBits bits(bytes_);
  for (size_t i = 1; i < size_; ++i) {
    const uint64_t step = i == 1 || width == 0 ? first : bits.Next(width);
    value += i > 1 && width > 0 && is_negative ? ~step + 1 : step;
    run_[i] = value;
  }
}

int64_t CountOrcPresent(OrcStreamBytes& bytes, int64_t count) {
  constexpr int kShortestRun = 3;
  constexpr int kLiterals = 256;
  int64_t present = 0;
  while (count > 0) {
    const uint8_t control = bytes.Next();
    const bool is_run = (control & 0x80U) == 0;
    uint8_t byte = is_run ? bytes.Next() : uint8_t{0};
    for (int left = is_run ? control + kShortestRun : kLiterals - control; left > 0; --left) {
      if (!is_run) {
        byte = bytes.Next();
      }
      if (count < kBitsPerByte) {
        // The first values are in the upper bits; what is left of the last byte is padding.
        byte = static_cast<uint8_t>(byte >> (kBitsPerByte - count));
      }
      present += std::popcount(byte);
      count -= std::min<int64_t>(count, kBitsPerByte);
      if (count == 0) {
        break;
      }
    }
  }
  return present;
}

}  // namespace floe::inline v0
