#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <string_view>
#include <utility>

#include "bindings.h"
#include "floe/variant/variant.h"

namespace floe::bindings {
namespace {

nb::bytes ToBytes(std::string_view bytes) { return nb::bytes(bytes.data(), bytes.size()); }

}  // namespace

void RegisterVariants(nb::module_& module) {
  module.def(
      "variant_from_json",
      [](std::string_view json) {
        const Variant variant = VariantFromJson(json);
        return std::pair(ToBytes(variant.metadata), ToBytes(variant.value));
      },
      nb::arg("json"), nb::sig("def variant_from_json(json: str) -> tuple[bytes, bytes]"),
      "Metadata and value of a JSON text; raises ParseError.");
  module.def(
      "variant_to_json",
      [](const nb::bytes& metadata, const nb::bytes& value) {
        return VariantToJson({metadata.c_str(), metadata.size()},
                             {value.c_str(), value.size()});
      },
      nb::arg("metadata"), nb::arg("value"),
      "The JSON text of an encoded variant; raises InvalidArgumentError.");
}

}  // namespace floe::bindings
