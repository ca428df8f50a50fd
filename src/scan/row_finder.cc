#include "floe/scan/row_finder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "parquet/data_file_reader.h"
#include "scan/metadata_columns.h"
#include "scan/task_opener.h"

namespace floe::inline v0 {
namespace {

/// By id: a column of the table may have the name of a metadata column.
TableScan OfPositions(const TableScan& scan) {
  return scan.WithProjection(std::make_shared<const Schema>(
      std::vector<Field>{*FindMetadataColumn(scan.table().metadata(), "_pos")}));
}

TableScan OfAllColumns(const TableScan& scan) {
  const Schema& schema = *scan.schema();
  std::vector<Field> fields = schema.fields();
  if (scan.table().metadata().format_version > 2) {
    for (const char* name : {"_row_id", "_last_updated_sequence_number"}) {
      if (schema.Find(name) != nullptr) {
        throw UnsupportedError(
            fmt::format("table {} has a column of the name '{}', which row lineage has in data "
                        "files, so that rows can't be written again with their row ids; rename "
                        "the column",
                        scan.table().identifier().ToString(), name),
            {.table = scan.table().identifier().ToString(), .column = name});
      }
      fields.push_back(*FindMetadataColumn(scan.table().metadata(), name));
    }
  }
  ScanOptions options = scan.options();
  options.row_filter = nullptr;
  return TableScan(scan.table(), std::move(options))
      .WithProjection(std::make_shared<const Schema>(std::move(fields), schema.schema_id()));
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

void RestReader::Read(const ScanTask& task, PositionBitmap without, bool inherits,
                      const std::function<void(const arrow::RecordBatch&)>& take) {
  ReadUnits(scan_, *opener_->OpenAll(task, std::move(without), inherits), take);
}

}  // namespace floe::inline v0
