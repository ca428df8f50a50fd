#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

/// How Google Cloud Storage is reached, and as whom.
struct GcsSettings {
  std::string endpoint;  ///< `http://host:port`; empty: Google's
  std::string project_id;
  std::string default_location;  ///< of buckets that are made
  Secret token;                  ///< of OAuth2; empty: what Google's client finds
  std::optional<int64_t> token_expires_at_ms;
  bool anonymous = false;
  std::optional<double> request_timeout_seconds;  ///< with all tries
  std::string refused;  ///< a property that the catalog sets, and that floe can't follow

  bool operator==(const GcsSettings&) const = default;
};

/// Throws InvalidArgumentError for a `gcs.` property that is unknown, UnsupportedError for one
/// that floe can't follow.
void CheckGcsProperties(const StorageProperties& properties);

/// Reads `layers`, of which later ones stand above earlier ones; who asks (`gcs.oauth2.token`,
/// `gcs.no-auth`) is taken from one layer. Names that are not known are skipped. Throws
/// InvalidArgumentError, naming the property, for a value that can't be.
GcsSettings ParseGcsSettings(const std::vector<const StorageProperties*>& layers);

/// Whether the location is of a scheme that means Google Cloud Storage.
bool IsGcsLocation(std::string_view location);

/// `bucket/key` of `gs://bucket/key`. Throws InvalidArgumentError for what names no object.
std::string GcsPath(const std::string& location);

}  // namespace floe::inline v0
