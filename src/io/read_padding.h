#pragma once

#include <cstddef>

namespace floe::inline v0 {

/// Room behind the bytes of a file, which parsers ask for, so that they need not copy.
constexpr size_t kReadPadding = 64;

}  // namespace floe::inline v0
