#pragma once

#include <string>

#include "floe/base/secret.h"

namespace floe::inline v0 {

/// What a profile of AWS's files says.
struct AwsProfile {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;
  std::string region;  ///< empty: not said
};

/// Reads `[name]` of the credentials file and `[profile name]` of the configuration: those that
/// `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE` name, or `~/.aws/credentials` and
/// `~/.aws/config`; the first stands above. Throws InvalidArgumentError if there is no such
/// profile, and UnsupportedError if it has no keys but asks for them elsewhere (a role, SSO, a
/// process).
AwsProfile ReadAwsProfile(const std::string& name);

/// The profile in the texts of the two files; `where` names them in messages.
AwsProfile ParseAwsProfile(const std::string& name, const std::string& credentials,
                           const std::string& configuration, const std::string& where);

}  // namespace floe::inline v0
