#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrow_interop.h"
#include "base/json_writer.h"
#include "bindings.h"
#include "engine_call.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/metadata/update_json.h"
#include "floe/scan/inspect.h"
#include "floe/table/table.h"
#include "metadata/snapshot_json.h"
#include "writes.h"

namespace floe::bindings {
namespace {

template <class Items, class ToText>
std::vector<std::string> Texts(const Items& items, const ToText& to_text) {
  std::vector<std::string> all;
  for (const auto& item : items) {
    all.push_back(to_text(item));
  }
  return all;
}

std::string RefsJson(const Table& table) {
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [name, ref] : table.metadata().refs) {
    writer.Key(name);
    WriteSnapshotRef(ref, &writer);
  }
  writer.EndObject();
  return std::move(writer).Take();
}

std::vector<std::string> SnapshotsJson(const Table& table) {
  std::vector<std::string> snapshots;
  for (const SnapshotPtr& snapshot : table.metadata().snapshots) {
    snapshots.push_back(SnapshotToJson(*snapshot));
  }
  return snapshots;
}

PyStream Inspect(const Table& table, const std::string& what,
                 std::optional<int64_t> snapshot_id) {
  EngineCall call;
  auto reader = call.Run([&] { return InspectTable(table, what, snapshot_id, call.token()); });
  return {std::move(reader), std::move(call)};
}

void RegisterMetadata(nb::class_<Table>& type) {
  type.def_prop_ro("identifier",
                   [](const Table& self) {
                     return std::pair(self.identifier().levels, self.identifier().name);
                   })
      .def_prop_ro("metadata_location", &Table::metadata_location)
      .def_prop_ro("location", [](const Table& self) { return self.metadata().location; })
      .def_prop_ro("uuid", [](const Table& self) { return self.metadata().table_uuid; })
      .def_prop_ro("format_version",
                   [](const Table& self) { return self.metadata().format_version; })
      .def_prop_ro("last_updated_ms",
                   [](const Table& self) { return self.metadata().last_updated_ms; })
      .def_prop_ro("last_sequence_number",
                   [](const Table& self) { return self.metadata().last_sequence_number; })
      .def_prop_ro("current_schema_id",
                   [](const Table& self) { return self.metadata().current_schema_id; })
      .def_prop_ro("default_spec_id",
                   [](const Table& self) { return self.metadata().default_spec_id; })
      .def_prop_ro("default_sort_order_id",
                   [](const Table& self) { return self.metadata().default_sort_order_id; })
      .def_prop_ro(
          "sort_orders_json",
          [](const Table& self) { return Texts(self.metadata().sort_orders, SortOrderToJson); })
      .def_prop_ro("statistics_json",
                   [](const Table& self) {
                     return Texts(self.metadata().statistics, [](const StatisticsFile& file) {
                       return TableUpdateToJson(SetStatisticsUpdate{file});
                     });
                   })
      .def_prop_ro("partition_statistics_json",
                   [](const Table& self) {
                     return Texts(
                         self.metadata().partition_statistics,
                         [](const PartitionStatisticsFile& file) {
                           return TableUpdateToJson(SetPartitionStatisticsUpdate{file});
                         });
                   })
      .def_prop_ro("schemas_json",
                   [](const Table& self) {
                     return Texts(self.metadata().schemas, [](const SchemaPtr& schema) {
                       return SchemaToJson(*schema);
                     });
                   })
      .def_prop_ro("specs_json",
                   [](const Table& self) {
                     return Texts(self.metadata().partition_specs,
                                  [](const PartitionSpecPtr& spec) {
                                    return PartitionSpecToJson(*spec);
                                  });
                   })
      .def_prop_ro("properties", [](const Table& self) { return self.metadata().properties; })
      .def_prop_ro("snapshots_json", &SnapshotsJson)
      .def_prop_ro("current_snapshot_json",
                   [](const Table& self) -> std::optional<std::string> {
                     const SnapshotPtr current = self.current_snapshot();
                     return current == nullptr ? std::nullopt
                                               : std::optional(SnapshotToJson(*current));
                   })
      .def_prop_ro("refs_json", &RefsJson)
      .def_prop_ro("snapshot_log",
                   [](const Table& self) {
                     std::vector<std::pair<int64_t, int64_t>> log;
                     for (const SnapshotLogEntry& entry : self.metadata().snapshot_log) {
                       log.emplace_back(entry.timestamp_ms, entry.snapshot_id);
                     }
                     return log;
                   })
      .def_prop_ro("metadata_json",
                   [](const Table& self) { return TableMetadataToJson(self.metadata()); });
}

}  // namespace

void RegisterTables(nb::module_& module) {
  nb::class_<Table> type(module, "Table", "A table as of one metadata file. Immutable.");
  RegisterMetadata(type);
  RegisterWrites(&type);
  type.def(
          "refresh",
          [](const Table& self) {
            const EngineCall call;
            return call.Run([&] { return self.Refresh(); });
          },
          "The table as it is now.")
      .def_prop_ro("has_all_snapshots",
                   [](const Table& self) { return self.origin().has_all_snapshots; })
      .def(
          "with_all_snapshots",
          [](const Table& self) {
            const EngineCall call;
            return call.Run([&] { return self.WithAllSnapshots(); });
          },
          "This table, or its latest state where this one lacks snapshots.")
      .def("inspect", &Inspect, nb::arg("what"), nb::arg("snapshot_id") = nb::none(),
           "A metadata table: snapshots, files or partitions.");
}

}  // namespace floe::bindings
