#pragma once

#include <arrow/type_fwd.h>

#include <optional>

#include "floe/schema/literal.h"

namespace floe::inline v0 {

/// Appends a literal, or null, to a builder of the type that ToArrowType() gives for it.
void AppendLiteral(const std::optional<Literal>& literal, arrow::ArrayBuilder* builder);

}  // namespace floe::inline v0
