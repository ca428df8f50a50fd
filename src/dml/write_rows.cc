#include "floe/dml/write_rows.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dml/check_options.h"
#include "dml/delete_plan.h"
#include "floe/base/error.h"
#include "floe/commit/append_files.h"
#include "floe/commit/change.h"
#include "floe/commit/overwrite_files.h"
#include "floe/commit/transaction.h"
#include "floe/commit/union_schema.h"
#include "floe/expr/expression.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/table/table.h"
#include "floe/write/row_writer.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

CommitOptions CommitOptionsOf(const WriteOptions& options) {
  return {.retry = options.retry, .stop = options.stop};
}

/// Widens the table's schema for `input`, if the options ask for it.
void Evolve(Transaction* transaction, const arrow::Schema& input, const WriteOptions& options) {
  if (!options.evolve_schema) {
    return;
  }
  arrow::FieldVector typed;  // a column of nothing but nulls says nothing about its type
  for (const auto& field : input.fields()) {
    if (field->type()->id() != arrow::Type::NA) {
      typed.push_back(field);
    }
  }
  const int version = transaction->Staged().metadata().format_version;
  transaction->Add(
      std::make_shared<UnionSchema>(FromArrowSchema(*arrow::schema(typed), version).root()));
}

/// The table, its schema widened for `input` if that is wanted.
Table Evolved(const Table& table, const arrow::Schema& input, const WriteOptions& options) {
  Transaction transaction(table, CommitOptionsOf(options));
  Evolve(&transaction, input, options);
  // A schema that is wide enough needs no commit: that of the rows looks to it that it stays
  // so.
  const bool is_wide_enough =
      transaction.Staged().metadata().current_schema_id == table.metadata().current_schema_id;
  return is_wide_enough ? table : transaction.Commit();
}

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

OverwriteFiles::Options OverwriteOptionsOf(const WriteOptions& options) {
  return {.isolation = options.isolation,
          .case_sensitive = options.case_sensitive,
          .summary = options.snapshot_properties,
          .branch = options.branch,
          .stop = options.stop};
}

/// How data files with the rows become a change. Paths of what it writes itself go to
/// `written`.
using MakeChange = std::function<std::shared_ptr<Change>(std::vector<DataFile> files,
                                                         std::vector<std::string>* written)>;
/// Looks at the table as the transaction has it, before anything is written; the caller has
/// seen it as `seen`.
using PlanChange = std::function<MakeChange(Transaction* transaction, const Table& seen)>;

/// Writes the rows for the table as the transaction has it, and adds the change to it.
void Write(Transaction* transaction, const Table& seen, arrow::RecordBatchReader& rows,
           const WriteOptions& options, const PlanChange& plan) {
  const Table table = transaction->Staged();
  const MakeChange make_change = plan(transaction, seen);
  std::vector<DataFile> files = WriteAll(table, rows, options);
  std::vector<std::string> paths;
  for (const DataFile& file : files) {
    paths.push_back(file.file_path);
  }
  try {
    auto change = make_change(std::move(files), &paths);
    transaction->Add(std::move(change), paths);
  } catch (...) {
    DeleteLeftovers(*table.io(), paths);
    throw;
  }
}

/// Writes and commits. A schema that is to be widened is committed before.
Table WriteAndCommit(const Table& table, arrow::RecordBatchReader& rows,
                     const WriteOptions& options, const PlanChange& plan) {
  CheckOptions(table, options);
  Transaction transaction(Evolved(table, *rows.schema(), options), CommitOptionsOf(options));
  // What the caller saw is what an overwrite replaces.
  Write(&transaction, table, rows, options, plan);
  return transaction.Commit();
}

void WriteInto(Transaction* transaction, arrow::RecordBatchReader& rows,
               const WriteOptions& options, const PlanChange& plan) {
  CheckOptions(transaction->Staged(), options);
  Evolve(transaction, *rows.schema(), options);
  const Table seen = transaction->Staged();
  Write(transaction, seen, rows, options, plan);
}

