#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// The Arrow type that values of an Iceberg type have in what floe reads. Nested fields carry
/// their ids as metadata `PARQUET:field_id`.
std::shared_ptr<arrow::DataType> ToArrowType(const Type& type);
std::shared_ptr<arrow::Field> ToArrowField(const Field& field);
std::shared_ptr<arrow::Schema> ToArrowSchema(const Schema& schema);

/// The Iceberg type, of those that tables of a format version have, for values of an Arrow
/// type. Nanoseconds are timestamps of version 3 (before, writers take those that are whole
/// microseconds), and nulls are of its type unknown. Fields without a `PARQUET:field_id`, or
/// with one that a field before has, get ids that are not used elsewhere in the schema. Throws
/// SchemaMismatchError listing every column whose type has no counterpart.
Schema FromArrowSchema(const arrow::Schema& schema, int format_version);

/// Id in the field's metadata, if there is one.
std::optional<int32_t> FieldIdOf(const arrow::Field& field);

}  // namespace floe::inline v0
