#include "dml/delete_plan.h"

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
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/commit/row_delta.h"
#include "floe/commit/transaction.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
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

bool HasVectors(const Table& table) { return table.metadata().format_version > 2; }
bool HasRowLineage(const Table& table) { return table.metadata().format_version > 2; }

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

PositionBitmap Both(const PositionBitmap& a, const PositionBitmap& b) {
  std::vector<int64_t> positions = a.ToPositions();
  const std::vector<int64_t> more = b.ToPositions();
  positions.insert(positions.end(), more.begin(), more.end());
  return PositionBitmap(std::move(positions));
}

}  // namespace

DeletePlan::DeletePlan(Transaction* transaction, ExpressionPtr filter,
                       const WriteOptions& options)
    : table_(transaction->Staged()),
      known_sequence_number_(transaction->base().metadata().last_sequence_number),
      filter_(std::move(filter)),
      options_(options),
      scan_(ScanFor(table_, filter_, options_)) {
  const std::vector<ScanTask> tasks = scan_.Plan();
  RowFinder finder(scan_);
  std::vector<FoundRows> found(tasks.size());
  ParallelFor(
      tasks.size(),
      [&](size_t i) {
        if (!tasks[i].all_rows_match()) {
          found[i] = finder.Find(tasks[i]);
        }
      },
      ParallelRequests(*table_.io(), table_.data_location(), scan_.options().parallel));
  for (size_t i = 0; i < tasks.size(); ++i) {
    follows_files_ = follows_files_ && tasks[i].all_rows_match();
    const bool has_match = !found[i].matching.empty();
    if (tasks[i].all_rows_match() ||
        (has_match && NoneIsLeft(found[i], tasks[i].record_count()))) {
      whole_.emplace_back(tasks[i].file_path());
    } else if (has_match) {
      cut_.push_back({tasks[i], std::move(found[i])});
    }
  }
}

void DeletePlan::WriteDeletes(RowDelta* change, std::vector<std::string>* written) const {
  std::vector<DeletedRows> deletes;
  for (const CutFile& file : cut_) {
    deletes.push_back({.data_file = std::string(file.task.file_path()),
                       .spec_id = file.task.spec_id(),
                       .partition = file.task.partition(),
                       .positions = HasVectors(table_)
                                        ? Both(file.rows.matching, file.rows.deleted)
                                        : file.rows.matching});
  }
  for (WrittenDeletes& file :
       HasVectors(table_)
           ? WriteDeletionVectors(table_, deletes)
           : WritePositionDeletes(table_, std::move(deletes), {.stop = options_.stop})) {
    written->push_back(file.file.file_path);
    change->AddDeletes(std::move(file.file), file.data_files);
  }
}

/// The rows of the files that stay. Those that are new in the transaction get their row ids and
/// numbers by the commit, and may get others by each of its tries.
void DeletePlan::WriteRest(RowDelta* change, std::vector<std::string>* written) {
  RestReader reader(scan_);
  RowWriter writer(table_, reader.schema(),
                   {.memory_bytes = options_.memory_bytes,
                    .keeps_row_lineage = HasRowLineage(table_),
                    .parallel = {.stop = options_.stop}});
  for (CutFile& file : cut_) {
    const std::string path(file.task.file_path());
    const bool inherits = file.task.sequence_number() <= known_sequence_number_;
    change->RewriteFile(path);
    if (HasRowLineage(table_) && inherits) {
      change->ExpectRowIds(path, file.task.first_row_id());
    }
    reader.Read(file.task, std::move(file.rows.matching), inherits,
                [&](const arrow::RecordBatch& rows) { writer.Write(rows); });
  }
  for (DataFile& file : writer.Finish()) {
    written->push_back(file.file_path);
    change->AddFile(std::move(file));
  }
}

std::shared_ptr<RowDelta> DeletePlan::Write(const Table& seen,
                                            std::vector<std::string>* written) {
  auto change = std::make_shared<RowDelta>(
      seen, Bind(*filter_, *table_.metadata().schema(), options_.case_sensitive),
      RowDelta::Options{.isolation = options_.isolation,
                        .case_sensitive = options_.case_sensitive,
                        .summary = options_.snapshot_properties,
                        .branch = options_.branch,
                        .stop = options_.stop});
  for (const std::string& path : whole_) {
    change->RemoveFile(path);
  }
  if (cut_.empty()) {
    return change;
  }
  if (MergesOnRead(table_)) {
    WriteDeletes(change.get(), written);
  } else {
    WriteRest(change.get(), written);
  }
  return change;
}

}  // namespace floe::inline v0
