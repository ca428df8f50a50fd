#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include "bindings.h"
#include "floe/metadata/table_properties.h"

namespace floe::bindings {

void RegisterProperties(nb::module_& module) {
  module.def(
      "table_properties",
      [] {
        nb::list rows;
        for (const TableProperty* property : AllTableProperties()) {
          rows.append(nb::make_tuple(property->name, property->default_text, property->doc));
        }
        return rows;
      },
      nb::sig("def table_properties() -> list[tuple[str, str, str]]"),
      "Name, default and meaning of every table property that floe acts on.");
}

}  // namespace floe::bindings
