#include "object_io/azure_connection_string.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/text.h"
#include "floe/base/secret.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kProperty = "adls.connection-string";

using Parts = std::map<std::string, std::string, std::less<>>;

Parts SplitParts(std::string_view text) {
  Parts parts;
  for (const std::string& part : Split(text, ';')) {
    if (part.empty()) {
      continue;
    }
    const size_t equals = part.find('=');
    if (equals == std::string::npos) {
      ThrowWrongProperty(kProperty, "not of the form AccountName=…;AccountKey=…");
    }
    parts[ToLower(part.substr(0, equals))] = part.substr(equals + 1);
  }
  return parts;
}

std::string Text(const Parts& parts, std::string_view name) {
  const auto found = parts.find(name);
  return found == parts.end() ? "" : found->second;
}

/// `https://account.blob.core.windows.net`, or `http://host:port/account`.
void ReadEndpoint(const std::string& endpoint, const std::string& account,
                  std::string& authority, std::string& scheme) {
  if (endpoint.empty()) {
    return;
  }
  const size_t scheme_end = endpoint.find("://");
  const std::string found = scheme_end == std::string::npos
                                ? ""
                                : ToLower(std::string_view(endpoint).substr(0, scheme_end));
  if (found != "http" && found != "https") {
    ThrowWrongProperty(kProperty, "one with an endpoint that is no address of http or https");
  }
  std::string rest = endpoint.substr(scheme_end + 3);
  while (rest.ends_with('/')) {
    rest.pop_back();
  }
  scheme = found;
  if (rest.starts_with(account + ".")) {
    authority = rest.substr(account.size());
  } else if (rest.ends_with("/" + account)) {
    authority = rest.substr(0, rest.size() - account.size() - 1);
  } else {
    ThrowWrongProperty(kProperty, "one whose endpoint does not name its account");
  }
}

}  // namespace

AzureConnectionString ParseAzureConnectionString(std::string_view text) {
  Parts parts = SplitParts(text);
  AzureConnectionString read;
  read.account_name = Text(parts, "accountname");
  if (read.account_name.empty()) {
    ThrowWrongProperty(kProperty, "without AccountName");
  }
  read.account_key = Secret(Text(parts, "accountkey"));
  std::string token = Text(parts, "sharedaccesssignature");
  read.sas_token = Secret(token.starts_with('?') ? token.substr(1) : token);
  const std::string protocol = ToLower(Text(parts, "defaultendpointsprotocol"));
  if (!protocol.empty() && protocol != "http" && protocol != "https") {
    ThrowWrongProperty(kProperty, "one whose DefaultEndpointsProtocol is not http or https");
  }
  read.endpoints.blob_scheme = protocol;
  read.endpoints.dfs_scheme = protocol;
  if (const std::string suffix = Text(parts, "endpointsuffix"); !suffix.empty()) {
    read.endpoints.blob_authority = ".blob." + suffix;
    read.endpoints.dfs_authority = ".dfs." + suffix;
  }
  ReadEndpoint(Text(parts, "blobendpoint"), read.account_name, read.endpoints.blob_authority,
               read.endpoints.blob_scheme);
  ReadEndpoint(Text(parts, "dfsendpoint"), read.account_name, read.endpoints.dfs_authority,
               read.endpoints.dfs_scheme);
  return read;
}

}  // namespace floe::inline v0
