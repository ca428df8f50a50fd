#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace floe::inline v0 {

inline constexpr size_t kUuidBytes = 16;

/// 16 bytes as "f79c3e09-677c-4bbd-a479-3f349cb785e7".
std::string FormatUuid(std::string_view bytes);

/// The reverse, either case; nothing for other texts.
std::optional<std::string> ParseUuid(std::string_view text);

}  // namespace floe::inline v0
