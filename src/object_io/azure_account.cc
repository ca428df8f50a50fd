// Locations in Azure, and the accounts that they are in.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "floe/base/error.h"
#include "object_io/azure_settings.h"

namespace floe::inline v0 {
namespace {

constexpr std::array<std::string_view, 4> kSchemes = {"abfss://", "abfs://", "wasbs://",
                                                      "wasb://"};

// Of Azure's clouds: public, US government, China, and Fabric's OneLake.
constexpr std::array<std::string_view, 4> kClouds = {
    "core.windows.net", "core.usgovcloudapi.net", "core.chinacloudapi.cn",
    "fabric.microsoft.com"};

[[noreturn]] void Fail(const std::string& location, std::string_view problem) {
  throw InvalidArgumentError(fmt::format("location {} {}", location, problem),
                             {.path = location});
}

/// `core.windows.net` of `account.dfs.core.windows.net`; empty if the host is not Azure's.
std::string_view CloudOf(std::string_view host) {
  const size_t dot = host.find('.');
  for (const std::string_view service : {".dfs.", ".blob."}) {
    if (dot != std::string_view::npos && host.substr(dot).starts_with(service)) {
      const std::string_view cloud = host.substr(dot + service.size());
      return std::ranges::find(kClouds, cloud) == kClouds.end() ? "" : cloud;
    }
  }
  return "";
}

/// The authorities of a service beside another's.
std::string Beside(const std::string& authority, std::string_view from, std::string_view to) {
  return authority.starts_with(from) ? fmt::format("{}{}", to, authority.substr(from.size()))
                                     : authority;
}

AzureEndpoints EndpointsOf(const std::string& host, const AzureSettings& settings,
                           const std::string& location) {
  AzureEndpoints endpoints = settings.endpoints;
  const bool is_named = !endpoints.blob_authority.empty() || !endpoints.dfs_authority.empty();
  if (!is_named) {
    const std::string_view cloud =
        host.find('.') == std::string::npos ? kClouds[0] : CloudOf(host);
    if (cloud.empty()) {
      Fail(location, fmt::format("is at {}, which is no host of Azure's; if credentials may be "
                                 "sent there, set adls.blob-storage-authority",
                                 host));
    }
    endpoints.blob_authority = fmt::format(".blob.{}", cloud);
  }
  if (endpoints.blob_authority.empty()) {
    endpoints.blob_authority = Beside(endpoints.dfs_authority, ".dfs.", ".blob.");
  }
  if (endpoints.dfs_authority.empty()) {
    endpoints.dfs_authority = Beside(endpoints.blob_authority, ".blob.", ".dfs.");
  }
  if (endpoints.blob_scheme.empty()) {
    endpoints.blob_scheme = "https";
  }
  if (endpoints.dfs_scheme.empty()) {
    endpoints.dfs_scheme = endpoints.blob_scheme;
  }
  return endpoints;
}

std::optional<int> Number(std::string_view text, size_t begin, size_t size) {
  int value = 0;
  if (text.size() < begin + size) {
    return std::nullopt;
  }
  const char* const end = text.data() + begin + size;
  const auto [stop, error] = std::from_chars(text.data() + begin, end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// Of `2026-11-22T08:00:00Z`, or the date alone, which colons may be encoded in.
std::optional<int64_t> TimeMs(std::string text) {
  for (size_t at = text.find("%3"); at != std::string::npos; at = text.find("%3", at)) {
    text.replace(at, 3, ":");
  }
  const auto year = Number(text, 0, 4);
  const auto month = Number(text, 5, 2);
  const auto day = Number(text, 8, 2);
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) {
    return std::nullopt;
  }
  const std::chrono::sys_time<std::chrono::milliseconds> begin = std::chrono::sys_days(date);
  const auto time = begin + std::chrono::hours(Number(text, 11, 2).value_or(0)) +
                    std::chrono::minutes(Number(text, 14, 2).value_or(0)) +
                    std::chrono::seconds(Number(text, 17, 2).value_or(0));
  return time.time_since_epoch().count();
}

}  // namespace

std::string AzureLocation::AccountName() const { return host.substr(0, host.find('.')); }

bool IsAzureLocation(std::string_view location) {
  return std::ranges::any_of(
      kSchemes, [&](std::string_view scheme) { return location.starts_with(scheme); });
}

AzureLocation ParseAzureLocation(const std::string& location) {
  const size_t begin = location.find("://") + 3;
  const size_t slash = location.find('/', begin);
  const std::string authority =
      location.substr(begin, slash == std::string::npos ? slash : slash - begin);
  const size_t at = authority.find('@');
  const bool has_host = at != std::string::npos;
  AzureLocation parsed;
  parsed.container = authority.substr(0, at);
  parsed.host = has_host ? authority.substr(at + 1) : "";
  parsed.key = slash == std::string::npos ? "" : location.substr(slash + 1);
  const bool is_good = !parsed.container.empty() && !parsed.key.empty() &&
                       (!has_host || !parsed.AccountName().empty()) &&
                       parsed.container.find_first_of(".:") == std::string::npos &&
                       parsed.host.find_first_of(":@?#") == std::string::npos;
  if (!is_good) {
    Fail(location,
         "names no blob; expected abfss://container@account.dfs.core.windows.net/key, or "
         "abfss://container/key with adls.account-name");
  }
  return parsed;
}

AzureAccount AccountOf(const AzureLocation& parsed, const AzureSettings& settings,
                       const std::string& location) {
  AzureAccount account;
  account.name = parsed.host.empty() ? settings.account_name : parsed.AccountName();
  if (account.name.empty()) {
    Fail(location,
         "does not say its storage account; set adls.account-name, or write "
         "container@account.dfs.core.windows.net");
  }
  account.endpoints = EndpointsOf(parsed.host, settings, location);
  const auto token = std::ranges::find(settings.sas_tokens, account.name,
                                       [](const auto& own) { return own.first; });
  if (token != settings.sas_tokens.end()) {
    account.credentials.sas_token = token->second;
    return account;
  }
  const bool is_other = !settings.account_name.empty() && account.name != settings.account_name;
  const bool has_secret =
      !settings.credentials.account_key.empty() || !settings.credentials.sas_token.empty();
  if (is_other && has_secret) {
    Fail(location, fmt::format("is in the storage account {0}, and the credentials are for {1} "
                               "(adls.account-name); set adls.sas-token.{0}",
                               account.name, settings.account_name));
  }
  account.credentials = settings.credentials;
  return account;
}

std::string AzurePrefix(const std::string& location, const AzureSettings& settings) {
  const size_t begin = location.find("://") + 3;
  const size_t slash = std::min(location.find('/', begin), location.size());
  const std::string authority = location.substr(begin, slash - begin);
  const size_t at = authority.find('@');
  const std::string account = at == std::string::npos
                                  ? settings.account_name
                                  : authority.substr(at + 1, authority.find('.', at) - at - 1);
  return fmt::format("{}/{}{}", account, authority.substr(0, at), location.substr(slash));
}

std::optional<int64_t> AzureAccount::EndsAtMs() const {
  for (const std::string& field : Split(credentials.sas_token.Reveal(), '&')) {
    if (field.starts_with("se=")) {
      return TimeMs(field.substr(3));
    }
  }
  return std::nullopt;
}

}  // namespace floe::inline v0
