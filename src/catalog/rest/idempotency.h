#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "floe/base/environment.h"

namespace floe::inline v0 {

/// How long a server keeps the keys of calls, from what its configuration says: an ISO 8601
/// duration such as `PT30M`. Nothing if it says nothing, or what is none: no keys are sent
/// then.
std::optional<int64_t> ParseKeyLifetimeMs(std::string_view duration);

/// A key for a call and its repetitions: a UUID of version 7 (RFC 9562).
std::string MakeIdempotencyKey(int64_t now_ms, Random& random);

}  // namespace floe::inline v0
