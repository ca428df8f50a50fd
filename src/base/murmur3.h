#pragma once

#include <cstdint>
#include <string_view>

namespace floe::inline v0 {

/// 32-bit Murmur3 (x86 variant) with seed 0, as bucket partitioning wants it (Iceberg
/// specification, appendix B).
int32_t Murmur3(std::string_view bytes);

/// Murmur3 of the 8 little-endian bytes of `value`.
int32_t Murmur3(int64_t value);

}  // namespace floe::inline v0
