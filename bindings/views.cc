#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "engine_call.h"
#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/view_metadata.h"
#include "floe/schema/schema.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/view_catalog.h"

namespace floe::bindings {
namespace {

ViewCatalog& ViewsOf(Catalog& catalog) {
  ViewCatalog* const views = catalog.views();
  if (views == nullptr) {
    throw UnsupportedError("catalog '" + catalog.name() +
                           "' keeps no views; those of Iceberg REST servers do");
  }
  return *views;
}

/// A call about one view.
template <class Work>
auto Call(Catalog& catalog, Work&& work) {
  const EngineCall call;
  return call.Run([&] { return work(ViewsOf(catalog)); });
}

ViewRequest MakeRequest(Namespace levels, std::string name, std::string schema_json,
                        std::string version_json, std::optional<std::string> location,
                        Properties properties) {
  return {.identifier = {std::move(levels), std::move(name)},
          .schema = SchemaFromJson(std::move(schema_json)),
          .version = ViewVersionFromJson(std::move(version_json)),
          .location = std::move(location),
          .properties = std::move(properties)};
}

void RegisterView(nb::module_& module) {
  nb::class_<View>(module, "View", "A view as of one metadata file. Immutable.")
      .def_prop_ro("identifier",
                   [](const View& self) {
                     return std::pair(self.identifier.levels, self.identifier.name);
                   })
      .def_ro("metadata_location", &View::metadata_location)
      .def_prop_ro("metadata_json",
                   [](const View& self) { return ViewMetadataToJson(*self.metadata); });
}

}  // namespace

void RegisterViews(nb::module_& module) {
  using nb::arg;
  RegisterView(module);
  module.def(
      "list_views",
      [](Catalog& catalog, const Namespace& levels) {
        return Call(catalog, [&](ViewCatalog& views) {
          std::vector<std::pair<Namespace, std::string>> found;
          for (TableIdentifier& view : views.ListViews(levels)) {
            found.emplace_back(std::move(view.levels), std::move(view.name));
          }
          return found;
        });
      },
      arg("catalog"), arg("levels"));
  module.def(
      "create_view",
      [](Catalog& catalog, Namespace levels, std::string name, std::string schema_json,
         std::string version_json, std::optional<std::string> location, Properties properties) {
        const ViewRequest request =
            MakeRequest(std::move(levels), std::move(name), std::move(schema_json),
                        std::move(version_json), std::move(location), std::move(properties));
        return Call(catalog, [&](ViewCatalog& views) { return views.CreateView(request); });
      },
      arg("catalog"), arg("levels"), arg("name"), arg("schema_json"), arg("version_json"),
      arg("location").none(), arg("properties"));
  module.def(
      "replace_view",
      [](Catalog& catalog, Namespace levels, std::string name, std::string schema_json,
         std::string version_json, Properties properties) {
        const ViewRequest request =
            MakeRequest(std::move(levels), std::move(name), std::move(schema_json),
                        std::move(version_json), std::nullopt, std::move(properties));
        return Call(catalog, [&](ViewCatalog& views) { return views.ReplaceView(request); });
      },
      arg("catalog"), arg("levels"), arg("name"), arg("schema_json"), arg("version_json"),
      arg("properties"));
  module.def(
      "view_exists",
      [](Catalog& catalog, Namespace levels, std::string name) {
        const TableIdentifier view{std::move(levels), std::move(name)};
        return Call(catalog, [&](ViewCatalog& views) { return views.ViewExists(view); });
      },
      arg("catalog"), arg("levels"), arg("name"));
  module.def(
      "load_view",
      [](Catalog& catalog, Namespace levels, std::string name) {
        const TableIdentifier view{std::move(levels), std::move(name)};
        return Call(catalog, [&](ViewCatalog& views) { return views.LoadView(view); });
      },
      arg("catalog"), arg("levels"), arg("name"));
  module.def(
      "rename_view",
      [](Catalog& catalog, Namespace from_levels, std::string from_name, Namespace to_levels,
         std::string to_name) {
        const TableIdentifier from{std::move(from_levels), std::move(from_name)};
        const TableIdentifier to{std::move(to_levels), std::move(to_name)};
        Call(catalog, [&](ViewCatalog& views) { views.RenameView(from, to); });
      },
      arg("catalog"), arg("from_levels"), arg("from_name"), arg("to_levels"), arg("to_name"));
  module.def(
      "drop_view",
      [](Catalog& catalog, Namespace levels, std::string name) {
        const TableIdentifier view{std::move(levels), std::move(name)};
        Call(catalog, [&](ViewCatalog& views) { views.DropView(view); });
      },
      arg("catalog"), arg("levels"), arg("name"));
}

}  // namespace floe::bindings
