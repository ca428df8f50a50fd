#pragma once

#include <string>
#include <string_view>

#include "object_io/gcs_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {

/// Reads a text of Arrow's file system for Google Cloud Storage:
/// `google::cloud::Status(CODE: … http_status_code=404 …)`. Codes decide, and words where
/// Google has one code for two things.
StoreProblem ReadGcsProblem(std::string_view text);

/// Throws the error for `problem`, with bucket, key and what to check; `text` is Arrow's.
[[noreturn]] void ThrowGcsError(const StoreProblem& problem, std::string_view action,
                                const std::string& location, std::string_view text,
                                const GcsSettings& settings);

}  // namespace floe::inline v0
