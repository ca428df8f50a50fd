#pragma once

#include <string>
#include <string_view>

#include "object_io/s3_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {

/// Reads a text of Arrow's S3 file system: `… AWS Error CODE (HTTP status 400) during …
/// operation: message`. Codes decide, not words, but where a code is only in the message.
StoreProblem ReadS3Problem(std::string_view text);

/// Throws the error that stands for `text`: StorageAccessError for a refusal, IoError else
/// (with ENOENT for what is not there), both with bucket, key, and what to check. `action` is a
/// verb
/// ("read"). Secrets of `settings` are left out.
[[noreturn]] void ThrowS3Error(std::string_view action, const std::string& location,
                               std::string_view text, const S3Settings& settings);

}  // namespace floe::inline v0
