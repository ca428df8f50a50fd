#include "scan/task_opener.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "floe/expr/bound.h"
#include "floe/expr/residual.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/plan.h"
#include "floe/schema/type.h"
#include "parquet/data_file_reader.h"
#include "scan/metadata_column_reader.h"
#include "scan/missing_columns.h"
#include "scan/open_data_file.h"

namespace floe::inline v0 {

TaskOpener::TaskOpener(const TableScan& scan)
    : scan_(scan),
      columns_(ColumnsOfFile(scan.projection())),
      name_mapping_(NameMappingOf(scan.table().metadata())),
      deletes_(scan) {}

const Type& TaskOpener::PartitionTypeOf(int32_t spec_id) {
  const std::lock_guard lock(mutex_);
  auto known = partition_types_.find(spec_id);
  if (known == partition_types_.end()) {
    const TableMetadata& metadata = scan_.table().metadata();
    Type type =
        PartitionType(*metadata.SpecById(spec_id), *metadata.schema(), metadata.schemas);
    known = partition_types_.emplace(spec_id, std::move(type)).first;
  }
  return known->second;
}

/// What is to be tested on the rows of a task's file.
BoundExpressionPtr TaskOpener::ResidualOf(const ScanTask& task) {
  if (task.all_rows_match()) {
    return BoundExpression::True();
  }
  if (!scan_.options().prune_files || scan_.filter()->is_true()) {
    return scan_.filter();
  }
  return ResidualFor(scan_.filter(), *scan_.table().metadata().SpecById(task.spec_id()),
                     PartitionTypeOf(task.spec_id()), task.partition());
}

std::unique_ptr<DataFileReader> TaskOpener::Open(const ScanTask& task) {
  return OpenFor(task, ResidualOf(task), deletes_.Load(task), /*inherits=*/true);
}

std::unique_ptr<DataFileReader> TaskOpener::OpenAll(const ScanTask& task,
                                                    PositionBitmap without, bool inherits) {
  return OpenFor(task, BoundExpression::True(), deletes_.Load(task, std::move(without)),
                 inherits);
}

std::unique_ptr<DataFileReader> TaskOpener::OpenFor(const ScanTask& task,
                                                    BoundExpressionPtr filter,
                                                    std::shared_ptr<const RowDeletes> deletes,
                                                    bool inherits) {
  auto file =
      OpenDataFile(*scan_.table().io(), std::string(task.file_path()), task.file_format(),
                   {.projection = columns_,
                    .filter_schema = scan_.schema(),
                    .filter = std::move(filter),
                    .batch_rows = scan_.options().batch_rows,
                    .prune_units = scan_.options().prune_row_groups,
                    .deletes = std::move(deletes),
                    .name_mapping = name_mapping_,
                    .constants = IdentityConstants(scan_.table().metadata(), task),
                    .file_size = task.file_size_in_bytes()});
  return columns_ == scan_.projection()
             ? std::move(file)
             : AddMetadataColumns(scan_, task, columns_, std::move(file), inherits);
}

}  // namespace floe::inline v0
