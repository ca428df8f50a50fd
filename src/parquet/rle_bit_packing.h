#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace floe::inline v0 {

/// Bits that each of some numbers takes, of which `largest` is the largest; at least 1, as some
/// readers do not know widths of 0.
int BitWidthOf(uint32_t largest);

/// Appends `numbers` in Parquet's hybrid of runs and bit packing, without its length (Parquet's
/// Encodings, "Run Length Encoding / Bit-Packing Hybrid"). Each must be below 2^width; `width`
/// is 1 to 32.
void AppendRleBitPacked(std::span<const uint32_t> numbers, int width,
                        std::vector<uint8_t>* out);

/// The same of one number that comes `count` times, as one run.
void AppendRun(uint32_t number, size_t count, int width, std::vector<uint8_t>* out);

}  // namespace floe::inline v0
