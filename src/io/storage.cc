#include "floe/io/storage.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace floe::inline v0 {

StorageProperties StoragePropertiesIn(const StorageProperties& properties) {
  StorageProperties found;
  std::ranges::copy_if(properties, std::back_inserter(found), [](const auto& property) {
    constexpr std::array<std::string_view, 5> kPrefixes = {"s3.", "client.", "gcs.", "gcp.",
                                                           "adls."};
    return std::ranges::any_of(
        kPrefixes, [&](std::string_view prefix) { return property.first.starts_with(prefix); });
  });
  return found;
}

}  // namespace floe::inline v0
