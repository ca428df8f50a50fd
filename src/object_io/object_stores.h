#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/azure_file_io.h"
#include "object_io/gcs_file_io.h"
#include "object_io/s3_runtime.h"

namespace floe::inline v0 {

/// What tables share that are in the same stores.
struct StoreClients {
  std::shared_ptr<S3FileSystems> s3 = std::make_shared<S3FileSystems>();
  std::shared_ptr<GcsFileSystems> gcs = MakeGcsFileSystems();
  std::shared_ptr<AzureFileSystems> azure = MakeAzureFileSystems();
};

/// Whether a location is of an object in a store, and not of a file of this machine.
bool IsObjectLocation(std::string_view location);

/// Checks a caller's properties. Throws InvalidArgumentError for one that is unknown or wrong,
/// UnsupportedError for one that others know and floe does not.
void CheckObjectStoreProperties(const StorageProperties& properties);

/// All stores, each picked by the location's scheme and, where credentials are lent for it, by
/// the longest of the prefixes that they are for. `own` layers stand above each other, and what
/// is lent above them, a credential's properties above all. Does no I/O. Throws
/// InvalidArgumentError for a property that is wrong, naming it.
std::unique_ptr<FileIO> MakeObjectStores(const std::vector<const StorageProperties*>& own,
                                         const LentProperties& lent,
                                         const StoreClients& clients);

}  // namespace floe::inline v0
