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
#include "options.h"
#include "parquet/arrow_schema.h"

namespace floe::bindings {
namespace {

Isolation IsolationOf(const Option& option) {
  const std::string text = option.Text();
  if (text != "serializable" && text != "snapshot") {
    throw InvalidArgumentError("write option isolation is '" + text +
                               "'; expected serializable or snapshot");
  }
  return text == "snapshot" ? Isolation::kSnapshot : Isolation::kSerializable;
}

WriteOptions MakeWriteOptions(const nb::kwargs& arguments, const StopToken& stop) {
  using Options = WriteOptions;
  static const OptionSetters<Options> kSetters = {
      {"evolve_schema", [](const Option& o, Options* w) { w->evolve_schema = o.Boolean(); }},
      {"snapshot_properties",
       [](const Option& o, Options* w) { w->snapshot_properties = o.TextPairs(); }},
      {"required_filter",
       [](const Option& o, Options* w) {
         w->required_filter = o.is_none() ? nullptr : o.Filter();
       }},
      {"isolation", [](const Option& o, Options* w) { w->isolation = IsolationOf(o); }},
      {"case_sensitive", [](const Option& o, Options* w) { w->case_sensitive = o.Boolean(); }},
      {"memory_bytes", [](const Option& o, Options* w) { w->memory_bytes = o.Integer(); }},
      {"max_retries",
       [](const Option& o, Options* w) { w->retry.max_retries = o.SmallInteger(); }},
      {"min_wait_ms", [](const Option& o, Options* w) { w->retry.min_wait_ms = o.Integer(); }},
      {"max_wait_ms", [](const Option& o, Options* w) { w->retry.max_wait_ms = o.Integer(); }},
  };
  WriteOptions options;
  ApplyOptions("write", arguments, kSetters, &options);
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
