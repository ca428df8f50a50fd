#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/schema.h>

#include <memory>
#include <vector>

#include "floe/schema/name_mapping.h"

namespace floe::inline v0 {

/// `schema` where fields without an id, at any depth, have the one of their name in `mapping`
/// (specification, "Column Projection"). Ids that a field beside them has are not given again.
std::shared_ptr<arrow::Schema> WithMappedIds(const std::shared_ptr<arrow::Schema>& schema,
                                             const NameMapping& mapping);

/// The same for the fields of a Parquet file.
std::vector<parquet::arrow::SchemaField> WithMappedIds(
    std::vector<parquet::arrow::SchemaField> fields, const NameMapping& mapping);

}  // namespace floe::inline v0
