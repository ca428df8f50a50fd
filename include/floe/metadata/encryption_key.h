#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// A key of a table's encryption (specification, "Encryption Keys"). floe carries it and can't
/// read what it encrypts.
struct EncryptionKey {
  std::string key_id;
  std::string encrypted_key_metadata;  ///< in base64
  std::optional<std::string> encrypted_by_id;
  Properties properties;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const EncryptionKey&) const = default;
};

}  // namespace floe::inline v0
