#pragma once

#include "avro/avro_schema.h"
#include "floe/schema/name_mapping.h"

namespace floe::inline v0 {

/// The schema of a data file where fields without an id, at any depth, have the one of their
/// name in `mapping` (specification, "Column Projection"). Ids that a field beside them has are
/// not given again.
AvroSchemaPtr WithMappedIds(const AvroSchema& schema, const NameMapping& mapping);

}  // namespace floe::inline v0
