#pragma once

#include <nanobind/nanobind.h>

/// What each file of this folder adds to the module.
namespace floe::bindings {

namespace nb = nanobind;

void RegisterErrors(nb::module_& module);
void RegisterExpressions(nb::module_& module);
void RegisterPartitions(nb::module_& module);
void RegisterDefaults(nb::module_& module);
void RegisterSchemas(nb::module_& module);
void RegisterArrow(nb::module_& module);
void RegisterCatalogs(nb::module_& module);
void RegisterFiles(nb::module_& module);
void RegisterViews(nb::module_& module);
void RegisterTables(nb::module_& module);
void RegisterChanges(nb::module_& module);
void RegisterTransactions(nb::module_& module);
void RegisterScans(nb::module_& module);
void RegisterVariants(nb::module_& module);
void RegisterProperties(nb::module_& module);

}  // namespace floe::bindings
