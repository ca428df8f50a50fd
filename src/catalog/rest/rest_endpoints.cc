#include "catalog/rest/rest_endpoints.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {
namespace {

// In the enumeration's order.
constexpr auto kTexts = std::to_array<std::string_view>({
    "GET /v1/{prefix}/namespaces",
    "POST /v1/{prefix}/namespaces",
    "HEAD /v1/{prefix}/namespaces/{namespace}",
    "GET /v1/{prefix}/namespaces/{namespace}",
    "DELETE /v1/{prefix}/namespaces/{namespace}",
    "POST /v1/{prefix}/namespaces/{namespace}/properties",
    "GET /v1/{prefix}/namespaces/{namespace}/tables",
    "POST /v1/{prefix}/namespaces/{namespace}/tables",
    "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials",
    "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics",
    "POST /v1/{prefix}/namespaces/{namespace}/register",
    "POST /v1/{prefix}/tables/rename",
    "POST /v1/{prefix}/transactions/commit",
    "GET /v1/{prefix}/namespaces/{namespace}/views",
    "POST /v1/{prefix}/namespaces/{namespace}/views",
    "HEAD /v1/{prefix}/namespaces/{namespace}/views/{view}",
    "GET /v1/{prefix}/namespaces/{namespace}/views/{view}",
    "POST /v1/{prefix}/namespaces/{namespace}/views/{view}",
    "DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}",
    "POST /v1/{prefix}/views/rename",
});
static_assert(kTexts.size() == static_cast<size_t>(RestEndpoint::kRenameView) + 1);

/// An endpoint as it can be compared: some servers leave the first slash of a path out, others
/// its prefix.
std::string Normalized(std::string_view endpoint) {
  std::string text(endpoint);
  const size_t path = text.find(' ') + 1;
  if (path != 0 && text.substr(path).starts_with("v1/")) {
    text.insert(path, "/");
  }
  constexpr std::string_view kPrefix = "/{prefix}";
  const size_t prefix = text.find(kPrefix);
  if (prefix != std::string::npos) {
    text.erase(prefix, kPrefix.size());
  }
  return text;
}

}  // namespace

std::string_view EndpointText(RestEndpoint endpoint) {
  return kTexts[static_cast<size_t>(endpoint)];
}

RestEndpoints::RestEndpoints(const std::vector<std::string>& texts) : is_said_(!texts.empty()) {
  std::vector<std::string> said;
  std::ranges::transform(texts, std::back_inserter(said), &Normalized);
  for (size_t i = 0; i < kTexts.size(); ++i) {
    listed_[i] = std::ranges::find(said, Normalized(kTexts[i])) != said.end();
  }
}

}  // namespace floe::inline v0
