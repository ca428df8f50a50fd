#pragma once

#include <string>
#include <string_view>

#include "floe/base/secret.h"
#include "object_io/azure_settings.h"

namespace floe::inline v0 {

/// What a connection string says of a storage account; empty where it says nothing.
struct AzureConnectionString {
  std::string account_name;
  Secret account_key;
  Secret sas_token;  ///< without a question mark
  AzureEndpoints endpoints;
};

/// Reads `AccountName=…;AccountKey=…;BlobEndpoint=…`. Throws InvalidArgumentError for what is
/// not of that form, without showing it.
AzureConnectionString ParseAzureConnectionString(std::string_view text);

}  // namespace floe::inline v0
