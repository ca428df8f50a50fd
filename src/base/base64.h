#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Standard base64 with padding (RFC 4648, section 4).
std::string ToBase64(std::string_view bytes);

/// Reads base64 of the alphabet for URLs, without padding (RFC 4648, section 5); nothing if it
/// is none.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace floe::inline v0
