#pragma once

#include <memory>

#include "floe/io/file_io.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {

/// Objects of one S3, by locations for which IsS3Location() holds.
std::unique_ptr<FileIO> MakeS3FileIO(S3Settings settings,
                                     std::shared_ptr<S3FileSystems> file_systems);

}  // namespace floe::inline v0
