#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace floe::inline v0 {

/// Bytes of a value in Parquet's plain encoding (Parquet's Encodings, "Plain").
template <class Integer>
constexpr size_t PlainBytesOf(const Integer& /*value*/) {
  return sizeof(Integer);
}
constexpr size_t PlainBytesOf(std::string_view text) { return sizeof(uint32_t) + text.size(); }

}  // namespace floe::inline v0
