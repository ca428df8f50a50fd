#pragma once

#include <string>
#include <string_view>

#include "object_io/azure_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {

/// Reads a text of Arrow's file system for Azure: `… Azure Error: [Code] 404 words`. Codes
/// decide, and words where there is none.
StoreProblem ReadAzureProblem(std::string_view text);

/// Throws the error for `problem`, with account, container, key and what to check; `text` is
/// Arrow's.
[[noreturn]] void ThrowAzureError(const StoreProblem& problem, std::string_view action,
                                  const std::string& location, std::string_view text,
                                  const AzureAccount& account);

}  // namespace floe::inline v0
