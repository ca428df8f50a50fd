#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// All partition fields that the table's specs ever had, by id.
std::vector<Field> AllPartitionFields(const TableMetadata& metadata);

/// The metadata column of this name; nothing if there is none.
std::optional<Field> FindMetadataColumn(const TableMetadata& metadata, std::string_view name);

bool IsMetadataColumn(int32_t field_id);

/// The columns `names` of `schema`, in its order, then the metadata columns among them, in
/// theirs; `*` is all of the schema's. A column of the table hides a metadata column of its
/// name. Throws InvalidArgumentError for a name that is neither.
Schema SelectScanColumns(const TableMetadata& metadata, const Schema& schema,
                         const std::vector<std::string>& names, bool case_sensitive);

}  // namespace floe::inline v0
