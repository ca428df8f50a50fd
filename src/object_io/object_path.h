#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// `bucket/key`, as Arrow names objects. Throws UnsupportedError for a key that Arrow would
/// change, saying the location.
std::string JoinedObjectPath(const std::string& location, std::string_view bucket,
                             std::string_view key);

/// `endpoint` without slashes at its end. Throws InvalidArgumentError, naming the property, for
/// what is neither empty nor the address of a server.
std::string CheckedEndpoint(std::string_view property, std::string endpoint);

}  // namespace floe::inline v0
