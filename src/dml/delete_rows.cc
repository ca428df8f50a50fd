#include "floe/dml/delete_rows.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dml/check_options.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/commit/row_delta.h"
#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"
#include "floe/scan/row_finder.h"
#include "floe/table/table.h"
#include "floe/write/delete_files.h"
#include "floe/write/row_writer.h"
#include "io/parallel_requests.h"

namespace floe::inline v0 {
namespace {

/// A data file some of whose rows go.
struct CutFile {
  ScanTask task;
  FoundRows rows;
};

/// What the filter takes out of a snapshot.
struct FoundFiles {
  std::vector<std::string> whole;
  std::vector<CutFile> cut;
};

bool MergesOnRead(const Table& table) {
  const TableMetadata& metadata = table.metadata();
  if (ToLower(TextProperty(metadata.properties, table_properties::kDeleteMode)) !=
      "merge-on-read") {
    return false;
  }
  if (metadata.format_version < 2) {
    throw UnsupportedError(
        fmt::format("table {} has format version 1, which has no row-level deletes: its "
                    "property write.delete.mode can't be merge-on-read; upgrade the table to "
                    "version 2, or set the property to copy-on-write",
                    table.identifier().ToString()),
        {.table = table.identifier().ToString()});
  }
  return true;
}

TableScan ScanFor(const Table& table, const ExpressionPtr& filter,
                  const WriteOptions& options) {
  // A branch that is not there yet is to begin at the head of main.
  const bool is_there = options.branch && table.metadata().refs.contains(*options.branch);
  return TableScan(table, {.row_filter = filter,
                           .case_sensitive = options.case_sensitive,
                           .ref = is_there ? options.branch : std::nullopt,
                           .memory_bytes = options.memory_bytes,
                           .parallel = {.stop = options.stop}});
}

/// Whether no row of a file is left. Deletes may be of rows that it never had.
bool NoneIsLeft(const FoundRows& rows, int64_t row_count) {
  int64_t gone = rows.matching.cardinality();
  rows.deleted.ForEachRun(0, row_count,
                          [&](int64_t /*first*/, int64_t count) { gone += count; });
  return gone == row_count;
}

FoundFiles FindFiles(const TableScan& scan) {
  const std::vector<ScanTask> tasks = scan.Plan();
  RowFinder finder(scan);
  std::vector<FoundRows> found(tasks.size());
  ParallelFor(
      tasks.size(),
      [&](size_t i) {
        if (!tasks[i].all_rows_match()) {
          found[i] = finder.Find(tasks[i]);
        }
      },
      ParallelRequests(*scan.table().io(), scan.table().data_location(),
                       scan.options().parallel));
  FoundFiles files;
  for (size_t i = 0; i < tasks.size(); ++i) {
    const bool has_match = !found[i].matching.empty();
    if (tasks[i].all_rows_match() ||
        (has_match && NoneIsLeft(found[i], tasks[i].record_count()))) {
      files.whole.emplace_back(tasks[i].file_path());
    } else if (has_match) {
      files.cut.push_back({tasks[i], std::move(found[i])});
    }
  }
  return files;
}

PositionBitmap Both(const PositionBitmap& a, const PositionBitmap& b) {
  std::vector<int64_t> positions = a.ToPositions();
  const std::vector<int64_t> more = b.ToPositions();
  positions.insert(positions.end(), more.begin(), more.end());
  return PositionBitmap(std::move(positions));
}

std::vector<WrittenDeletes> WriteDeletes(const Table& table, const std::vector<CutFile>& cut,
                                         const WriteOptions& options) {
  if (cut.empty()) {
    return {};
  }
  const bool are_vectors = table.metadata().format_version > 2;
  std::vector<DeletedRows> deletes;
  for (const CutFile& file : cut) {
    deletes.push_back({.data_file = std::string(file.task.file_path()),
                       .spec_id = file.task.spec_id(),
                       .partition = file.task.partition(),
                       .positions = are_vectors ? Both(file.rows.matching, file.rows.deleted)
                                                : file.rows.matching});
  }
  return are_vectors ? WriteDeletionVectors(table, deletes)
                     : WritePositionDeletes(table, std::move(deletes), {.stop = options.stop});
}

bool HasRowLineage(const Table& table) { return table.metadata().format_version > 2; }

/// The rows of the files that stay. Those that are new since sequence number `known` get their
/// row ids and numbers by the commit, and may get others by each of its tries.
std::vector<DataFile> WriteRest(const TableScan& scan, std::vector<CutFile> cut, int64_t known,
                                const WriteOptions& options) {
  if (cut.empty()) {
    return {};
  }
  RestReader reader(scan);
  RowWriter writer(scan.table(), reader.schema(),
                   {.memory_bytes = options.memory_bytes,
                    .keeps_row_lineage = HasRowLineage(scan.table()),
                    .parallel = {.stop = options.stop}});
  for (CutFile& file : cut) {
    reader.Read(file.task, std::move(file.rows.matching),
                /*inherits=*/file.task.sequence_number() <= known,
                [&](const arrow::RecordBatch& rows) { writer.Write(rows); });
  }
  return writer.Finish();
}

}  // namespace

void DeleteRows(Transaction* transaction, const ExpressionPtr& filter,
                const WriteOptions& options) {
  const Table table = transaction->Staged();
  CheckOptions(table, options);
  const bool merges_on_read = MergesOnRead(table);
  const TableScan scan = ScanFor(table, filter, options);
  FoundFiles found = FindFiles(scan);
  if (found.whole.empty() && found.cut.empty()) {
    return;
  }
  auto change =
      std::make_shared<RowDelta>(table, *filter,
                                 RowDelta::Options{.isolation = options.isolation,
                                                   .case_sensitive = options.case_sensitive,
                                                   .summary = options.snapshot_properties,
                                                   .branch = options.branch,
                                                   .stop = options.stop});
  for (std::string& path : found.whole) {
    change->RemoveFile(std::move(path));
  }
  std::vector<std::string> written;
  if (merges_on_read) {
    for (WrittenDeletes& deletes : WriteDeletes(table, found.cut, options)) {
      written.push_back(deletes.file.file_path);
      change->AddDeletes(std::move(deletes.file), deletes.data_files);
    }
  } else {
    const int64_t known = transaction->base().metadata().last_sequence_number;
    for (const CutFile& file : found.cut) {
      change->RewriteFile(std::string(file.task.file_path()));
      if (HasRowLineage(table) && file.task.sequence_number() <= known) {
        change->ExpectRowIds(std::string(file.task.file_path()), file.task.first_row_id());
      }
    }
    for (DataFile& file : WriteRest(scan, std::move(found.cut), known, options)) {
      written.push_back(file.file_path);
      change->AddFile(std::move(file));
    }
  }
  transaction->Add(std::move(change), std::move(written));
}

Table DeleteRows(const Table& table, const ExpressionPtr& filter, const WriteOptions& options) {
  Transaction transaction(table, {.retry = options.retry, .stop = options.stop});
  DeleteRows(&transaction, filter, options);
  return transaction.Commit();
}

}  // namespace floe::inline v0
