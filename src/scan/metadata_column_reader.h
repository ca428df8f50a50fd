#pragma once

#include <memory>

#include "floe/scan/plan.h"
#include "floe/schema/schema.h"
#include "parquet/data_file_reader.h"

namespace floe::inline v0 {

/// What a data file is read for if `projection` has metadata columns: its own columns, with
/// those that metadata columns are made of. `projection` itself if it has none.
SchemaPtr ColumnsOfFile(const SchemaPtr& projection);

/// A reader of the scan's projection over `file`, which reads `columns` of the task's data
/// file: those that ColumnsOfFile() told. `inherits`: columns of row lineage have what the
/// task's manifest says where the file has nothing.
std::unique_ptr<DataFileReader> AddMetadataColumns(const TableScan& scan, const ScanTask& task,
                                                   SchemaPtr columns,
                                                   std::unique_ptr<DataFileReader> file,
                                                   bool inherits);

}  // namespace floe::inline v0
