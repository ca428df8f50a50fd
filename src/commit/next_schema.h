#pragma once

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// What makes a schema the current one.
struct NextSchema {
  SchemaPtr schema;      ///< with the id it is to have; null if it is the current one
  bool is_new = false;   ///< in the table
  AppliedChange change;  ///< empty if it is
};

/// A schema that the table has had gets its old id; another gets a new one. Throws
/// IncompatibleSchemaChangeError for a type that makes partition values of files wrong, under
/// any spec that the table has.
NextSchema MakeNextSchema(const TableMetadata& metadata, const Schema& schema);

/// Whether the table has got the schema: a new one, under its id; one that it had, as the
/// current one.
bool HasSchema(const TableMetadata& metadata, const Schema& schema, bool is_new);

}  // namespace floe::inline v0
