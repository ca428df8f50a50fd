#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

/// How an S3 is reached, and as whom.
struct S3Settings {
  std::string endpoint;  ///< `http://host:port`; empty: AWS
  std::string region;    ///< empty: what AWS's SDK finds
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  bool anonymous = false;
  /// The catalog wants to sign requests itself, and nothing else is there to sign them with.
  bool needs_remote_signing = false;
  bool path_style =
      true;  ///< where there is an endpoint; AWS has the bucket in the host's name
  std::optional<double> connect_timeout_seconds;
  std::optional<double> request_timeout_seconds;

  bool operator==(const S3Settings&) const = default;
};

/// Throws InvalidArgumentError for a property of a storage that floe does not know.
void CheckStorageProperties(const StorageProperties& properties);

/// Reads `layers`, of which later ones stand above earlier ones. A key id comes with the secret
/// and the token of its own layer, never with those of another. Names that are not known are
/// skipped. Throws InvalidArgumentError, naming the property, for a value that can't be.
S3Settings ParseS3Settings(const std::vector<const StorageProperties*>& layers);

/// Where an object is.
struct S3Location {
  std::string bucket;
  std::string key;
};

/// Whether the location is of a scheme that means S3.
bool IsS3Location(std::string_view location);

/// Throws InvalidArgumentError for what names no object.
S3Location ParseS3Location(const std::string& location);

}  // namespace floe::inline v0
