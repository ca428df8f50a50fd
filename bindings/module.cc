#include <nanobind/nanobind.h>

#include "bindings.h"

// Converts and forwards; decides nothing.
NB_MODULE(_native, module) {
  module.doc() = "floe's engine; use the packages around it.";
  // A reader that a script leaves unread outlives the module; that is no leak to warn of.
  nanobind::set_leak_warnings(false);
  floe::bindings::RegisterErrors(module);
  floe::bindings::RegisterExpressions(module);
  floe::bindings::RegisterPartitions(module);
  floe::bindings::RegisterDefaults(module);
  floe::bindings::RegisterSchemas(module);
  floe::bindings::RegisterArrow(module);
  floe::bindings::RegisterProperties(module);
  floe::bindings::RegisterVariants(module);
  floe::bindings::RegisterScans(module);
  floe::bindings::RegisterViews(module);
  floe::bindings::RegisterTables(module);
  floe::bindings::RegisterChanges(module);
  floe::bindings::RegisterTransactions(module);
  floe::bindings::RegisterFiles(module);
  floe::bindings::RegisterCatalogs(module);
}
