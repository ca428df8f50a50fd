#pragma once

#include <memory>

#include "floe/metadata/table_metadata.h"
#include "floe/scan/plan.h"
#include "floe/schema/name_mapping.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

/// The name mapping of a table's properties; null if it has none. Throws ParseError.
std::shared_ptr<const NameMapping> NameMappingOf(const TableMetadata& metadata);

/// Columns whose value in all rows of a file is that of its partition: the sources of identity
/// transforms (specification, "Column Projection"). Files that were moved into a table may lack
/// these columns.
ConstantColumns IdentityConstants(const TableMetadata& metadata, const ScanTask& task);

}  // namespace floe::inline v0
