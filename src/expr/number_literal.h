#pragma once

#include <optional>
#include <string_view>

#include "floe/schema/literal.h"

namespace floe::inline v0 {

/// The literal that a number spells: long, decimal, or double where those can't hold it or it
/// has an exponent. Nothing for what is no number, or too large for a double.
std::optional<Literal> NumberLiteral(std::string_view text);

}  // namespace floe::inline v0
