#pragma once

#include <cstdint>
#include <vector>

#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// A column that equality deletes compare rows by, in the newest schema that has it.
struct EqualityColumn {
  const Schema* schema = nullptr;
  const Schema::Place* place = nullptr;  ///< null: no schema has it
};

/// Looks in `schema` first, then in the table's others, the newest first: the column may have
/// been dropped since.
EqualityColumn FindEqualityColumn(const TableMetadata& metadata, const Schema& schema,
                                  int32_t field_id);

/// The columns of `field_ids`, which are all there, as a schema to read them with: structs are
/// reduced to what is wanted of them, and columns of one name that come from different schemas
/// are renamed. None is
/// required, as files may have been written before it was there.
SchemaPtr EqualitySchema(const TableMetadata& metadata, const Schema& schema,
                         const std::vector<int32_t>& field_ids);

}  // namespace floe::inline v0
