#include "object_io/s3_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/io/storage.h"
#include "object_io/s3_names.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {
namespace {

constexpr std::array kSchemes = std::to_array<std::string_view>({"s3://", "s3a://", "s3n://"});

/// What a storage is asked as, by its names in PyIceberg and in Java; those of one group stand
/// for the same.
constexpr std::array kIdentity = std::to_array<std::string_view>({
    "s3.access-key-id",
    "client.access-key-id",
    "s3.secret-access-key",
    "client.secret-access-key",
    "s3.session-token",
    "client.session-token",
    "s3.anonymous",
    "s3.profile-name",
    "client.profile-name",
    "s3.role-arn",
    "client.role-arn",
    "client.assume-role.arn",
    "s3.role-session-name",
    "client.role-session-name",
    "client.assume-role.session-name",
    "client.assume-role.external-id",
    "client.assume-role.timeout-sec",
});

constexpr std::array<std::string_view, 3> kRoleArns = {"s3.role-arn", "client.role-arn",
                                                       "client.assume-role.arn"};
constexpr std::array<std::string_view, 3> kRoleSessionNames = {
    "s3.role-session-name", "client.role-session-name", "client.assume-role.session-name"};

/// `s3.…`, or else what all clients of AWS have in common.
std::string TextOfEither(const LayeredProperties& properties, const std::string& name) {
  std::string text = properties.Text("s3." + name);
  return text.empty() ? properties.Text("client." + name) : text;
}

void CheckAddress(std::string_view name, const std::string& address) {
  const size_t scheme_end = address.find("://");
  const std::string scheme =
      scheme_end == std::string::npos ? "" : ToLower(address.substr(0, scheme_end));
  if ((scheme != "http" && scheme != "https") || address.size() <= scheme_end + 3) {
    ThrowWrongProperty(
        name, fmt::format("'{}'; expected an address such as https://s3.example.com", address));
  }
}

/// Its value is not shown: there may be a password in it.
void CheckProxy(const Secret& proxy) {
  const std::string& address = proxy.Reveal();
  if (!address.starts_with("http://") && !address.starts_with("https://")) {
    ThrowWrongProperty("s3.proxy-uri",
                       "no address such as http://user:password@proxy.example.com:8080");
  }
}

void CheckIdentity(const S3Settings& settings) {
  const bool has_secret = !settings.secret_access_key.empty();
  if (settings.access_key_id.empty() == has_secret) {
    ThrowWrongProperty(
        has_secret ? "s3.secret-access-key" : "s3.access-key-id",
        has_secret ? "there without s3.access-key-id" : "there without s3.secret-access-key");
  }
  const std::array<std::pair<std::string_view, bool>, 4> ways = {{
      {"s3.access-key-id", has_secret},
      {"s3.anonymous", settings.anonymous},
      {"s3.profile-name", !settings.profile.empty()},
      {"s3.role-arn", !settings.role_arn.empty()},
  }};
  std::string_view first;
  for (const auto& [name, is_there] : ways) {
    if (is_there && !first.empty()) {
      ThrowWrongProperty(name, fmt::format("there beside {}; give one of them", first));
    }
    first = is_there ? name : first;
  }
  if (settings.role_arn.empty() &&
      !(settings.role_session_name + settings.role_external_id).empty()) {
    ThrowWrongProperty(settings.role_session_name.empty() ? "client.assume-role.external-id"
                                                          : "s3.role-session-name",
                       "there without s3.role-arn");
  }
}

void ReadIdentity(const LayeredProperties& properties, S3Settings* settings) {
  settings->access_key_id = TextOfEither(properties, "access-key-id");
  settings->secret_access_key = Secret(TextOfEither(properties, "secret-access-key"));
  settings->session_token = Secret(TextOfEither(properties, "session-token"));
  settings->anonymous = properties.Boolean("s3.anonymous").value_or(false);
  settings->profile = TextOfEither(properties, "profile-name");
  settings->role_arn = properties.TextOfFirst(kRoleArns);
  settings->role_session_name = properties.TextOfFirst(kRoleSessionNames);
  settings->role_external_id = properties.Text("client.assume-role.external-id");
  // As AWS limits it.
  settings->role_seconds = static_cast<int>(properties.Integer(
      "client.assume-role.timeout-sec", settings->role_seconds, 900, 43'200));
  CheckIdentity(*settings);
}

/// The first property about objects that is there, and can't be heeded.
std::string UnsupportedForWriting(const LayeredProperties& properties) {
  for (const auto& [name, value] : properties.all()) {
    const MissingS3Property* missing = FindMissingS3Property(name);
    if (missing != nullptr && missing->is_about_objects &&
        ToLower(value) != ToLower(missing->harmless)) {
      return name;
    }
  }
  return "";
}

}  // namespace

void CheckStorageProperties(const StorageProperties& properties) {
  for (const auto& [name, value] : properties) {
    if (std::ranges::find(S3PropertyNames(), name) != S3PropertyNames().end()) {
      continue;
    }
    const MissingS3Property* missing = FindMissingS3Property(name);
    if (missing == nullptr) {
      throw InvalidArgumentError(fmt::format("unknown storage property {}; known are {}", name,
                                             fmt::join(S3PropertyNames(), ", ")));
    }
    if (missing->harmless.empty() || ToLower(value) != ToLower(missing->harmless)) {
      throw UnsupportedError(
          fmt::format("storage property {} is not there in floe: {}", name, missing->instead));
    }
  }
}

S3Settings ParseS3Settings(const std::vector<const StorageProperties*>& layers) {
  const LayeredProperties properties(layers, kIdentity);
  S3Settings settings;
  settings.unsupported_for_writing = UnsupportedForWriting(properties);
  settings.endpoint = properties.Text("s3.endpoint");
  while (settings.endpoint.ends_with('/')) {
    settings.endpoint.pop_back();
  }
  if (!settings.endpoint.empty()) {
    CheckAddress("s3.endpoint", settings.endpoint);
  }
  settings.region = TextOfEither(properties, "region");
  ReadIdentity(properties, &settings);
  const std::optional<bool> is_virtual = properties.Boolean("s3.force-virtual-addressing");
  settings.path_style = properties.Boolean("s3.path-style-access");
  if (!settings.path_style && is_virtual) {
    settings.path_style = !*is_virtual;
  }
  settings.connect_timeout_seconds = properties.Seconds("s3.connect-timeout");
  settings.request_timeout_seconds = properties.Seconds("s3.request-timeout");
  settings.proxy = Secret(properties.Text("s3.proxy-uri"));
  if (!settings.proxy.empty()) {
    CheckProxy(settings.proxy);
  }
  settings.renews_credentials =
      properties.Boolean("client.refresh-credentials-enabled").value_or(true);
  constexpr int64_t kLongestWaitMs = 3'600'000;
  settings.max_retries = static_cast<int>(
      properties.Integer("s3.retry.num-retries", settings.max_retries, 0, 1'000));
  settings.min_wait_ms =
      properties.Integer("s3.retry.min-wait-ms", settings.min_wait_ms, 0, kLongestWaitMs);
  settings.max_wait_ms =
      properties.Integer("s3.retry.max-wait-ms", settings.max_wait_ms, 0, kLongestWaitMs);
  const bool has_identity = !settings.access_key_id.empty() || settings.anonymous ||
                            !settings.profile.empty() || !settings.role_arn.empty();
  settings.needs_remote_signing =
      !has_identity && properties.Boolean("s3.remote-signing-enabled").value_or(false);
  return settings;
}

bool IsS3Location(std::string_view location) {
  return std::ranges::any_of(
      kSchemes, [&](std::string_view scheme) { return location.starts_with(scheme); });
}

S3Location ParseS3Location(const std::string& location) {
  const size_t begin = location.find("://") + 3;
  const size_t slash = location.find('/', begin);
  if (slash == std::string::npos || slash == begin || slash + 1 == location.size()) {
    throw InvalidArgumentError(
        fmt::format("location {} names no object; expected s3://bucket/key", location),
        {.path = location});
  }
  return {location.substr(begin, slash - begin), location.substr(slash + 1)};
}

}  // namespace floe::inline v0
