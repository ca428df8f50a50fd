#include "floe/io/storage.h"

#include <algorithm>
#include <iterator>

namespace floe::inline v0 {

StorageProperties StoragePropertiesIn(const StorageProperties& properties) {
  StorageProperties found;
  std::ranges::copy_if(properties, std::back_inserter(found), [](const auto& property) {
    return property.first.starts_with("s3.") || property.first.starts_with("client.");
  });
  return found;
}

}  // namespace floe::inline v0
