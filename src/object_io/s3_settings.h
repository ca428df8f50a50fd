#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

/// How an S3 is reached, and as whom: by a key, as nobody, as a profile, in a role, or as AWS's
/// SDK finds in its variables and files.
struct S3Settings {
  std::string endpoint;  ///< `http://host:port`; empty: AWS
  std::string region;    ///< empty: what the profile says, or AWS's SDK finds
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  bool anonymous = false;
  std::string profile;   ///< of AWS's files; empty: none
  std::string role_arn;  ///< empty: none
  std::string role_session_name;
  std::string role_external_id;
  int role_seconds = 900;
  /// The catalog wants to sign requests itself, and nothing else is there to sign them with.
  bool needs_remote_signing = false;
  /// Whether the bucket is in the path, and not in the host's name; nothing: where there is an
  /// endpoint.
  std::optional<bool> path_style;
  std::optional<double> connect_timeout_seconds;
  std::optional<double> request_timeout_seconds;
  Secret proxy;  ///< its address, which may have a password in it; empty: none
  int max_retries = 5;
  int64_t min_wait_ms = 100;
  int64_t max_wait_ms = 20'000;
  bool renews_credentials = true;  ///< those that are lent
  bool is_lent = false;            ///< as whom is lent by the catalog; not of the properties
  /// What the catalog wants of objects that are written, and floe can't do: a property's name.
  std::string unsupported_for_writing;

  bool operator==(const S3Settings&) const = default;
};

/// Throws InvalidArgumentError for a property that nobody knows, and UnsupportedError for one
/// that PyIceberg or Java know and floe does not.
void CheckStorageProperties(const StorageProperties& properties);

/// Reads `layers`, of which later ones stand above earlier ones. As whom is of one layer, the
/// highest that says it: a key comes with its own secret and token, and without another's role.
/// Names that are not known are skipped. Throws InvalidArgumentError, naming the property, for
/// a value that can't be.
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
