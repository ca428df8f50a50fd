#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/update.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/table/identifier.h"
#include "floe/table/metrics_reporter.h"
#include "floe/table/table.h"
#include "floe/table/table_origin.h"
#include "floe/table/view_catalog.h"

namespace floe::inline v0 {

/// A table to be created.
struct CreateTableRequest {
  TableIdentifier identifier;
  Schema schema;       ///< ids are hints for `spec` only; the table gets its own
  PartitionSpec spec;  ///< over the ids of `schema`
  /// Nothing: `<namespace's location or warehouse/namespace>/<name>`.
  std::optional<std::string> location;
  Properties properties;
  SortOrder sort_order = {};  ///< over the ids of `schema`; its own id is assigned
};

/// A change to a table, made from a base that `requirements` describe.
struct CommitRequest {
  std::vector<TableRequirement> requirements;
  std::vector<TableUpdate> updates;
  /// Files that the updates bring in, to be durable before the change can be seen.
  std::vector<std::string> new_files;
};

/// A change to one of several tables that change together.
struct TableCommit {
  Table base;
  CommitRequest request;
};

/// What became of a commit.
struct CommitResult {
  enum class Outcome : uint8_t {
    kCommitted,
    kConflict,  ///< not committed; someone else's change came first
    kUnknown,   ///< the answer was lost
  };
  Outcome outcome;
  std::optional<Table> table;  ///< set if one table was committed
  std::string reason;          ///< set otherwise: what stood in the way
};

/// How to load a table.
struct LoadTableOptions {
  /// With all snapshots, also where the catalog is set to load those of refs only.
  bool all_snapshots = false;
  /// What the caller has: handed back if it is still so. May be nullptr; not kept.
  const Table* known = nullptr;
};

/// What an update of a namespace's properties did.
struct PropertiesUpdate {
  std::vector<std::string> updated;
  std::vector<std::string> removed;
  std::vector<std::string> missing;  ///< to be removed, but not there
};

/// Namespaces and tables by name, and the one atomic swap that commits are made of.
/// Thread-safe; owned by shared_ptr, which its tables hold. Every call may throw
/// CatalogConnectionError.
class Catalog : public std::enable_shared_from_this<Catalog> {
 public:
  virtual ~Catalog() = default;

  virtual const std::string& name() const = 0;

  /// Namespaces directly below `parent` (empty: at the top), in full, sorted.
  /// Throws NoSuchNamespaceError.
  virtual std::vector<Namespace> ListNamespaces(const Namespace& parent) = 0;
  /// Throws NamespaceAlreadyExistsError.
  virtual void CreateNamespace(const Namespace& levels, const Properties& properties) = 0;
  virtual bool NamespaceExists(const Namespace& levels) = 0;
  /// Throws NoSuchNamespaceError.
  virtual Properties LoadNamespaceProperties(const Namespace& levels) = 0;
  /// Sets `updates` and removes `removals`; not in one step where a server can't. Throws
  /// NoSuchNamespaceError, InvalidArgumentError for a name in both.
  virtual PropertiesUpdate UpdateNamespaceProperties(
      const Namespace& levels, const Properties& updates,
      const std::vector<std::string>& removals) = 0;
  /// Throws NoSuchNamespaceError, NamespaceNotEmptyError.
  virtual void DropNamespace(const Namespace& levels) = 0;

  /// Tables of the namespace, sorted. Throws NoSuchNamespaceError.
  virtual std::vector<TableIdentifier> ListTables(const Namespace& levels) = 0;
  /// Throws TableAlreadyExistsError, NoSuchNamespaceError, InvalidArgumentError for a schema,
  /// spec or property that can't be, UnsupportedError, and errors of the storage.
  virtual Table CreateTable(const CreateTableRequest& request) = 0;
  virtual bool TableExists(const TableIdentifier& identifier) = 0;
  /// A table that is not there yet: what CreateTable() would make, for a transaction that
  /// makes it together with its first rows. Throws what CreateTable() does, in which nobody
  /// else may have been faster.
  virtual Table StageTable(const CreateTableRequest& request) = 0;
  /// Nothing if there is no such table.
  virtual std::optional<Table> TryLoadTable(const TableIdentifier& identifier,
                                            const LoadTableOptions& options) = 0;
  /// Throws NoSuchTableError, CorruptFileError, UnsupportedError.
  Table LoadTable(const TableIdentifier& identifier, const LoadTableOptions& options = {});
  /// Forgets the table; its files stay. Throws NoSuchTableError.
  virtual void DropTable(const TableIdentifier& identifier) = 0;
  /// Forgets the table and deletes its files: those that its metadata reaches, unless its
  /// property `gc.enabled` is false or they lie in another table's folder; nothing else. Throws
  /// NoSuchTableError, and IoError once the table is forgotten if files could not be deleted.
  /// A server that purges may do so later.
  virtual void PurgeTable(const TableIdentifier& identifier) = 0;
  /// Gives a table another name, and maybe namespace; its files stay where they are. Throws
  /// NoSuchTableError, TableAlreadyExistsError, NoSuchNamespaceError.
  virtual void RenameTable(const TableIdentifier& from, const TableIdentifier& to) = 0;
  /// Takes in a table by its metadata file. Throws TableAlreadyExistsError,
  /// NoSuchNamespaceError, and errors of the file.
  virtual Table RegisterTable(const TableIdentifier& identifier,
                              const std::string& metadata_location) = 0;
  /// One attempt to change a table, or to create one: `base` is a staged table and the first
  /// requirement AssertCreate then. Errors that leave no doubt (storage full, no access) are
  /// thrown, and nothing was committed then.
  virtual CommitResult CommitTable(const Table& base, const CommitRequest& request) = 0;
  /// The same for several tables at once: all of them are changed, or none is. Throws
  /// UnsupportedError where a server can't.
  virtual CommitResult CommitTables(const std::vector<TableCommit>& commits) = 0;
  /// Views of the catalog, which lives as long; nullptr if it keeps none.
  virtual ViewCatalog* views() { return nullptr; }
  /// Who wants to know what is read and written, and lives as long; nullptr: nobody.
  virtual MetricsReporter* metrics_reporter() { return nullptr; }
  /// Storage credentials of a table, anew; empty where none are vended.
  virtual std::vector<StorageCredential> LoadStorageCredentials(
      const TableIdentifier& /*identifier*/) {
    return {};
  }

 protected:
  /// Throws InvalidArgumentError for a name that is in both.
  static void CheckPropertyNames(const Properties& updates,
                                 const std::vector<std::string>& removals);
};

}  // namespace floe::inline v0
