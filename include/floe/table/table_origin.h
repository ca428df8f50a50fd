#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/secret.h"

namespace floe::inline v0 {

/// Properties of which each may be a secret.
using SecretProperties = std::vector<std::pair<std::string, Secret>>;

/// Access to some files, as a catalog vends it (REST specification, `StorageCredential`).
struct StorageCredential {
  std::string prefix;  ///< of the locations that it is for
  SecretProperties config;

  /// When it ends, in milliseconds since 1970; nothing if it does not say.
  std::optional<int64_t> ExpiresAtMs() const;
  bool operator==(const StorageCredential&) const = default;
};

/// The one for `location`: that of the longest prefix of it, nullptr if there is none.
const StorageCredential* FindCredential(const std::vector<StorageCredential>& credentials,
                                        std::string_view location);

/// What a catalog said beside a table's metadata. A value.
struct TableOrigin {
  std::string etag;  ///< of that answer; empty: none
  /// false: only those that branches and tags point at; see Table::WithAllSnapshots().
  bool has_all_snapshots = true;
  SecretProperties config;  ///< for whoever reads and writes the table's files
  std::vector<StorageCredential> storage_credentials;

  /// When the first of what is vended ends, in milliseconds since 1970; nothing if none does.
  std::optional<int64_t> ExpiresAtMs() const;
};

}  // namespace floe::inline v0
