#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Whether a file has timestamps that nanoseconds since 1970 can't hold in 64 bits, by its
/// columns' statistics. `tail` is what ORCFileReader::GetSerializedFileTail() gives.
bool HasTimestampsBeyondNanoseconds(std::string_view tail);

/// Throws CorruptFileError naming `location` for a decimal of more digits than there can be:
/// Arrow's adapter ends the process for those.
void CheckDecimals(std::string_view tail, const std::string& location);

}  // namespace floe::inline v0
