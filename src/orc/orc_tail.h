#pragma once

#include <string_view>

namespace floe::inline v0 {

/// Whether a file has timestamps that nanoseconds since 1970 can't hold in 64 bits, by its
/// columns' statistics. `tail` is what ORCFileReader::GetSerializedFileTail() gives.
bool HasTimestampsBeyondNanoseconds(std::string_view tail);

}  // namespace floe::inline v0
