#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// What a server can be asked for.
enum class RestEndpoint : uint8_t {
  kListNamespaces,
  kCreateNamespace,
  kNamespaceExists,
  kLoadNamespace,
  kDropNamespace,
  kUpdateNamespace,
  kListTables,
  kCreateTable,
  kTableExists,
  kLoadTable,
  kCommitTable,
  kDropTable,
  kLoadCredentials,
  kReportMetrics,
  kRegisterTable,
  kRenameTable,
  kCommitTransaction,
  kListViews,
  kCreateView,
  kViewExists,
  kLoadView,
  kReplaceView,
  kDropView,
  kRenameView,
};

/// As servers name it: `GET /v1/{prefix}/namespaces`.
std::string_view EndpointText(RestEndpoint endpoint);

/// What a server says that it has. Immutable.
class RestEndpoints {
 public:
  /// That of a server which says nothing: it may have everything.
  RestEndpoints() = default;
  /// `texts` as its configuration has them; what floe does not know is skipped.
  explicit RestEndpoints(const std::vector<std::string>& texts);

  bool is_said() const { return is_said_; }
  /// Whether it says that it has `endpoint`.
  bool Lists(RestEndpoint endpoint) const { return listed_[static_cast<size_t>(endpoint)]; }

 private:
  bool is_said_ = false;
  std::array<bool, static_cast<size_t>(RestEndpoint::kRenameView) + 1> listed_{};
};

}  // namespace floe::inline v0
