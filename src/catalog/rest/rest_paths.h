#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/rest/rest_settings.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// Addresses of a catalog's endpoints. Every name is encoded: none can leave its place. Those
/// of a namespace throw as Check() does.
class RestPaths {
 public:
  explicit RestPaths(const RestSettings& settings);

  std::string Namespaces() const { return root_ + "namespaces"; }
  std::string OneNamespace(const Namespace& levels) const;
  std::string Tables(const Namespace& levels) const;
  std::string Register(const Namespace& levels) const;
  std::string Rename() const { return root_ + "tables/rename"; }
  std::string Views(const Namespace& levels) const { return OneNamespace(levels) + "/views"; }
  std::string View(const TableIdentifier& identifier) const;
  std::string RenameView() const { return root_ + "views/rename"; }
  std::string CommitTransaction() const { return root_ + "transactions/commit"; }
  std::string Table(const TableIdentifier& identifier) const;

  /// Throws InvalidArgumentError for a level that has the separator in it: in a path it would
  /// be two, of another namespace.
  void Check(const Namespace& levels) const;

  /// The levels as one text: encoded, with the catalog's separator between them. Throws as
  /// Check() does.
  std::string Joined(const Namespace& levels) const;

 private:
  std::string root_;
  std::string separator_;
};

}  // namespace floe::inline v0
