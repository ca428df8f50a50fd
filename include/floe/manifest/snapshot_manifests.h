#pragma once

#include <vector>

#include "floe/io/file_io.h"
#include "floe/manifest/manifest_file.h"
#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// The manifests of a snapshot: those of its manifest list or, for one of version 1 without a
/// list, those that it names itself, of which nothing is counted then. Throws CorruptFileError,
/// IoError, UnsupportedError.
std::vector<ManifestFile> ReadManifests(FileIO& io, const Snapshot& snapshot);

/// Counts the files and rows of a manifest whose list did not, as those of version 1 may not:
/// reads the manifest then. `partition_type` is that of its spec. Throws CorruptFileError,
/// IoError, UnsupportedError.
void CountEntries(FileIO& io, const Type& partition_type, ManifestFile* manifest);

/// Whether a manifest list says all that later versions require.
bool HasCounts(const ManifestFile& manifest);

}  // namespace floe::inline v0
