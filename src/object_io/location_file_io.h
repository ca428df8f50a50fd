#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/lent_credentials.h"

namespace floe::inline v0 {

/// A store for the locations that begin with `prefix`, whatever the name of their scheme.
struct StorePart {
  std::string prefix;  ///< `bucket/folder`
  std::unique_ptr<FileIO> io;
};

struct LocationFileIOOptions {
  std::shared_ptr<FileIO> local;
  /// Whether a location is of an object, and not of this machine.
  std::function<bool(const std::string& location)> is_object;
  /// The stores, with the properties that are lent; one of them for all (`prefix` empty).
  std::function<std::vector<StorePart>(const LentProperties& lent)> make_stores;
  std::shared_ptr<LentCredentials> lent;
};

/// Picks by location: files of this machine or objects, and of these the store with the longest
/// prefix. When what is lent is renewed, new stores are made of it; files that are open go on
/// with the new ones, and what was refused as expired is tried once more with them. An object
/// that is being written is begun again with them, of KeptBytes.
std::shared_ptr<FileIO> MakeLocationFileIO(LocationFileIOOptions options);

/// `a://b` without the name of the scheme, of which a store may have several.
std::string_view WithoutScheme(std::string_view location);

}  // namespace floe::inline v0
