#include "object_io/azure_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/secret.h"
#include "floe/io/storage.h"
#include "object_io/azure_connection_string.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {
namespace {

using Use = StoreProperty::Use;

// PyIceberg's names and Java's.
constexpr std::array kKnown = std::to_array<StoreProperty>({
    {"adls.account-host"},
    {"adls.account-key"},
    {"adls.account-name"},
    {"adls.anon"},
    {"adls.auth.shared-key.account.key"},
    {"adls.auth.shared-key.account.name"},
    {"adls.blob-storage-authority"},
    {"adls.blob-storage-scheme"},
    {"adls.client-id"},
    {"adls.client-secret"},
    {"adls.connection-string"},
    {"adls.connection-string.", Use::kRefused, ""},
    {"adls.credential", Use::kRefused, ""},
    {"adls.dfs-storage-authority"},
    {"adls.dfs-storage-scheme"},
    {"adls.read.block-size-bytes", Use::kTuning, ""},
    {"adls.refresh-credentials-enabled"},
    {"adls.refresh-credentials-endpoint", Use::kTuning, ""},
    {"adls.sas-token"},
    {"adls.sas-token."},
    // The token itself says it, too.
    {"adls.sas-token-expires-at-ms.", Use::kTuning, ""},
    {"adls.tenant-id"},
    {"adls.token", Use::kRefused, ""},
    {"adls.token-credential-provider", Use::kRefused, ""},
    {"adls.token-credential-provider.", Use::kRefused, ""},
    {"adls.write.block-size-bytes", Use::kTuning, ""},
});

constexpr std::array<std::string_view, 10> kCredentials = {
    "adls.account-key",
    "adls.anon",
    "adls.auth.shared-key.account.key",
    "adls.auth.shared-key.account.name",
    "adls.client-id",
    "adls.client-secret",
    "adls.connection-string",
    "adls.sas-token",
    "adls.sas-token.",
    "adls.tenant-id",
};
constexpr std::array<std::string_view, 2> kAccountNames = {"adls.account-name",
                                                           "adls.auth.shared-key.account.name"};
constexpr std::array<std::string_view, 2> kAccountKeys = {"adls.account-key",
                                                          "adls.auth.shared-key.account.key"};

Secret WithoutQuestionMark(std::string token) {
  if (token.starts_with('?')) {
    token.erase(0, 1);
  }
  return Secret(std::move(token));
}

void CheckKey(const Secret& key) {
  const auto is_base64 = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '=';
  };
  const std::string& text = key.Reveal();
  if (text.size() % 4 != 0 || !std::ranges::all_of(text, is_base64)) {
    ThrowWrongProperty("adls.account-key", "not the Base64 that keys of accounts are");
  }
}

void CheckScheme(std::string_view name, const std::string& scheme) {
  if (!scheme.empty() && scheme != "http" && scheme != "https") {
    ThrowWrongProperty(name, fmt::format("'{}'; expected http or https", scheme));
  }
}

void CheckAuthority(std::string_view name, const std::string& authority) {
  if (authority.find_first_of("/?#@ ") != std::string::npos) {
    ThrowWrongProperty(name, "not a host, such as .blob.core.windows.net or 127.0.0.1:10000");
  }
}

void CheckCredentials(const AzureCredentials& credentials) {
  CheckKey(credentials.account_key);
  const bool has_client = !credentials.client_id.empty();
  if (credentials.tenant_id.empty() == has_client ||
      credentials.client_secret.empty() == has_client) {
    ThrowWrongProperty("adls.client-id",
                       "one of three that are given together: adls.tenant-id, adls.client-id, "
                       "adls.client-secret");
  }
  const int ways = (credentials.account_key.empty() ? 0 : 1) +
                   (credentials.sas_token.empty() ? 0 : 1) + (has_client ? 1 : 0) +
                   (credentials.anonymous ? 1 : 0);
  if (ways > 1) {
    ThrowWrongProperty("adls.account-key",
                       "not the only one that says who asks; give one of adls.account-key, "
                       "adls.sas-token, adls.client-id and adls.anon");
  }
}

AzureEndpoints EndpointsIn(const LayeredProperties& properties, const std::string& account) {
  AzureEndpoints endpoints;
  endpoints.blob_authority = properties.Text("adls.blob-storage-authority");
  endpoints.dfs_authority = properties.Text("adls.dfs-storage-authority");
  endpoints.blob_scheme = ToLower(properties.Text("adls.blob-storage-scheme"));
  endpoints.dfs_scheme = ToLower(properties.Text("adls.dfs-storage-scheme"));
  CheckScheme("adls.blob-storage-scheme", endpoints.blob_scheme);
  CheckScheme("adls.dfs-storage-scheme", endpoints.dfs_scheme);
  CheckAuthority("adls.blob-storage-authority", endpoints.blob_authority);
  CheckAuthority("adls.dfs-storage-authority", endpoints.dfs_authority);
  const std::string host = properties.Text("adls.account-host");
  if (!host.empty() && endpoints.blob_authority.empty()) {
    CheckAuthority("adls.account-host", host);
    const bool has_name = !account.empty() && host.starts_with(account + ".");
    endpoints.blob_authority = has_name ? host.substr(account.size()) : host;
  }
  return endpoints;
}

void AddConnectionString(const std::string& text, AzureSettings& settings) {
  if (text.empty()) {
    return;
  }
  AzureConnectionString read = ParseAzureConnectionString(text);
  const auto fill = [](auto& into, auto& from) {
    if (into.empty()) {
      into = std::move(from);
    }
  };
  fill(settings.account_name, read.account_name);
  fill(settings.credentials.account_key, read.account_key);
  if (settings.credentials.account_key.empty()) {
    fill(settings.credentials.sas_token, read.sas_token);
  }
  fill(settings.endpoints.blob_authority, read.endpoints.blob_authority);
  fill(settings.endpoints.dfs_authority, read.endpoints.dfs_authority);
  fill(settings.endpoints.blob_scheme, read.endpoints.blob_scheme);
  fill(settings.endpoints.dfs_scheme, read.endpoints.dfs_scheme);
}

}  // namespace

void CheckAzureProperties(const StorageProperties& properties) {
  CheckStoreProperties(properties, "adls.", kKnown);
}

AzureSettings ParseAzureSettings(const std::vector<const StorageProperties*>& layers) {
  const LayeredProperties properties(layers, kCredentials);
  AzureSettings settings;
  settings.account_name = properties.TextOfFirst(kAccountNames);
  settings.endpoints = EndpointsIn(properties, settings.account_name);
  AzureCredentials& credentials = settings.credentials;
  credentials.account_key = Secret(properties.TextOfFirst(kAccountKeys));
  credentials.sas_token = WithoutQuestionMark(properties.Text("adls.sas-token"));
  credentials.tenant_id = properties.Text("adls.tenant-id");
  credentials.client_id = properties.Text("adls.client-id");
  credentials.client_secret = Secret(properties.Text("adls.client-secret"));
  credentials.anonymous = properties.Boolean("adls.anon").value_or(false);
  AddConnectionString(properties.Text("adls.connection-string"), settings);
  CheckCredentials(credentials);
  for (auto& [account, token] : properties.WithPrefix("adls.sas-token.")) {
    // By the account's name or its host's.
    settings.sas_tokens.emplace_back(account.substr(0, account.find('.')),
                                     WithoutQuestionMark(std::move(token)));
  }
  settings.refused = properties.FirstRefused(kKnown);
  return settings;
}

}  // namespace floe::inline v0
