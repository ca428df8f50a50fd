#pragma once

#include <optional>

#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// Takes `format-version` out of properties: it is how callers ask for a table's version, and
/// no property of the table. Nothing if it is not there. Throws InvalidArgumentError for what
/// is no version, UnsupportedError for a later one than floe knows.
std::optional<int> TakeFormatVersion(Properties* properties);

}  // namespace floe::inline v0
