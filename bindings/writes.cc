#include "writes.h"

#include <arrow/record_batch.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>

#include <memory>
#include <string>
#include <utility>

#include "arrow_interop.h"
#include "bindings.h"
#include "engine_call.h"
#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/commit/transaction.h"
#include "floe/dml/delete_rows.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"
#include "floe/table/table.h"
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
      {"branch",
       [](const Option& o, Options* w) {
         w->branch = o.is_none() ? WriteBranch() : WriteBranch(o.Text());
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

/// Imports the data for a table of `schema`, then writes it without the GIL.
template <class Write>
auto RunWrite(const Schema& schema, nb::handle data, const nb::kwargs& arguments,
              const Write& write) {
  const EngineCall call;
  const WriteOptions options = MakeWriteOptions(arguments, call.token());
  std::shared_ptr<arrow::RecordBatchReader> rows = ImportData(data, ToArrowSchema(schema));
  return call.Run([&] {
    const auto at_end = std::shared_ptr<void>(nullptr, [&](void*) { rows.reset(); });
    return write(*rows, options);
  });
}

/// Deletes without the GIL.
template <class Delete>
auto RunDelete(const nb::kwargs& arguments, const Delete& delete_rows) {
  for (const char* name : {"evolve_schema", "required_filter"}) {
    if (arguments.contains(name)) {
      throw InvalidArgumentError(std::string(name) +
                                 " is an option of rows that are written, not of delete()");
    }
  }
  const EngineCall call;
  const WriteOptions options = MakeWriteOptions(arguments, call.token());
  return call.Run([&] { return delete_rows(options); });
}

}  // namespace

void RegisterWrites(nb::class_<Table>* type) {
  type->def(
          "append",
          [](const Table& self, nb::handle data, const nb::kwargs& options) {
            return RunWrite(
                *self.metadata().schema(), data, options,
                [&](auto& rows, const WriteOptions& o) { return AppendRows(self, rows, o); });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def append(self, data: object, **options: object) -> Table"))
      .def(
          "overwrite",
          [](const Table& self, nb::handle data, const ExpressionPtr& filter,
             const nb::kwargs& options) {
            return RunWrite(*self.metadata().schema(), data, options,
                            [&](auto& rows, const WriteOptions& o) {
                              return OverwriteRows(self, filter, rows, o);
                            });
          },
          nb::arg("data"), nb::arg("filter"), nb::arg("options"),
          nb::sig("def overwrite(self, data: object, filter: Expression, **options: object) "
                  "-> Table"))
      .def(
          "overwrite_partitions",
          [](const Table& self, nb::handle data, const nb::kwargs& options) {
            return RunWrite(*self.metadata().schema(), data, options,
                            [&](auto& rows, const WriteOptions& o) {
                              return OverwritePartitions(self, rows, o);
                            });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def overwrite_partitions(self, data: object, **options: object) -> Table"))
      .def(
          "delete",
          [](const Table& self, const ExpressionPtr& filter, const nb::kwargs& options) {
            return RunDelete(
                options, [&](const WriteOptions& o) { return DeleteRows(self, filter, o); });
          },
          nb::arg("filter"), nb::arg("options"),
          nb::sig("def delete(self, filter: Expression, **options: object) -> Table"));
}

void RegisterTransactions(nb::module_& module) {
  nb::class_<Transaction>(module, "Transaction", "Changes that become visible together.")
      .def(nb::init<Table>(), nb::arg("table"))
      .def_prop_ro(
          "staged",
          [](Transaction& self) {
            const EngineCall call;
            return call.Run([&] { return self.Staged(); });
          },
          "The table with the changes so far.")
      .def(
          "load_all_snapshots",
          [](Transaction& self) {
            const EngineCall call;
            call.Run([&] { self.LoadAllSnapshots(); });
          },
          "For changes that are planned on the table's past.")
      .def(
          "add",
          [](Transaction& self, const std::shared_ptr<Change>& change) {
            const EngineCall call;
            call.Run([&] {
              self.Add(change);
              self.Staged();
            });
          },
          nb::arg("change"), "Adds a change, which must be possible on what is staged.")
      .def(
          "append",
          [](Transaction& self, nb::handle data, const nb::kwargs& options) {
            const SchemaPtr schema = self.Staged().metadata().schema();
            RunWrite(*schema, data, options, [&](auto& rows, const WriteOptions& o) {
              AppendRows(&self, rows, o);
              self.Staged();
            });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def append(self, data: object, **options: object) -> None"))
      .def(
          "overwrite",
          [](Transaction& self, nb::handle data, const ExpressionPtr& filter,
             const nb::kwargs& options) {
            const SchemaPtr schema = self.Staged().metadata().schema();
            RunWrite(*schema, data, options, [&](auto& rows, const WriteOptions& o) {
              OverwriteRows(&self, filter, rows, o);
              self.Staged();
            });
          },
          nb::arg("data"), nb::arg("filter"), nb::arg("options"),
          nb::sig("def overwrite(self, data: object, filter: Expression, **options: object) "
                  "-> None"))
      .def(
          "overwrite_partitions",
          [](Transaction& self, nb::handle data, const nb::kwargs& options) {
            const SchemaPtr schema = self.Staged().metadata().schema();
            RunWrite(*schema, data, options, [&](auto& rows, const WriteOptions& o) {
              OverwritePartitions(&self, rows, o);
              self.Staged();
            });
          },
          nb::arg("data"), nb::arg("options"),
          nb::sig("def overwrite_partitions(self, data: object, **options: object) -> None"))
      .def(
          "delete",
          [](Transaction& self, const ExpressionPtr& filter, const nb::kwargs& options) {
            RunDelete(options, [&](const WriteOptions& o) {
              DeleteRows(&self, filter, o);
              self.Staged();
            });
          },
          nb::arg("filter"), nb::arg("options"),
          nb::sig("def delete(self, filter: Expression, **options: object) -> None"))
      .def(
          "commit",
          [](Transaction& self) {
            const EngineCall call;
            return call.Run([&] { return self.Commit(); });
          },
          "The table with the changes in it.");
}

}  // namespace floe::bindings
