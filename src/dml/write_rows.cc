#include "floe/dml/write_rows.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/append_files.h"
#include "floe/commit/change.h"
#include "floe/commit/overwrite_files.h"
#include "floe/commit/transaction.h"
#include "floe/commit/union_schema.h"
#include "floe/expr/expression.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/table.h"
#include "floe/write/row_writer.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

CommitOptions CommitOptionsOf(const WriteOptions& options) {
  return {.retry = options.retry, .stop = options.stop};
}

void CheckAtLeast(std::string_view name, int64_t value, int64_t least) {
  if (value < least) {
    throw InvalidArgumentError(
        fmt::format("write option {} is {}; expected at least {}", name, value, least));
  }
}

/// Checks the options; returns the table, its schema widened for `input` if that is wanted.
Table Prepare(const Table& table, const arrow::Schema& input, const WriteOptions& options) {
  CheckSummaryProperties(options.snapshot_properties);
  CheckAtLeast("memory_bytes", options.memory_bytes, 1);
  CheckAtLeast("max_retries", options.retry.max_retries, 0);
  CheckAtLeast("min_wait_ms", options.retry.min_wait_ms, 0);
  CheckAtLeast("max_wait_ms", options.retry.max_wait_ms, 0);
  if (!options.evolve_schema) {
    return table;
  }
  arrow::FieldVector typed;  // a column of nothing but nulls says nothing about its type
  for (const auto& field : input.fields()) {
    if (field->type()->id() != arrow::Type::NA) {
      typed.push_back(field);
    }
  }
  Transaction transaction(table, CommitOptionsOf(options));
  transaction.Add(std::make_shared<UnionSchema>(FromArrowSchema(*arrow::schema(typed)).root()));
  return transaction.Commit();
}

/// Data files that were written and are not yet in the table: removed with this, unless kept.
class NewFiles {
 public:
  NewFiles(const Table& table, std::vector<DataFile> files)
      : io_(table.io()), files_(std::move(files)) {}
  ~NewFiles() {
    for (const DataFile& file : keep_ ? std::vector<DataFile>{} : files_) {
      try {
        io_->Delete(file.file_path);
      } catch (...) {
        continue;  // an orphan, which changes nothing in the table
      }
    }
  }
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;

  const std::vector<DataFile>& files() const { return files_; }
  void Keep() { keep_ = true; }

 private:
  std::shared_ptr<FileIO> io_;
  std::vector<DataFile> files_;
  bool keep_ = false;
};

std::vector<DataFile> WriteAll(const Table& table, arrow::RecordBatchReader& rows,
                               const WriteOptions& options) {
  RowWriter writer(table, rows.schema(),
                   {.memory_bytes = options.memory_bytes,
                    .required_filter = options.required_filter,
                    .case_sensitive = options.case_sensitive,
                    .parallel = {.stop = options.stop}});
  const ArrowContext context = ArrowContext::Input("reading the data to write");
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    ThrowIfNotOk(rows.ReadNext(&batch), context);
    if (batch == nullptr) {
      return writer.Finish();
    }
    writer.Write(*batch);
  }
}

/// Commits a change made of new files, which go away if it is known not to have happened.
Table CommitFiles(
    const Table& table, std::vector<DataFile> written, const WriteOptions& options,
    const std::function<std::shared_ptr<Change>(const std::vector<DataFile>&)>& make_change) {
  NewFiles files(table, std::move(written));
  Transaction transaction(table, CommitOptionsOf(options));
  transaction.Add(make_change(files.files()));
  try {
    Table committed = transaction.Commit();
    files.Keep();
    return committed;
  } catch (const CommitStateUnknownError&) {
    files.Keep();
    throw;
  }
}

OverwriteFiles::Options OverwriteOptionsOf(const WriteOptions& options) {
  return {.isolation = options.isolation,
          .case_sensitive = options.case_sensitive,
          .summary = options.snapshot_properties,
          .stop = options.stop};
}

}  // namespace

Table AppendRows(const Table& table, arrow::RecordBatchReader& rows,
                 const WriteOptions& options) {
  const Table evolved = Prepare(table, *rows.schema(), options);
  return CommitFiles(evolved, WriteAll(evolved, rows, options), options,
                     [&](const std::vector<DataFile>& files) {
                       auto change =
                           std::make_shared<AppendFiles>(evolved, options.snapshot_properties);
                       for (const DataFile& file : files) {
                         change->Add(file);
                       }
                       return change;
                     });
}

Table OverwriteRows(const Table& table, const ExpressionPtr& filter,
                    arrow::RecordBatchReader& rows, const WriteOptions& options) {
  const Table evolved = Prepare(table, *rows.schema(), options);
  return CommitFiles(evolved, WriteAll(evolved, rows, options), options,
                     [&](const std::vector<DataFile>& files) {
                       // From the caller's table: its snapshot is what the caller saw.
                       auto change =
                           std::make_shared<OverwriteFiles>(table, OverwriteOptionsOf(options));
                       change->ReplaceWhere(filter);
                       for (const DataFile& file : files) {
                         change->Add(file);
                       }
                       return change;
                     });
}

Table OverwritePartitions(const Table& table, arrow::RecordBatchReader& rows,
                          const WriteOptions& options) {
  if (table.metadata().spec()->is_unpartitioned()) {
    throw UnsupportedError(
        fmt::format("table {} has no partitions to overwrite; overwrite the whole table, or by "
                    "a filter",
                    table.identifier().ToString()),
        {.table = table.identifier().ToString()});
  }
  const Table evolved = Prepare(table, *rows.schema(), options);
  return CommitFiles(evolved, WriteAll(evolved, rows, options), options,
                     [&](const std::vector<DataFile>& files) {
                       auto change =
                           std::make_shared<OverwriteFiles>(table, OverwriteOptionsOf(options));
                       for (const DataFile& file : files) {
                         change->ReplacePartition(file.partition);
                         change->Add(file);
                       }
                       return change;
                     });
}

}  // namespace floe::inline v0
