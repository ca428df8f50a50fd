#pragma once

#include <memory>
#include <string>

#include "floe/base/environment.h"
#include "floe/io/file_io.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/identifier.h"
#include "floe/table/table_origin.h"

namespace floe::inline v0 {

class Catalog;

/// A table as it stood at one metadata file: schema, specs, snapshots, refs.
///
/// A Table never changes. Refresh() and every commit hand back a new Table, so a reader
/// holding an old one keeps a consistent view while writers go on.
///
/// Copies are cheap: they share the metadata and keep the catalog and FileIO alive.
/// Thread-safe: all members are const and need no locking.
class Table {
 public:
  Table(TableIdentifier identifier, TableMetadataPtr metadata, std::string metadata_location,
        std::shared_ptr<Catalog> catalog, std::shared_ptr<FileIO> io, Environment environment);

  const TableIdentifier& identifier() const { return identifier_; }
  /// The parsed metadata. The reference lives as long as any copy of this Table.
  const TableMetadata& metadata() const { return *metadata_; }
  const TableMetadataPtr& metadata_ptr() const { return metadata_; }
  /// The metadata file this is.
  const std::string& metadata_location() const { return metadata_location_; }
  Catalog& catalog() const { return *catalog_; }
  const std::shared_ptr<FileIO>& io() const { return io_; }
  const Environment& environment() const { return environment_; }
  /// What the catalog said beside the metadata.
  const TableOrigin& origin() const;

  /// Snapshot that `main` points at; nullptr for a table that has never been written.
  SnapshotPtr current_snapshot() const { return metadata_->current_snapshot(); }
  /// Asks the catalog for the latest metadata; reads it if it moved.
  /// Throws NoSuchTableError if the table was dropped, CatalogConnectionError.
  Table Refresh() const;
  /// The same, with all snapshots, whatever the catalog is set to load.
  Table RefreshWithAllSnapshots() const;
  /// This table, or its latest state if this one was loaded without all snapshots; see
  /// TableOrigin. Throws what Refresh() does.
  Table WithAllSnapshots() const;

  /// This table with other metadata, or with what else the catalog said.
  Table With(TableMetadataPtr metadata) const;
  Table With(std::shared_ptr<const TableOrigin> origin) const;

  /// Folder of new data files, without a slash at the end.
  std::string data_location() const;
  /// Folder of new manifests and metadata files, without a slash at the end.
  std::string metadata_folder() const;

 private:
  TableIdentifier identifier_;
  TableMetadataPtr metadata_;
  std::string metadata_location_;
  std::shared_ptr<Catalog> catalog_;
  std::shared_ptr<FileIO> io_;
  Environment environment_;
  std::shared_ptr<const TableOrigin> origin_;  ///< never null
};

}  // namespace floe::inline v0
