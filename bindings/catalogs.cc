#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings.h"
#include "engine_call.h"
#include "floe/catalog/rest_catalog.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/commit/joint_commit.h"
#include "floe/commit/transaction.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "floe/object_io/object_storage.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "floe/table/table_origin.h"

namespace floe::bindings {
namespace {

std::shared_ptr<Storage> MakeStorage(bool fsync, Properties properties) {
  return MakeObjectStorage({.local = {.fsync = fsync}, .properties = std::move(properties)});
}

std::shared_ptr<Catalog> OpenSqlite(std::string name, std::string database_path,
                                    std::optional<std::string> warehouse, bool fsync,
                                    int busy_timeout_ms, Properties storage) {
  const EngineCall call;
  return call.Run([&] {
    return OpenSqliteCatalog({.name = std::move(name),
                              .database_path = std::move(database_path),
                              .warehouse = std::move(warehouse),
                              .busy_timeout_ms = busy_timeout_ms},
                             MakeStorage(fsync, std::move(storage))->FileIOFor({}));
  });
}

std::shared_ptr<Catalog> OpenInMemory(const std::string& name,
                                      std::optional<std::string> warehouse, bool fsync,
                                      Properties storage) {
  const EngineCall call;
  return call.Run([&] {
    return OpenSqliteCatalog({.name = name,
                              .database_path = name,
                              .is_in_memory = true,
                              .warehouse = std::move(warehouse)},
                             MakeStorage(fsync, std::move(storage))->FileIOFor({}));
  });
}

std::shared_ptr<Catalog> OpenRest(std::string name, Properties properties, bool fsync,
                                  Properties storage) {
  const EngineCall call;
  return call.Run([&] {
    return OpenRestCatalog({.name = std::move(name), .properties = std::move(properties)},
                           MakeStorage(fsync, std::move(storage)));
  });
}

CreateTableRequest MakeRequest(Namespace levels, std::string name, std::string schema_json,
                               const std::optional<std::string>& spec_json,
                               std::optional<std::string> location, Properties properties,
                               std::string sort_order_json) {
  return {.identifier = {std::move(levels), std::move(name)},
          .schema = SchemaFromJson(std::move(schema_json)),
          .spec = spec_json ? PartitionSpecFromJson(*spec_json) : PartitionSpec(),
          .location = std::move(location),
          .properties = std::move(properties),
          .sort_order = SortOrderFromJson(std::move(sort_order_json))};
}

Table CreateTable(Catalog& catalog, const CreateTableRequest& request) {
  const EngineCall call;
  return call.Run([&] { return catalog.CreateTable(request); });
}

std::unique_ptr<Transaction> BeginCreation(Catalog& catalog,
                                           const CreateTableRequest& request) {
  const EngineCall call;
  return call.Run([&] { return Transaction::ForNewTable(catalog.StageTable(request)); });
}

std::vector<Table> CommitAll(Catalog& catalog, const std::vector<Transaction*>& transactions) {
  const EngineCall call;
  return call.Run([&] { return CommitTogether(catalog, transactions); });
}

using FoundCredential = std::tuple<std::string, Properties, std::optional<int64_t>>;

std::vector<FoundCredential> LoadStorageCredentials(Catalog& catalog, Namespace levels,
                                                    std::string name) {
  const EngineCall call;
  return call.Run([&] {
    std::vector<FoundCredential> found;
    for (const StorageCredential& credential :
         catalog.LoadStorageCredentials({std::move(levels), std::move(name)})) {
      Properties properties;
      for (const auto& [key, value] : credential.config) {
        properties.emplace_back(key, value.Reveal());
      }
      found.emplace_back(credential.prefix, std::move(properties), credential.ExpiresAtMs());
    }
    return found;
  });
}

void RegisterCreateTableRequest(nb::module_& module) {
  using nb::arg;
  nb::class_<CreateTableRequest>(module, "CreateTableRequest", "A table to be created.")
      .def(
          "__init__",
          [](CreateTableRequest* self, Namespace levels, std::string name,
             std::string schema_json, const std::optional<std::string>& spec_json,
             std::optional<std::string> location, Properties properties,
             std::string sort_order_json) {
            new (self) CreateTableRequest(MakeRequest(
                std::move(levels), std::move(name), std::move(schema_json), spec_json,
                std::move(location), std::move(properties), std::move(sort_order_json)));
          },
          arg("levels"), arg("name"), arg("schema_json"), arg("spec_json").none(),
          arg("location").none(), arg("properties"), arg("sort_order_json"));
}

}  // namespace

void RegisterCatalogs(nb::module_& module) {
  using nb::arg;
  using Release = nb::call_guard<EngineCallGuard>;
  RegisterCreateTableRequest(module);
  nb::class_<Catalog>(module, "Catalog", "Namespaces and tables by name. Thread-safe.")
      .def_prop_ro("name", &Catalog::name)
      .def("list_namespaces", &Catalog::ListNamespaces, arg("parent"), Release())
      .def("create_namespace", &Catalog::CreateNamespace, arg("levels"), arg("properties"),
           Release())
      .def("namespace_exists", &Catalog::NamespaceExists, arg("levels"), Release())
      .def("load_namespace_properties", &Catalog::LoadNamespaceProperties, arg("levels"),
           Release())
      .def("drop_namespace", &Catalog::DropNamespace, arg("levels"), Release())
      .def(
          "list_tables",
          [](Catalog& self, const Namespace& levels) {
            std::vector<std::pair<Namespace, std::string>> tables;
            for (TableIdentifier& table : self.ListTables(levels)) {
              tables.emplace_back(std::move(table.levels), std::move(table.name));
            }
            return tables;
          },
          arg("levels"), Release())
      .def("create_table", &CreateTable, arg("request"))
      .def("begin_creation", &BeginCreation, arg("request"),
           "A transaction that makes the table, with what is done in it.")
      .def("commit_together", &CommitAll, arg("transactions"),
           "The tables of several transactions, of which all are committed or none.")
      .def(
          "table_exists",
          [](Catalog& self, Namespace levels, std::string name) {
            return self.TableExists({std::move(levels), std::move(name)});
          },
          arg("levels"), arg("name"), Release())
      .def(
          "load_table",
          [](Catalog& self, Namespace levels, std::string name) {
            return self.LoadTable({std::move(levels), std::move(name)});
          },
          arg("levels"), arg("name"), Release())
      .def(
          "drop_table",
          [](Catalog& self, Namespace levels, std::string name) {
            self.DropTable({std::move(levels), std::move(name)});
          },
          arg("levels"), arg("name"), Release())
      .def(
          "purge_table",
          [](Catalog& self, Namespace levels, std::string name) {
            self.PurgeTable({std::move(levels), std::move(name)});
          },
          arg("levels"), arg("name"), Release())
      .def("load_storage_credentials", &LoadStorageCredentials, arg("levels"), arg("name"),
           nb::sig("def load_storage_credentials(self, levels: "
                   "collections.abc.Sequence[str], name: str) -> list[tuple[str, "
                   "list[tuple[str, str]], int | None]]"),
           "Of each: the prefix, secrets by their names, when they end.")
      .def(
          "update_namespace_properties",
          [](Catalog& self, const Namespace& levels, const Properties& updates,
             const std::vector<std::string>& removals) {
            PropertiesUpdate done = self.UpdateNamespaceProperties(levels, updates, removals);
            return std::tuple(std::move(done.removed), std::move(done.updated),
                              std::move(done.missing));
          },
          arg("levels"), arg("updates"), arg("removals"), Release())
      .def(
          "rename_table",
          [](Catalog& self, Namespace from_levels, std::string from_name, Namespace to_levels,
             std::string to_name) {
            self.RenameTable({std::move(from_levels), std::move(from_name)},
                             {std::move(to_levels), std::move(to_name)});
          },
          arg("from_levels"), arg("from_name"), arg("to_levels"), arg("to_name"), Release())
      .def(
          "register_table",
          [](Catalog& self, Namespace levels, std::string name,
             const std::string& metadata_location) {
            return self.RegisterTable({std::move(levels), std::move(name)}, metadata_location);
          },
          arg("levels"), arg("name"), arg("metadata_location"), Release());
  // Before the interpreter is gone: the SDK does not survive what runs after that.
  nb::module_::import_("atexit").attr("register")(
      nb::cpp_function(&StopObjectStorage, Release()));
  module.def("open_sqlite_catalog", &OpenSqlite, arg("name"), arg("database_path"),
             arg("warehouse").none(), arg("fsync") = true, arg("busy_timeout_ms") = 60'000,
             arg("storage") = Properties(),
             "Opens a catalog in an SQLite file; '' is in memory.");
  module.def("open_in_memory_catalog", &OpenInMemory, arg("name"), arg("warehouse").none(),
             arg("fsync"), arg("storage") = Properties(),
             "Opens a catalog that all of its name in this process share.");
  module.def("open_rest_catalog", &OpenRest, arg("name"), arg("properties"),
             arg("fsync") = true, arg("storage") = Properties(),
             "Opens a catalog that speaks the Iceberg REST protocol.");
}

}  // namespace floe::bindings
