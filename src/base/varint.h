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

/// Appends `value` as a variable-length integer of 1 to 10 bytes (LEB128) to a string or vector
/// of bytes.
template <class Bytes>
void AppendVarint(uint64_t value, Bytes* out) {
  using Byte = typename Bytes::value_type;
  while (value >= 0x80) {
    out->push_back(static_cast<Byte>(value | 0x80U));
    value >>= 7U;
  }
  out->push_back(static_cast<Byte>(value));
}

/// Appends `value` as a zig-zag variable-length integer (Avro int and long).
inline void AppendZigZag(int64_t value, std::string* out) {
  AppendVarint(ZigZagEncode(value), out);
}

}  // namespace floe::inline v0
