#include "metadata/format_version.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <system_error>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

std::optional<int> TakeFormatVersion(Properties* properties) {
  const auto text = FindProperty(*properties, "format-version");
  if (!text) {
    return std::nullopt;
  }
  int version = 0;
  const auto [end, error] = std::from_chars(text->begin(), text->end(), version);
  if (error != std::errc() || end != text->end() || version < kMinFormatVersion) {
    throw InvalidArgumentError(
        fmt::format("format-version is '{}'; expected a number from {} to {}", *text,
                    kMinFormatVersion, kMaxFormatVersion));
  }
  if (version > kMaxFormatVersion) {
    throw UnsupportedError(
        fmt::format("format-version {} is not supported by this version of floe, which "
                    "reads and writes versions {} to {}",
                    version, kMinFormatVersion, kMaxFormatVersion));
  }
  std::erase_if(*properties, [](const auto& item) { return item.first == "format-version"; });
  return version;
}

}  // namespace floe::inline v0
