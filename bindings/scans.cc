#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arrow_interop.h"
#include "bindings.h"
#include "engine_call.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/scan/delete_file.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "floe/schema/schema.h"
#include "literals.h"
#include "metadata/snapshot_json.h"
#include "options.h"

namespace floe::bindings {

namespace {

ScanOptions MakeScanOptions(const nb::kwargs& arguments, const StopToken& stop) {
  using Options = ScanOptions;
  static const OptionSetters<Options> kSetters = {
      {"row_filter", [](const Option& o, Options* s) { s->row_filter = o.Filter(); }},
      {"selected_fields", [](const Option& o, Options* s) { s->selected_fields = o.Texts(); }},
      {"case_sensitive", [](const Option& o, Options* s) { s->case_sensitive = o.Boolean(); }},
      {"snapshot_id",
       [](const Option& o, Options* s) { s->snapshot_id = o.OptionalInteger(); }},
      {"timestamp_ms",
       [](const Option& o, Options* s) { s->timestamp_ms = o.OptionalInteger(); }},
      {"ref", [](const Option& o, Options* s) { s->ref = o.OptionalText(); }},
      {"limit", [](const Option& o, Options* s) { s->limit = o.OptionalInteger(); }},
      {"batch_rows", [](const Option& o, Options* s) { s->batch_rows = o.Integer(); }},
      {"memory_bytes", [](const Option& o, Options* s) { s->memory_bytes = o.Integer(); }},
      {"prune_files", [](const Option& o, Options* s) { s->prune_files = o.Boolean(); }},
      {"prune_row_groups",
       [](const Option& o, Options* s) { s->prune_row_groups = o.Boolean(); }},
      {"threads",
       [](const Option& o, Options* s) { s->parallel.max_parallelism = o.SmallInteger(); }},
  };
  ScanOptions options;
  ApplyOptions("scan", arguments, kSetters, &options);
  options.parallel.stop = stop;
  return options;
}

template <class T>
nb::dict MetricDict(const DataFile& file, std::optional<T> ColumnMetrics::* member) {
  nb::dict out;
  for (const auto& [id, metrics] : file.metrics) {
    const std::optional<T>& value = metrics.*member;
    if (!value) {
      continue;
    }
    if constexpr (std::is_same_v<T, std::string>) {
      out[nb::int_(id)] = nb::bytes(value->data(), value->size());
    } else {
      out[nb::int_(id)] = nb::int_(*value);
    }
  }
  return out;
}

nb::tuple PartitionTuple(const ScanTask& task) {
  nb::list values;
  for (const std::optional<Literal>& value : task.partition()) {
    values.append(LiteralToPython(value));
  }
  return nb::tuple(values);
}

void RegisterDeleteFile(nb::module_& module) {
  nb::class_<DeleteFile>(module, "DeleteFile",
                         "A file that deletes rows of data files, or a deletion vector.")
      .def_prop_ro(
          "content", [](const DeleteFile& self) { return static_cast<int>(self.content); },
          "1: by position; 2: by the values of columns.")
      .def_ro("file_path", &DeleteFile::file_path)
      .def_prop_ro("file_format",
                   [](const DeleteFile& self) { return FileFormatName(self.file_format); })
      .def_ro("spec_id", &DeleteFile::spec_id)
      .def_ro("record_count", &DeleteFile::record_count)
      .def_ro("file_size_in_bytes", &DeleteFile::file_size_in_bytes)
      .def_ro("sequence_number", &DeleteFile::sequence_number)
      .def_ro("equality_ids", &DeleteFile::equality_ids)
      .def_ro("referenced_data_file", &DeleteFile::referenced_data_file)
      .def_ro("content_offset", &DeleteFile::content_offset)
      .def_ro("content_size_in_bytes", &DeleteFile::content_size_in_bytes);
}

void RegisterTask(nb::module_& module) {
  nb::class_<ScanTask>(module, "FileScanTask",
                       "A data file that a scan reads. Metrics are decoded when asked for.")
      .def_prop_ro(
          "file", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def file(self) -> FileScanTask"), "The data file: this object.")
      .def_prop_ro("file_path", &ScanTask::file_path)
      .def_prop_ro("file_format",
                   [](const ScanTask& self) { return FileFormatName(self.file_format()); })
      .def_prop_ro("record_count", &ScanTask::record_count)
      .def_prop_ro("file_size_in_bytes", &ScanTask::file_size_in_bytes)
      .def_prop_ro("spec_id", &ScanTask::spec_id)
      .def_prop_ro("sequence_number", &ScanTask::sequence_number)
      .def_prop_ro("partition", &PartitionTuple,
                   nb::sig("def partition(self) -> tuple[object, ...]"),
                   "Partition values by field of the spec; dates and times as integers.")
      .def_prop_ro(
          "delete_files",
          [](const ScanTask& self) {
            std::vector<DeleteFile> files;
            for (const DeleteFilePtr& file : self.delete_files()) {
              files.push_back(*file);
            }
            return files;
          },
          "The delete files that may delete some of its rows.")
      .def_prop_ro("all_rows_match", &ScanTask::all_rows_match,
                   "True if every row is known to match the scan's filter.")
      .def_prop_ro(
          "column_sizes",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::size_bytes);
          },
          nb::sig("def column_sizes(self) -> dict[int, int]"))
      .def_prop_ro(
          "value_counts",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::value_count);
          },
          nb::sig("def value_counts(self) -> dict[int, int]"))
      .def_prop_ro(
          "null_value_counts",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::null_count);
          },
          nb::sig("def null_value_counts(self) -> dict[int, int]"))
      .def_prop_ro(
          "nan_value_counts",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::nan_count);
          },
          nb::sig("def nan_value_counts(self) -> dict[int, int]"))
      .def_prop_ro(
          "lower_bounds",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::lower_bound);
          },
          nb::sig("def lower_bounds(self) -> dict[int, bytes]"))
      .def_prop_ro(
          "upper_bounds",
          [](const ScanTask& self) {
            return MetricDict(self.data_file(), &ColumnMetrics::upper_bound);
          },
          nb::sig("def upper_bounds(self) -> dict[int, bytes]"))
      .def_prop_ro("split_offsets",
                   [](const ScanTask& self) { return self.data_file().split_offsets; })
      .def_prop_ro("sort_order_id",
                   [](const ScanTask& self) { return self.data_file().sort_order_id; });
}

