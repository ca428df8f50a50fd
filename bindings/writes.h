#pragma once

#include <nanobind/nanobind.h>

#include "floe/table/table.h"

namespace floe::bindings {

/// Adds the methods of a table that write rows.
void RegisterWrites(nanobind::class_<Table>* type);

}  // namespace floe::bindings
