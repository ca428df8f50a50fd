#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Reads a little-endian T from `data`, which need not be aligned.
template <class T>
T LoadLittleEndian(const void* data) {
  static_assert(std::endian::native == std::endian::little, "floe needs a little-endian CPU");
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

/// Appends `value` to `out` in little-endian order.
template <class T>
void AppendLittleEndian(T value, std::string* out) {
  static_assert(std::endian::native == std::endian::little, "floe needs a little-endian CPU");
  const size_t at = out->size();
  out->resize(at + sizeof(T));
  std::memcpy(out->data() + at, &value, sizeof(T));
}

inline std::span<const std::byte> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lowercase hexadecimal, two digits a byte.
std::string ToHex(std::string_view bytes);

/// The reverse of ToHex, either case. Throws InvalidArgumentError for anything else.
std::string FromHex(std::string_view text);

}  // namespace floe::inline v0
