#pragma once

#include <string>
#include <vector>

#include "floe/base/environment.h"
#include "floe/io/file_io.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

/// Number in front of a metadata file's name, `00012-<uuid>.metadata.json`; −1 if it has none.
int MetadataVersion(const std::string& location);

/// Writes a new metadata file in `folder`, compressed if the table's properties say so, and
/// returns its location: `<version>-<uuid>.metadata.json`, or `….gz.metadata.json`.
std::string WriteTableMetadata(FileIO& io, const TableMetadata& metadata,
                               const std::string& folder, int version, Random& random);

/// Reads and parses a metadata file, compressed or not. A missing one is an IoError that says
/// whose it is.
TableMetadataPtr ReadTableMetadata(FileIO& io, const std::string& location);

/// The metadata files that `updated` no longer lists and that are to be deleted after its
/// commit: none unless the table's properties ask for it. Throws InvalidArgumentError for a
/// property that does not parse.
std::vector<std::string> FindOldMetadata(const TableMetadata& base,
                                         const TableMetadata& updated);

}  // namespace floe::inline v0
