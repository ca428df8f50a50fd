#include "object_io/s3_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {
namespace {

constexpr std::array kKnown = std::to_array<std::string_view>({
    "client.access-key-id",
    "client.region",
    "client.secret-access-key",
    "client.session-token",
    "s3.access-key-id",
    "s3.anonymous",
    "s3.connect-timeout",
    "s3.endpoint",
    "s3.force-virtual-addressing",
    "s3.path-style-access",
    "s3.region",
    "s3.request-timeout",
    "s3.secret-access-key",
    "s3.session-token",
});

constexpr std::array kSchemes = std::to_array<std::string_view>({"s3://", "s3a://", "s3n://"});

using PropertyMap = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void Fail(std::string_view name, std::string_view problem) {
  throw InvalidArgumentError(fmt::format("storage property {} is {}", name, problem));
}

/// The layers as one. What belongs together is taken from one layer.
PropertyMap Merge(const std::vector<const StorageProperties*>& layers) {
  PropertyMap all;
  for (const StorageProperties* layer : layers) {
    for (const std::string family : {"s3.", "client."}) {
      const bool has_key = std::ranges::any_of(
          *layer, [&](const auto& item) { return item.first == family + "access-key-id"; });
      if (has_key) {
        for (const char* name : {"secret-access-key", "session-token"}) {
          all.erase("s3." + std::string(name));
          all.erase("client." + std::string(name));
        }
        all.erase("s3.access-key-id");
        all.erase("client.access-key-id");
      }
    }
    for (const auto& [name, value] : *layer) {
      all[name] = value;
    }
  }
  return all;
}

class Reader {
 public:
  explicit Reader(PropertyMap properties) : properties_(std::move(properties)) {}

  std::string Text(std::string_view name) const {
    const auto found = properties_.find(name);
    return found == properties_.end() ? "" : found->second;
  }

  /// `s3.…`, or else what all clients of AWS have in common.
  std::string TextOfEither(const std::string& name) const {
    std::string text = Text("s3." + name);
    return text.empty() ? Text("client." + name) : text;
  }

  std::optional<bool> Boolean(std::string_view name) const {
    const std::string text = Text(name);
    const std::string word = ToLower(text);
    if (word.empty()) {
      return std::nullopt;
    }
    if (word != "true" && word != "false") {
      Fail(name, fmt::format("'{}'; expected true or false", text));
    }
    return word == "true";
  }

  std::optional<double> Seconds(std::string_view name) const {
    constexpr double kLongest = 86'400;
    const std::string text = Text(name);
    if (text.empty()) {
      return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Written so that NaN is refused.
    const bool is_good = error == std::errc() && end == text.data() + text.size() &&
                         value > 0 && value <= kLongest;
    if (!is_good) {
      Fail(name, fmt::format("'{}'; expected seconds, up to {}", text, kLongest));
    }
    return value;
  }

 private:
  PropertyMap properties_;
};

void CheckEndpoint(const std::string& endpoint) {
  const size_t scheme_end = endpoint.find("://");
  const std::string scheme =
      scheme_end == std::string::npos ? "" : ToLower(endpoint.substr(0, scheme_end));
  if ((scheme != "http" && scheme != "https") || endpoint.size() <= scheme_end + 3) {
    Fail("s3.endpoint",
         fmt::format("'{}'; expected an address such as https://s3.example.com", endpoint));
  }
}

void CheckKeys(const S3Settings& settings) {
  const bool has_secret = !settings.secret_access_key.empty();
  if (settings.access_key_id.empty() == has_secret) {
    Fail(has_secret ? "s3.secret-access-key" : "s3.access-key-id",
         has_secret ? "there without s3.access-key-id" : "there without s3.secret-access-key");
  }
}

}  // namespace

void CheckStorageProperties(const StorageProperties& properties) {
  for (const auto& [name, value] : properties) {
    if (std::ranges::find(kKnown, name) == kKnown.end()) {
      throw InvalidArgumentError(fmt::format("unknown storage property {}; known are {}", name,
                                             fmt::join(kKnown, ", ")));
    }
  }
}

S3Settings ParseS3Settings(const std::vector<const StorageProperties*>& layers) {
  const Reader reader(Merge(layers));
  S3Settings settings;
  settings.endpoint = reader.Text("s3.endpoint");
  while (settings.endpoint.ends_with('/')) {
    settings.endpoint.pop_back();
  }
  if (!settings.endpoint.empty()) {
    CheckEndpoint(settings.endpoint);
  }
  settings.region = reader.TextOfEither("region");
  settings.access_key_id = reader.TextOfEither("access-key-id");
  settings.secret_access_key = Secret(reader.TextOfEither("secret-access-key"));
  settings.session_token = Secret(reader.TextOfEither("session-token"));
  settings.anonymous = reader.Boolean("s3.anonymous").value_or(false);
  const std::optional<bool> path_style = reader.Boolean("s3.path-style-access");
  const std::optional<bool> is_virtual = reader.Boolean("s3.force-virtual-addressing");
  settings.path_style = path_style.value_or(!is_virtual.value_or(false));
  settings.connect_timeout_seconds = reader.Seconds("s3.connect-timeout");
  settings.request_timeout_seconds = reader.Seconds("s3.request-timeout");
  CheckKeys(settings);
  settings.needs_remote_signing = settings.access_key_id.empty() && !settings.anonymous &&
                                  reader.Boolean("s3.remote-signing-enabled").value_or(false);
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