PlanChange Append(const WriteOptions& options) {
  return [&](Transaction* transaction, const Table& /*seen*/) -> MakeChange {
    return [&options, table = transaction->Staged()](std::vector<DataFile> files,
                                                     std::vector<std::string>* /*written*/) {
      auto change =
          std::make_shared<AppendFiles>(table, options.snapshot_properties, options.branch);
      for (DataFile& file : files) {
        change->Add(std::move(file));
      }
      return change;
    };
  };
}

/// Files are replaced as they are, by whatever is in the table when it is committed, where
/// partitions and bounds tell that all of their rows match. Where they don't, rows are.
PlanChange Overwrite(const ExpressionPtr& filter, const WriteOptions& options) {
  return [&](Transaction* transaction, const Table& seen) -> MakeChange {
    if (filter->operation() != Operation::kTrue) {
      auto plan = std::make_shared<DeletePlan>(transaction, filter, options);
      if (!plan->follows_files()) {
        return [plan, seen](std::vector<DataFile> files, std::vector<std::string>* written) {
          auto change = plan->Write(seen, written);
          for (DataFile& file : files) {
            change->AddFile(std::move(file));
          }
          return change;
        };
      }
    }
    return [&, seen](std::vector<DataFile> files, std::vector<std::string>* /*written*/) {
      auto change = std::make_shared<OverwriteFiles>(seen, OverwriteOptionsOf(options));
      change->ReplaceWhere(filter);
      for (DataFile& file : files) {
        change->Add(std::move(file));
      }
      return change;
    };
  };
}

PlanChange OverwritePartitionsOf(const WriteOptions& options) {
  return [&](Transaction* /*transaction*/, const Table& seen) -> MakeChange {
    return [&, seen](std::vector<DataFile> files, std::vector<std::string>* /*written*/) {
      auto change = std::make_shared<OverwriteFiles>(seen, OverwriteOptionsOf(options));
      for (DataFile& file : files) {
        change->ReplacePartition(file.partition);
        change->Add(std::move(file));
      }
      return change;
    };
  };
}

void CheckPartitioned(const Table& table) {
  if (table.metadata().spec()->is_unpartitioned()) {
    throw UnsupportedError(
        fmt::format("table {} has no partitions to overwrite; overwrite the whole table, or by "
                    "a filter",
                    table.identifier().ToString()),
        {.table = table.identifier().ToString()});
  }
}

}  // namespace

Table AppendRows(const Table& table, arrow::RecordBatchReader& rows,
                 const WriteOptions& options) {
  return WriteAndCommit(table, rows, options, Append(options));
}

void AppendRows(Transaction* transaction, arrow::RecordBatchReader& rows,
                const WriteOptions& options) {
  WriteInto(transaction, rows, options, Append(options));
}

Table OverwriteRows(const Table& table, const ExpressionPtr& filter,
                    arrow::RecordBatchReader& rows, const WriteOptions& options) {
  return WriteAndCommit(table, rows, options, Overwrite(filter, options));
}

void OverwriteRows(Transaction* transaction, const ExpressionPtr& filter,
                   arrow::RecordBatchReader& rows, const WriteOptions& options) {
  WriteInto(transaction, rows, options, Overwrite(filter, options));
}

Table OverwritePartitions(const Table& table, arrow::RecordBatchReader& rows,
                          const WriteOptions& options) {
  CheckPartitioned(table);
  return WriteAndCommit(table, rows, options, OverwritePartitionsOf(options));
}

void OverwritePartitions(Transaction* transaction, arrow::RecordBatchReader& rows,
                         const WriteOptions& options) {
  CheckPartitioned(transaction->Staged());
  WriteInto(transaction, rows, options, OverwritePartitionsOf(options));
}

}  // namespace floe::inline v0
