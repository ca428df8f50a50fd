#include <arrow/record_batch.h>
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
#include "floe/base/error.h"
#include "floe/dml/write_rows.h"
#include "floe/metadata/table_metadata.h"
#include "floe/scan/inspect.h"
#include "floe/table/table.h"
#include "metadata/snapshot_json.h"
#include "parquet/arrow_schema.h"

namespace floe::bindings {
namespace {

WriteOptions MakeWriteOptions(const nb::kwargs& arguments, const StopToken& stop) {
  WriteOptions options;
  for (const auto& [key, value] : arguments) {
    const auto name = nb::cast<std::string>(key);
    if (name == "evolve_schema") {
      options.evolve_schema = nb::cast<bool>(value);
    } else if (name == "snapshot_properties") {
      options.snapshot_properties = nb::cast<Properties>(value);
    } else if (name == "required_filter") {
      if (!value.is_none()) {
        options.required_filter = nb::cast<ExpressionPtr>(value);
      }
    } else if (name == "isolation") {
      const auto text = nb::cast<std::string>(value);
      if (text != "serializable" && text != "snapshot") {
        throw InvalidArgumentError("isolation is '" + text +
                                   "'; expected serializable or snapshot");
      }
      options.isolation = text == "snapshot" ? Isolation::kSnapshot : Isolation::kSerializable;
    } else if (name == "case_sensitive") {
      options.case_sensitive = nb::cast<bool>(value);
    } else if (name == "memory_bytes") {
      options.memory_bytes = nb::cast<int64_t>(value);
    } else if (name == "max_retries") {
      options.retry.max_retries = nb::cast<int>(value);
    } else if (name == "min_wait_ms") {
      options.retry.min_wait_ms = nb::cast<int64_t>(value);
    } else if (name == "max_wait_ms") {
      options.retry.max_wait_ms = nb::cast<int64_t>(value);
    } else {
      throw nb::type_error(("unknown write option '" + name + "'").c_str());
    }
  }
  options.stop = stop;
  return options;
}

/// Imports the data, then writes it without the GIL.
template <class Write>
Table RunWrite(const Table& table, nb::handle data, const nb::kwargs& arguments,
               const Write& write) {
  const EngineCall call;
  const WriteOptions options = MakeWriteOptions(arguments, call.token());
  std::shared_ptr<arrow::RecordBatchReader> rows =
      ImportData(data, ToArrowSchema(*table.metadata().schema()));
  Table written = call.Run([&] {
    Table result = write(*rows, options);
    rows.reset();
    return result;
  });
  return written;
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
      .def_prop_ro("format_version", [](const Table&) { return kFormatVersion; })
      .def_prop_ro("last_updated_ms",
                   [](const Table& self) { return self.metadata().last_updated_ms; })
      .def_prop_ro("last_sequence_number",
                   [](const Table& self) { return self.metadata().last_sequence_number; })
      .def_prop_ro("current_schema_id",
                   [](const Table& self) { return self.metadata().current_schema_id; })
      .def_prop_ro("default_spec_id",
                   [](const Table& self) { return self.metadata().default_spec_id; })
      .def_prop_ro("schemas_json",
                   [](const Table& self) {
                     std::vector<std::string> all;
                     for (const SchemaPtr& schema : self.metadata().schemas) {
                       all.push_back(SchemaToJson(*schema));
                     }
                     return all;
                   })
      .def_prop_ro("specs_json",
                   [](const Table& self) {
                     std::vector<std::string> all;
                     for (const PartitionSpecPtr& spec : self.metadata().partition_specs) {
                       all.push_back(PartitionSpecToJson(*spec));
                     }
                     return all;
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
  type.def(
          "refresh",
          [](const Table& self) {
            const EngineCall call;
            return call.Run([&] { return self.Refresh(); });
          },
          "The table as it is now.")
      .def(
          "append",
          [](const Table& self, nb::handle data, const nb::kwargs& options) {
            return RunWrite(self, data, options, [&](auto& rows, const WriteOptions& o) {
              return AppendRows(self, rows, o);
            });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def append(self, data: object, **options: object) -> Table"))
      .def(
          "overwrite",
          [](const Table& self, nb::handle data, const ExpressionPtr& filter,
             const nb::kwargs& options) {
            return RunWrite(self, data, options, [&](auto& rows, const WriteOptions& o) {
              return OverwriteRows(self, filter, rows, o);
            });
          },
          nb::arg("data"), nb::arg("filter"), nb::arg("options"),
          nb::sig("def overwrite(self, data: object, filter: Expression, **options: object) "
                  "-> Table"))
      .def(
          "overwrite_partitions",
          [](const Table& self, nb::handle data, const nb::kwargs& options) {
            return RunWrite(self, data, options, [&](auto& rows, const WriteOptions& o) {
              return OverwritePartitions(self, rows, o);
            });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def overwrite_partitions(self, data: object, **options: object) -> Table"))
      .def("inspect", &Inspect, nb::arg("what"), nb::arg("snapshot_id") = nb::none(),
           "A metadata table: snapshots, files or partitions.");
}

}  // namespace floe::bindings
