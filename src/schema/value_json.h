#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"

namespace floe::inline v0 {

/// Reads a value of `type` in single-value JSON form; null stands for null. Fails with the
/// document's error.
Value ReadValue(JsonValue& json, const Type& type);
/// The same for a primitive type and no null.
Literal ReadLiteral(JsonValue& json, const Type& type);

/// Throws InvalidArgumentError for a float that is not finite.
void WriteValue(const Value& value, const Type& type, JsonWriter* writer);
void WriteLiteral(const Literal& literal, JsonWriter* writer);

}  // namespace floe::inline v0
