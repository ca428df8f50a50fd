#include "base/murmur3.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace floe::inline v0 {
namespace {

constexpr uint32_t kC1 = 0xCC9E2D51;
constexpr uint32_t kC2 = 0x1B873593;

constexpr uint32_t ScrambleBlock(uint32_t k) { return std::rotl(k * kC1, 15) * kC2; }

constexpr uint32_t MixBlock(uint32_t hash, uint32_t k) {
  return std::rotl(hash ^ ScrambleBlock(k), 13) * 5U + 0xE6546B64U;
}

constexpr int32_t Finish(uint32_t hash, size_t length) {
  hash ^= static_cast<uint32_t>(length);
  hash ^= hash >> 16U;
  hash *= 0x85EBCA6BU;
  hash ^= hash >> 13U;
  hash *= 0xC2B2AE35U;
  hash ^= hash >> 16U;
  return static_cast<int32_t>(hash);
}

}  // namespace

int32_t Murmur3(std::string_view bytes) {
  uint32_t hash = 0;
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    hash = MixBlock(hash, LoadLittleEndian<uint32_t>(bytes.data() + i));
  }
  uint32_t tail = 0;
  for (size_t shift = 0; i < bytes.size(); ++i, shift += 8) {
    tail |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << shift;
  }
  return Finish(hash ^ ScrambleBlock(tail), bytes.size());
}

int32_t Murmur3(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  const uint32_t hash =
      MixBlock(MixBlock(0, static_cast<uint32_t>(bits)), static_cast<uint32_t>(bits >> 32U));
  return Finish(hash, sizeof(value));
}

}  // namespace floe::inline v0
