#pragma once

#include <arrow/type_fwd.h>

#include <memory>

namespace floe::inline v0 {

/// The schema of an ORC file as Arrow reads it, with what Iceberg keeps in ORC's attributes:
/// ids as metadata `PARQUET:field_id`, times that are stored as integers as times.
std::shared_ptr<arrow::Schema> WithOrcAttributes(const arrow::Schema& schema);

/// Whether any field has an id.
bool HasAnyFieldId(const arrow::Schema& schema);

/// `batch`, as it was read, with the types of WithOrcAttributes(), which have the same layout.
std::shared_ptr<arrow::RecordBatch> WithTypesOf(const arrow::RecordBatch& batch,
                                                const std::shared_ptr<arrow::Schema>& schema);

}  // namespace floe::inline v0
