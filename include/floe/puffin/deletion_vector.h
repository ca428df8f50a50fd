#pragma once

#include <string>
#include <string_view>

#include "floe/puffin/position_bitmap.h"

namespace floe::inline v0 {

/// Reads a `deletion-vector-v1` blob: length, magic, Roaring bitmap, CRC-32 (specification,
/// Puffin, "deletion-vector-v1 blob type"). Memory is proportional to `blob`. `location` names
/// the file in errors. Throws CorruptFileError saying what is wrong and how many bytes in.
PositionBitmap DecodeDeletionVector(std::string_view blob, const std::string& location);

/// The blob of a deletion vector.
std::string EncodeDeletionVector(const PositionBitmap& positions);

}  // namespace floe::inline v0
