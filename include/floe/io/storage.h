#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// Properties of storages, by PyIceberg's names (`s3.endpoint`, …).
using StorageProperties = std::vector<std::pair<std::string, std::string>>;

/// Properties for the locations that begin with `prefix`.
struct PrefixProperties {
  std::string prefix;
  StorageProperties properties;
};

/// Those of `properties` that are of storages, by their names.
StorageProperties StoragePropertiesIn(const StorageProperties& properties);

/// What a catalog says of a table's storage that stands above what its caller says.
struct LentProperties {
  StorageProperties overrides;
  /// Stand above all for their locations; of several, the one with the longest prefix.
  std::vector<PrefixProperties> credentials;
  /// When the first of the credentials in them ends, in milliseconds since 1970, as the catalog
  /// says; nothing if it does not.
  std::optional<int64_t> expires_at_ms;
};

/// Where credentials come from, and new ones after them. Thread-safe.
class Lender {
 public:
  virtual ~Lender() = default;
  /// Asks the catalog. Throws its errors: of authentication, permission, connection.
  virtual LentProperties Lend() = 0;
};

/// What a catalog says of the storage of a table, around what its caller said.
struct TableStorage {
  StorageProperties defaults;  ///< stand below the caller's
  LentProperties lent;         ///< stand above them
  /// Renews `lent` while files are in use; null: nothing to renew.
  std::shared_ptr<Lender> lender;
};

/// Where FileIOs come from. Thread-safe; a FileIO may outlive it.
class Storage {
 public:
  virtual ~Storage() = default;
  /// Access to the files of a table. Does no I/O. Throws CatalogConnectionError for what
  /// the catalog says wrongly, naming the property.
  virtual std::shared_ptr<FileIO> FileIOFor(const TableStorage& table) = 0;
};

}  // namespace floe::inline v0
