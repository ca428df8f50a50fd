#pragma once

#include <optional>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/view_metadata.h"
#include "floe/schema/schema.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// A view as it stood at one metadata file. A value; cheap to copy.
struct View {
  TableIdentifier identifier;
  ViewMetadataPtr metadata;
  std::string metadata_location;
};

/// A view's definition, for a new view or in place of an old one.
struct ViewRequest {
  TableIdentifier identifier;
  Schema schema;  ///< its ids are assigned anew
  /// Its ids and time are assigned.
  ViewVersion version;
  /// Nothing: the server says it. Only for a new view.
  std::optional<std::string> location;
  Properties properties;  ///< to be set
};

/// Views by name, of a catalog that keeps them. Thread-safe. Every call may throw
/// CatalogConnectionError.
class ViewCatalog {
 public:
  virtual ~ViewCatalog() = default;

  /// Views of the namespace, sorted. Throws NoSuchNamespaceError.
  virtual std::vector<TableIdentifier> ListViews(const Namespace& levels) = 0;
  /// Throws AlreadyExistsError if there is a table or view of that name, NoSuchNamespaceError,
  /// InvalidArgumentError for a version without representations or with two of one dialect.
  virtual View CreateView(const ViewRequest& request) = 0;
  virtual bool ViewExists(const TableIdentifier& identifier) = 0;
  /// Throws NoSuchViewError, CorruptFileError, UnsupportedError.
  virtual View LoadView(const TableIdentifier& identifier) = 0;
  /// Gives a view another definition, which becomes its current version. Throws
  /// NoSuchViewError, CommitConflictError, CommitStateUnknownError.
  virtual View ReplaceView(const ViewRequest& request) = 0;
  /// Throws NoSuchViewError, AlreadyExistsError, NoSuchNamespaceError.
  virtual void RenameView(const TableIdentifier& from, const TableIdentifier& to) = 0;
  /// Throws NoSuchViewError.
  virtual void DropView(const TableIdentifier& identifier) = 0;
};

}  // namespace floe::inline v0
