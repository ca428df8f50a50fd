#include <arrow/type.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <string>
#include <utility>

#include "arrow_interop.h"
#include "bindings.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "schema/describe_columns.h"

namespace floe::bindings {

void RegisterSchemas(nb::module_& module) {
  module.def(
      "schema_from_arrow",
      [](nb::object schema, int format_version) {
        return SchemaToJson(FromArrowSchema(*ImportSchema(schema), format_version));
      },
      nb::arg("schema"), nb::arg("format_version"),
      nb::sig("def schema_from_arrow(schema: object, format_version: int) -> str"),
      "The Iceberg schema, as JSON, of an object with __arrow_c_schema__; raises "
      "SchemaMismatchError.");
  module.def(
      "schema_to_arrow",
      [](std::string json) {
        return ExportSchema(*ToArrowSchema(SchemaFromJson(std::move(json))));
      },
      nb::arg("json"), nb::sig("def schema_to_arrow(json: str) -> object"),
      "A capsule of the Arrow schema of an Iceberg schema.");
  module.def(
      "normalize_schema",
      [](std::string json) { return SchemaToJson(SchemaFromJson(std::move(json))); },
      nb::arg("json"), "Reads and writes schema JSON; raises ParseError.");
  module.def(
      "describe_columns",
      [](std::string json, const std::string& wanted) {
        return DescribeColumns(SchemaFromJson(std::move(json)), wanted);
      },
      nb::arg("json"), nb::arg("wanted"),
      "What to tell who named a column that the schema does not have.");
  module.def(
      "normalize_type",
      [](const std::string& text) { return ParsePrimitiveType(text).ToString(); },
      nb::arg("text"), "Reads a primitive type; raises ParseError.");
}

}  // namespace floe::bindings
