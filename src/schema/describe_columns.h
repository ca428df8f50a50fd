#pragma once

#include <string>
#include <string_view>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// What to tell who named a column that `schema` does not have: `did you mean 'id'? its columns
/// are id, s`. The question is left out if no name is near, and of many columns only the first
/// are listed.
std::string DescribeColumns(const Schema& schema, std::string_view wanted);

}  // namespace floe::inline v0
