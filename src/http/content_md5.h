#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// The value of a `Content-MD5` header (RFC 1864): a checksum, which keeps no secret.
std::string ContentMd5(std::string_view body);

}  // namespace floe::inline v0
