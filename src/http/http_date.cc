#include <curl/curl.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "http/http_client.h"
#include "http/libcurl.h"

namespace floe::inline v0 {

std::optional<int64_t> ParseHttpDateMs(const std::string& text) {
  const time_t seconds = Curl().getdate(text.c_str(), nullptr);
  return seconds < 0 ? std::nullopt : std::optional(int64_t{seconds} * 1000);
}

}  // namespace floe::inline v0
