#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Standard base64 with padding (RFC 4648, section 4).
std::string ToBase64(std::string_view bytes);

}  // namespace floe::inline v0
