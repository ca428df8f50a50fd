#include "catalog/rest/rest_paths.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>

#include "catalog/rest/rest_settings.h"
#include "floe/base/error.h"
#include "floe/table/identifier.h"
#include "http/http_client.h"

namespace floe::inline v0 {

RestPaths::RestPaths(const RestSettings& settings)
    : root_(settings.uri + "/v1/"), separator_(settings.namespace_separator) {
  // Some servers have prefixes of several segments, whose slashes stay; some send theirs
  // encoded, others as it is.
  std::string rest = settings.prefix;
  while (!rest.empty()) {
    const size_t slash = rest.find('/');
    const std::string segment = rest.substr(0, slash);
    if (!segment.empty()) {
      root_ += PercentEncode(PercentDecode(segment)) + "/";
    }
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
  }
}

void RestPaths::Check(const Namespace& levels) const {
  const std::string separator = PercentDecode(separator_);
  for (const std::string& level : levels) {
    if (level.find(separator) != std::string::npos) {
      throw InvalidArgumentError(fmt::format(
          "'{}' can't be one level of a namespace: this server parts levels by '{}'",
          PercentEncode(level), separator_));
    }
  }
}

std::string RestPaths::Joined(const Namespace& levels) const {
  Check(levels);
  std::string joined;
  for (const std::string& level : levels) {
    joined += (joined.empty() ? "" : separator_) + PercentEncode(level);
  }
  return joined;
}

std::string RestPaths::OneNamespace(const Namespace& levels) const {
  return Namespaces() + "/" + Joined(levels);
}

std::string RestPaths::Tables(const Namespace& levels) const {
  return OneNamespace(levels) + "/tables";
}

std::string RestPaths::Register(const Namespace& levels) const {
  return OneNamespace(levels) + "/register";
}

std::string RestPaths::View(const TableIdentifier& identifier) const {
  return Views(identifier.levels) + "/" + PercentEncode(identifier.name);
}

std::string RestPaths::Table(const TableIdentifier& identifier) const {
  return Tables(identifier.levels) + "/" + PercentEncode(identifier.name);
}

}  // namespace floe::inline v0
