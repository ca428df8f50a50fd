#pragma once

#include <memory>
#include <string>

#include "floe/base/environment.h"
#include "floe/io/storage.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/catalog.h"

namespace floe::inline v0 {

struct RestCatalogOptions {
  std::string name;
  /// `uri`, `warehouse`, `credential`, `token`, …: docs/catalogs.md lists them.
  Properties properties;
};

/// Opens a catalog that speaks the Iceberg REST protocol: asks the server for its
/// configuration, whose defaults stand below and whose overrides stand above the properties.
///
/// Calls that can be repeated are, when the server can't be reached or is busy. A commit is
/// sent once; when its answer is lost, its outcome is unknown, and whoever commits looks at the
/// table to learn it.
///
/// Throws InvalidArgumentError for a property that is missing, unknown or wrong,
/// CatalogAuthenticationError and PermissionDeniedError if the server does not let in,
/// CatalogConnectionError if it can't be reached or is no such server. Every call of the
/// catalog may throw the last three. Thread-safe; a forked child opens connections of its own.
/// The files of a table are reached through `storage`, with what the server says of them: the
/// properties of its configuration, of the table, and the credentials that it lends.
std::shared_ptr<Catalog> OpenRestCatalog(RestCatalogOptions options,
                                         std::shared_ptr<Storage> storage,
                                         Environment environment = Environment::System());

}  // namespace floe::inline v0
