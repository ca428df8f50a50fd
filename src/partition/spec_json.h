#pragma once

#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/partition/spec.h"

namespace floe::inline v0 {

/// Reads a spec object, `{"spec-id": …, "fields": […]}` (specification, appendix C). Fields
/// of version 1 may have no ids: they get 1000, 1001, … then.
PartitionSpec ReadPartitionSpec(JsonValue& value, int format_version = 2);
void WritePartitionSpec(const PartitionSpec& spec, JsonWriter* writer);

/// Reads and writes the array of fields alone, as manifests keep it.
std::vector<PartitionField> ReadPartitionFields(JsonValue& value, int format_version = 2);
void WritePartitionFields(const std::vector<PartitionField>& fields, JsonWriter* writer);

}  // namespace floe::inline v0
