#include "floe/table/identifier.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "floe/base/error.h"

namespace floe::inline v0 {

std::string NamespaceToString(const Namespace& levels) {
  return fmt::format("{}", fmt::join(levels, "."));
}

Namespace ParseNamespace(std::string_view text) {
  Namespace levels = Split(text, '.');
  if (std::ranges::any_of(levels, [](const std::string& level) { return level.empty(); })) {
    throw InvalidArgumentError(
        fmt::format("'{}' is not a namespace: expected names separated by dots", text));
  }
  return levels;
}

TableIdentifier TableIdentifier::Parse(std::string_view text) {
  Namespace levels = ParseNamespace(text);
  if (levels.size() < 2) {
    throw InvalidArgumentError(fmt::format(
        "'{}' is not a table identifier: expected at least one namespace before the table's "
        "name, as in 'bronze.flights'",
        text));
  }
  std::string name = std::move(levels.back());
  levels.pop_back();
  return {std::move(levels), std::move(name)};
}

}  // namespace floe::inline v0
