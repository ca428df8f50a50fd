#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// Levels of a namespace, outermost first; never empty where a namespace is meant.
using Namespace = std::vector<std::string>;

/// `a.b`
std::string NamespaceToString(const Namespace& levels);

/// Splits at dots. Throws InvalidArgumentError for an empty level.
Namespace ParseNamespace(std::string_view text);

/// Name of a table within a catalog. A value.
struct TableIdentifier {
  Namespace levels;
  std::string name;

  /// Reads `namespace.table` with at least one namespace level; throws InvalidArgumentError.
  static TableIdentifier Parse(std::string_view text);
  std::string ToString() const { return NamespaceToString(levels) + "." + name; }
  bool operator==(const TableIdentifier&) const = default;
};

}  // namespace floe::inline v0
