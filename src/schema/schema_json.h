#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Reads a schema object (specification, appendix C).
Schema ReadSchema(JsonValue& value);
void WriteSchema(const Schema& schema, JsonWriter* writer);

Type ReadType(JsonValue& value);
void WriteType(const Type& type, JsonWriter* writer);

}  // namespace floe::inline v0
