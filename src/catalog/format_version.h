#pragma once

#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// Takes `format-version` out of the properties of a table to be made: it is how callers ask
/// for a version, and no property of the table. The default version if it is not there. Throws
/// InvalidArgumentError for what is no version, UnsupportedError for a later one.
int TakeFormatVersion(Properties* properties);

}  // namespace floe::inline v0
