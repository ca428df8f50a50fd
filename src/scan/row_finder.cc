#include "floe/scan/row_finder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/expr/expression.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "parquet/data_file_reader.h"
#include "scan/task_opener.h"

namespace floe::inline v0 {
namespace {

/// The scan's rows in other columns.
TableScan WithColumns(const TableScan& scan, ExpressionPtr filter,
                      std::vector<std::string> columns) {
  ScanOptions options = scan.options();
  options.row_filter = std::move(filter);
  options.selected_fields = std::move(columns);
  return TableScan(scan.table(), std::move(options));
}

TableScan OfPositions(const TableScan& scan) {
  return WithColumns(scan, scan.options().row_filter, {"_pos"});
}

TableScan OfAllColumns(const TableScan& scan) {
  std::vector<std::string> columns = {"*"};
  if (scan.table().metadata().format_version > 2) {
    columns.insert(columns.end(), {"_row_id", "_last_updated_sequence_number"});
  }
  return WithColumns(scan, nullptr, std::move(columns));
}

void ReadUnits(const TableScan& scan, const DataFileReader& file,
               const std::function<void(const arrow::RecordBatch&)>& take) {
  const ParallelOptions& parallel = scan.options().parallel;
  for (const int unit : file.units()) {
    parallel.stop.ThrowIfStopped();
    file.ReadUnit(unit, parallel, [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
      take(*rows);
      return true;
    });
  }
}

}  // namespace

RowFinder::RowFinder(const TableScan& scan)
    : scan_(OfPositions(scan)), opener_(std::make_unique<TaskOpener>(scan_)) {}

RowFinder::~RowFinder() = default;

FoundRows RowFinder::Find(const ScanTask& task) {
  std::vector<int64_t> matching;
  ReadUnits(scan_, *opener_->Open(task), [&](const arrow::RecordBatch& rows) {
    const auto& positions = static_cast<const arrow::Int64Array&>(*rows.column(0));
    matching.insert(matching.end(), positions.raw_values(),
                    positions.raw_values() + positions.length());
  });
  return {.matching = PositionBitmap(std::move(matching)),
          .deleted = opener_->DeletedPositions(task)};
}

RestReader::RestReader(const TableScan& scan)
    : scan_(OfAllColumns(scan)), opener_(std::make_unique<TaskOpener>(scan_)) {}

RestReader::~RestReader() = default;

std::shared_ptr<arrow::Schema> RestReader::schema() const { return ArrowSchemaOf(scan_); }

void RestReader::Read(const ScanTask& task, PositionBitmap without,
                      const std::function<void(const arrow::RecordBatch&)>& take) {
  ReadUnits(scan_, *opener_->OpenAll(task, std::move(without)), take);
}

}  // namespace floe::inline v0
