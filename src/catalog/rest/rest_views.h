#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_session.h"
#include "floe/base/environment.h"
#include "floe/table/identifier.h"
#include "floe/table/view_catalog.h"

namespace floe::inline v0 {

/// The views that a server keeps. Thread-safe.
class RestViews final : public ViewCatalog {
 public:
  /// `session` lives longer.
  RestViews(RestSession* session, Environment environment);

  std::vector<TableIdentifier> ListViews(const Namespace& levels) override;
  View CreateView(const ViewRequest& request) override;
  bool ViewExists(const TableIdentifier& identifier) override;
  View LoadView(const TableIdentifier& identifier) override;
  View ReplaceView(const ViewRequest& request) override;
  void RenameView(const TableIdentifier& from, const TableIdentifier& to) override;
  void DropView(const TableIdentifier& identifier) override;

 private:
  RestOperation Operation(std::string_view verb, const TableIdentifier& identifier) const;
  /// The view, if it has the definition whose answer was lost; throws otherwise.
  View FindReplaced(const ViewRequest& request, const std::string& reason);

  RestSession& session_;
  const Environment environment_;
};

}  // namespace floe::inline v0