/// A scan of a table; each call plans anew on the same snapshot.
class PyScan {
 public:
  // It may have to load the table's past.
  PyScan(Table table, const nb::kwargs& arguments) : scan_(Make(std::move(table), arguments)) {}

  std::vector<ScanTask> PlanFiles() const {
    const EngineCall call;
    const TableScan scan = With(call);
    return call.Run([&] { return scan.Plan(/*keep_details=*/true); });
  }

  PyStream ReadTable() const {
    EngineCall call;
    const TableScan scan = With(call);
    auto reader = call.Run([&]() -> std::shared_ptr<arrow::RecordBatchReader> {
      return std::make_shared<TableReader>(floe::ReadTable(scan));
    });
    return {std::move(reader), std::move(call)};
  }

  PyStream Stream() const {
    EngineCall call;
    auto reader = OpenReader(With(call));
    return {std::move(reader), std::move(call)};
  }

  int64_t Count() const {
    const EngineCall call;
    const TableScan scan = With(call);
    return call.Run([&] { return CountRows(scan); });
  }

  const TableScan& scan() const { return scan_; }

 private:
  /// Keeps the table alive that its batches come from.
  class TableReader final : public arrow::RecordBatchReader {
   public:
    explicit TableReader(std::shared_ptr<arrow::Table> table)
        : table_(std::move(table)), reader_(*table_) {}
    std::shared_ptr<arrow::Schema> schema() const override { return table_->schema(); }
    arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
      return reader_.ReadNext(batch);
    }

   private:
    std::shared_ptr<arrow::Table> table_;
    arrow::TableBatchReader reader_;
  };

  static TableScan Make(Table table, const nb::kwargs& arguments) {
    ScanOptions options = MakeScanOptions(arguments, StopToken());
    const EngineCall call;
    return call.Run([&] { return TableScan(std::move(table), std::move(options)); });
  }

  TableScan With(const EngineCall& call) const {
    ScanOptions options = scan_.options();
    options.parallel.stop = call.token();
    return TableScan(scan_.table(), std::move(options));
  }

  TableScan scan_;
};

}  // namespace

void RegisterScans(nb::module_& module) {
  RegisterDeleteFile(module);
  RegisterTask(module);
  nb::class_<PyScan>(module, "TableScan", "A planned read of one snapshot. Immutable.")
      .def(nb::init<Table, const nb::kwargs&>(), nb::arg("table"), nb::arg("options"),
           nb::sig("def __init__(self, table: Table, **options: object) -> None"),
           "Options are the members of ScanOptions; errors are raised here.")
      .def_prop_ro("snapshot_json",
                   [](const PyScan& self) -> std::optional<std::string> {
                     const auto& snapshot = self.scan().snapshot();
                     return snapshot == nullptr ? std::nullopt
                                                : std::optional(SnapshotToJson(*snapshot));
                   })
      .def_prop_ro("snapshot_id",
                   [](const PyScan& self) -> std::optional<int64_t> {
                     const auto& snapshot = self.scan().snapshot();
                     return snapshot == nullptr ? std::nullopt
                                                : std::optional(snapshot->snapshot_id);
                   })
      .def_prop_ro("projection_json",
                   [](const PyScan& self) { return SchemaToJson(*self.scan().projection()); })
      .def(
          "__arrow_c_schema__",
          [](const PyScan& self) { return ExportSchema(*ArrowSchemaOf(self.scan())); },
          nb::sig("def __arrow_c_schema__(self) -> object"))
      .def("plan_files", &PyScan::PlanFiles)
      .def("read_table", &PyScan::ReadTable, "Reads everything; the stream yields it.")
      .def("stream", &PyScan::Stream, "Reads while the stream is iterated.")
      .def("count", &PyScan::Count);
}

}  // namespace floe::bindings
