#include "catalog/sql_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "floe/base/error.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

void CheckSqlName(const std::string& level) {
  // Dots separate levels in the database, slashes would move the table's folder, and the
  // rest no path can have.
  const bool legal = std::ranges::none_of(level, [](char c) {
    return c == '.' || c == '/' || (c >= '\0' && c < ' ') || c == '\x7f';
  });
  if (level.empty() || !legal) {
    throw InvalidArgumentError(
        fmt::format("'{}' can't be the name of a namespace or table: names are not empty and "
                    "have no dots, slashes or control characters",
                    level));
  }
}

std::string CheckedSqlNamespace(const Namespace& levels) {
  if (levels.empty()) {
    throw InvalidArgumentError("a namespace needs a name");
  }
  for (const std::string& level : levels) {
    CheckSqlName(level);
  }
  return NamespaceToString(levels);
}

bool CanBeInDatabase(const Namespace& levels) {
  return !levels.empty() && std::ranges::none_of(levels, [](const std::string& level) {
    return level.empty() || level.find('.') != std::string::npos;
  });
}

}  // namespace floe::inline v0
