#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

/// Where a storage account is. An authority that begins with a dot follows the account's name;
/// the name is the first part of the path else.
struct AzureEndpoints {
  std::string blob_authority;
  std::string dfs_authority;
  std::string blob_scheme;
  std::string dfs_scheme;

  bool operator==(const AzureEndpoints&) const = default;
};

/// Who asks; all empty: whom Azure's client finds.
struct AzureCredentials {
  Secret account_key;
  Secret sas_token;  ///< without a question mark
  std::string tenant_id;
  std::string client_id;
  Secret client_secret;
  bool anonymous = false;

  bool operator==(const AzureCredentials&) const = default;
};

/// How storage accounts are reached, and as whom.
struct AzureSettings {
  std::string account_name;  ///< of locations that do not say theirs
  AzureEndpoints endpoints;  ///< empty: as the location says, and else Azure's
  AzureCredentials credentials;
  std::vector<std::pair<std::string, Secret>> sas_tokens;  ///< by an account's name
  std::string refused;  ///< a property that the catalog sets, and that floe can't follow

  bool operator==(const AzureSettings&) const = default;
};

/// A storage account as one client reaches it.
struct AzureAccount {
  std::string name;
  AzureEndpoints endpoints;
  AzureCredentials credentials;

  /// Where its signature says when it ends: then, since 1970.
  std::optional<int64_t> EndsAtMs() const;
  bool operator==(const AzureAccount&) const = default;
};

/// Where a blob is.
struct AzureLocation {
  std::string container;
  std::string host;  ///< of the account; empty: the one of the settings
  std::string key;

  /// The first part of the host.
  std::string AccountName() const;
};

/// Throws InvalidArgumentError for an `adls.` property that is unknown, UnsupportedError for
/// one that floe can't follow.
void CheckAzureProperties(const StorageProperties& properties);

/// Reads `layers`, of which later ones stand above earlier ones; who asks is taken from one
/// layer. Names that are not known are skipped. Throws InvalidArgumentError, naming the
/// property, for a value that can't be.
AzureSettings ParseAzureSettings(const std::vector<const StorageProperties*>& layers);

/// Whether the location is of a scheme that means Azure.
bool IsAzureLocation(std::string_view location);

/// Reads `abfss://container@account.dfs.core.windows.net/key` and `abfss://container/key`, with
/// any of the schemes. Throws InvalidArgumentError for what names no blob.
AzureLocation ParseAzureLocation(const std::string& location);

/// The account of a location. Credentials go to the account that they are of and to hosts that
/// are Azure's or that the settings name, to no others: throws InvalidArgumentError.
AzureAccount AccountOf(const AzureLocation& parsed, const AzureSettings& settings,
                       const std::string& location);

/// `account/container/key`, the same for all forms of a location, to compare begins by.
std::string AzurePrefix(const std::string& location, const AzureSettings& settings);

}  // namespace floe::inline v0
