#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "floe/io/file_io.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kFileScheme = "file:";

/// `s3`, `file`, …; empty for a bare path.
std::string_view SchemeOf(std::string_view location) {
  const size_t colon = location.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return {};
  }
  const std::string_view scheme = location.substr(0, colon);
  const bool legal = std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '-' || c == '.';
  });
  return legal ? scheme : std::string_view{};
}

}  // namespace

std::optional<std::string> LocalPath(std::string_view location) {
  if (location.starts_with(kFileScheme)) {
    std::string_view rest = location.substr(kFileScheme.size());
    if (rest.starts_with("//")) {
      rest.remove_prefix(2);
      if (rest.starts_with("localhost/")) {
        rest.remove_prefix(std::string_view("localhost").size());
      }
    }
    if (!rest.starts_with('/')) {
      return std::nullopt;
    }
    return std::string(rest);
  }
  if (!SchemeOf(location).empty() || location.empty()) {
    return std::nullopt;
  }
  return std::string(location);
}

std::string CanonicalLocation(std::string_view location) {
  std::string canonical(location);
  if (const auto path = LocalPath(location)) {
    canonical = "file://" + std::filesystem::absolute(*path).lexically_normal().string();
  }
  while (canonical.size() > 1 && canonical.ends_with('/') && !canonical.ends_with("//")) {
    canonical.pop_back();
  }
  return canonical;
}

}  // namespace floe::inline v0
