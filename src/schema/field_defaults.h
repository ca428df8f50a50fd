#pragma once

#include <optional>

#include "floe/schema/type.h"
#include "floe/schema/value.h"

namespace floe::inline v0 {

/// `value` as one of `type`, which its own type may be promoted to; nothing if it is not, or
/// if the type does not reach it. Null is a value of every type.
std::optional<Value> ValueOfType(const Value& value, const Type& type);

}  // namespace floe::inline v0
