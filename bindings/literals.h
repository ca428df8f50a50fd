#pragma once

#include <nanobind/nanobind.h>

#include <optional>

#include "floe/schema/literal.h"

namespace floe::bindings {

/// A Python value as a literal: bool, int, float, str, bytes, Decimal, date, datetime, time,
/// UUID. Throws InvalidArgumentError for others.
Literal LiteralFromPython(nanobind::handle value);

/// A literal as PyIceberg shows it in records: dates and times are integers; None for nothing.
nanobind::object LiteralToPython(const std::optional<Literal>& literal);

}  // namespace floe::bindings
