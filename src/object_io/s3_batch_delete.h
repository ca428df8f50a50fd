#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "floe/io/file_io.h"
#include "object_io/s3_requests.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {

/// What S3 takes in one request.
inline constexpr size_t kMostS3Deletes = 1000;

/// Whether a key can be told in XML.
bool CanDeleteInBatch(const std::string& key);

/// Deletes objects of a bucket, given as their locations by key, in one request (DeleteObjects,
/// with its tries). Returns those that the store names as not deleted; nothing if it does not
/// know the request. Throws ExpiredCredentialsError, for which new credentials may help, and
/// CancelledError; any other failure is that of each object.
std::optional<std::vector<UndeletedFile>> TryDeleteS3Batch(
    S3Requests& requests, const S3Settings& settings,
    const std::map<std::string, std::string>& locations);

}  // namespace floe::inline v0
