#include "object_io/gcs_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/io/storage.h"
#include "object_io/object_path.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {
namespace {

using Use = StoreProperty::Use;

// PyIceberg's names and Java's.
constexpr std::array kKnown = std::to_array<StoreProperty>({
    {"gcs.access", Use::kRefused, "full_control"},
    {"gcs.analytics-core.enabled", Use::kTuning, "false"},
    {"gcs.cache-timeout", Use::kTuning, ""},
    {"gcs.channel.read.chunk-size-bytes", Use::kTuning, ""},
    {"gcs.channel.write.checksum-validation.enabled", Use::kTuning, "false"},
    {"gcs.channel.write.chunk-size-bytes", Use::kTuning, ""},
    {"gcs.channel.write.pcu.", Use::kTuning, ""},
    {"gcs.channel.write.temporary-paths", Use::kTuning, ""},
    {"gcs.channel.write.upload-type", Use::kTuning, "chunk_upload"},
    {"gcs.client-lib-token", Use::kTuning, ""},
    {"gcs.consistency", Use::kRefused, "none"},
    {"gcs.decryption-key", Use::kRefused, ""},
    {"gcs.default-bucket-location"},
    {"gcs.default-location"},
    {"gcs.delete.batch-size", Use::kTuning, ""},
    {"gcs.encryption-key", Use::kRefused, ""},
    {"gcs.endpoint"},
    {"gcs.impersonate.", Use::kRefused, ""},
    {"gcs.kms-key-name", Use::kRefused, ""},
    {"gcs.no-auth"},
    {"gcs.oauth2.refresh-credentials-enabled"},
    {"gcs.oauth2.refresh-credentials-endpoint", Use::kTuning, ""},
    {"gcs.oauth2.token"},
    {"gcs.oauth2.token-expires-at"},
    {"gcs.project-id"},
    {"gcs.request-timeout"},
    {"gcs.requester-pays", Use::kRefused, "false"},
    {"gcs.service.host"},
    {"gcs.session-kwargs", Use::kRefused, "{}"},
    {"gcs.user-project", Use::kRefused, ""},
    {"gcs.version-aware", Use::kRefused, "false"},
});

constexpr std::array kImpersonation = std::to_array<StoreProperty>({
    {"gcp.impersonate.", Use::kRefused, ""},
});

constexpr std::array<std::string_view, 3> kCredentials = {"gcs.no-auth", "gcs.oauth2.token",
                                                          "gcs.oauth2.token-expires-at"};
constexpr std::array<std::string_view, 2> kEndpoints = {"gcs.service.host", "gcs.endpoint"};
constexpr std::array<std::string_view, 2> kLocations = {"gcs.default-bucket-location",
                                                        "gcs.default-location"};
constexpr std::array<std::string_view, 2> kSchemes = {"gs://", "gcs://"};

}  // namespace

void CheckGcsProperties(const StorageProperties& properties) {
  CheckStoreProperties(properties, "gcs.", kKnown);
  CheckStoreProperties(properties, "gcp.", kImpersonation);
}

GcsSettings ParseGcsSettings(const std::vector<const StorageProperties*>& layers) {
  const LayeredProperties properties(layers, kCredentials);
  GcsSettings settings;
  settings.endpoint = CheckedEndpoint("gcs.service.host", properties.TextOfFirst(kEndpoints));
  settings.project_id = properties.Text("gcs.project-id");
  settings.default_location = properties.TextOfFirst(kLocations);
  settings.token = Secret(properties.Text("gcs.oauth2.token"));
  settings.token_expires_at_ms = properties.Milliseconds("gcs.oauth2.token-expires-at");
  settings.anonymous = properties.Boolean("gcs.no-auth").value_or(false);
  settings.request_timeout_seconds = properties.Seconds("gcs.request-timeout");
  if (settings.anonymous && !settings.token.empty()) {
    ThrowWrongProperty("gcs.no-auth", "true beside gcs.oauth2.token; give one of them");
  }
  if (settings.token_expires_at_ms && settings.token.empty()) {
    ThrowWrongProperty("gcs.oauth2.token-expires-at", "there without gcs.oauth2.token");
  }
  settings.refused = properties.FirstRefused(kKnown);
  if (settings.refused.empty()) {
    settings.refused = properties.FirstRefused(kImpersonation);
  }
  return settings;
}

bool IsGcsLocation(std::string_view location) {
  return std::ranges::any_of(
      kSchemes, [&](std::string_view scheme) { return location.starts_with(scheme); });
}

std::string GcsPath(const std::string& location) {
  const size_t begin = location.find("://") + 3;
  const size_t slash = location.find('/', begin);
  if (slash == std::string::npos || slash == begin || slash + 1 == location.size()) {
    throw InvalidArgumentError(
        fmt::format("location {} names no object; expected gs://bucket/key", location),
        {.path = location});
  }
  return JoinedObjectPath(location, std::string_view(location).substr(begin, slash - begin),
                          std::string_view(location).substr(slash + 1));
}

}  // namespace floe::inline v0
