#pragma once

#include <nanobind/nanobind.h>

#include "floe/schema/type.h"
#include "floe/schema/value.h"

namespace floe::bindings {

/// A Python value as the default of a column of `type`; None is null. Throws
/// InvalidArgumentError for what is no such value.
Value ValueFromPython(nanobind::handle value, const Type& type);

}  // namespace floe::bindings
