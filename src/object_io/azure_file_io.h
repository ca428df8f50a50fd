#pragma once

#include <memory>

#include "floe/io/file_io.h"
#include "object_io/azure_settings.h"
#include "object_io/file_systems.h"

namespace floe::inline v0 {

using AzureFileSystems = FileSystems<AzureAccount>;

/// Makes clients when they are needed.
std::shared_ptr<AzureFileSystems> MakeAzureFileSystems();

/// Blobs of storage accounts, by locations for which IsAzureLocation() holds.
std::unique_ptr<FileIO> MakeAzureFileIO(AzureSettings settings,
                                        std::shared_ptr<AzureFileSystems> file_systems);

}  // namespace floe::inline v0
