#pragma once

#include <cstdint>
#include <string>

namespace floe::inline v0 {

/// Maps signed to unsigned so that small magnitudes stay small (Avro, Thrift).
constexpr uint64_t ZigZagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1U) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t ZigZagDecode(uint64_t value) {
  return static_cast<int64_t>(value >> 1U) ^ -static_cast<int64_t>(value & 1U);
}

/// Appends `value` as a zig-zag variable-length integer of 1 to 10 bytes (Avro int and long).
inline void AppendZigZag(int64_t value, std::string* out) {
  uint64_t rest = ZigZagEncode(value);
  while (rest >= 0x80) {
    out->push_back(static_cast<char>(rest | 0x80U));
    rest >>= 7U;
  }
  out->push_back(static_cast<char>(rest));
}

}  // namespace floe::inline v0
