#include "object_io/object_path.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"
#include "floe/base/error.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {

std::string JoinedObjectPath(const std::string& location, std::string_view bucket,
                             std::string_view key) {
  if (key.starts_with('/') || key.ends_with('/') || key.find("//") != std::string_view::npos) {
    throw UnsupportedError(
        fmt::format(
            "the key of {} has a slash at its begin or end, or two in a row, which this "
            "version of floe can't read",
            location),
        {.path = location});
  }
  return fmt::format("{}/{}", bucket, key);
}

std::string CheckedEndpoint(std::string_view property, std::string endpoint) {
  while (endpoint.ends_with('/')) {
    endpoint.pop_back();
  }
  if (endpoint.empty()) {
    return endpoint;
  }
  const size_t scheme_end = endpoint.find("://");
  const std::string scheme =
      scheme_end == std::string::npos ? "" : ToLower(endpoint.substr(0, scheme_end));
  const std::string host = scheme.empty() ? "" : endpoint.substr(scheme_end + 3);
  if ((scheme != "http" && scheme != "https") || host.empty() ||
      host.find_first_of("/?#@") != std::string::npos) {
    ThrowWrongProperty(property,
                       "not the address of a server, such as https://storage.example.com:4443");
  }
  return endpoint;
}

}  // namespace floe::inline v0
