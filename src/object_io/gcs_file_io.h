#pragma once

#include <memory>

#include "floe/io/file_io.h"
#include "object_io/file_systems.h"
#include "object_io/gcs_settings.h"

namespace floe::inline v0 {

using GcsFileSystems = FileSystems<GcsSettings>;

/// Makes clients when they are needed.
std::shared_ptr<GcsFileSystems> MakeGcsFileSystems();

/// Objects of one Google Cloud Storage, by locations for which IsGcsLocation() holds.
std::unique_ptr<FileIO> MakeGcsFileIO(GcsSettings settings,
                                      std::shared_ptr<GcsFileSystems> file_systems);

}  // namespace floe::inline v0
