#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "floe/puffin/position_bitmap.h"

namespace floe::inline v0 {

/// Bytes that are no 64-bit Roaring bitmap. Never leaves the engine: who knows the file turns
/// it into a CorruptFileError.
struct RoaringDataError {
  const char* problem;
  size_t offset;  ///< in the bytes that were to be decoded
};

/// Reads a 64-bit Roaring bitmap in the "portable" format; all of `bytes` is one. Everything
/// is checked, and memory is proportional to `bytes`. Throws RoaringDataError.
PositionBitmap DecodeRoaring(std::string_view bytes);

/// Appends the portable form.
void AppendRoaring(const PositionBitmap& positions, std::string* out);

}  // namespace floe::inline v0
