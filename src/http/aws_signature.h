#pragma once

#include <cstdint>
#include <string>

#include "floe/base/secret.h"
#include "http/http_client.h"

namespace floe::inline v0 {

/// Who signs, and for which service.
struct AwsSigner {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< empty: none
  std::string region;
  std::string service;
};

/// The value of the `Authorization` header by AWS's Signature Version 4 for a request with all
/// its headers, `Host` and `X-Amz-Date` among them, each of which is signed. The path is
/// normalized and encoded once more, as all services but S3 (`s3`) have it.
std::string MakeAwsAuthorization(const AwsSigner& signer, const HttpRequest& request);

/// Signs a request: adds `Host`, `X-Amz-Date`, `X-Amz-Content-Sha256`, `X-Amz-Security-Token`
/// and `Authorization`. An `Authorization` that it has becomes `Original-Authorization`.
void SignAwsRequest(const AwsSigner& signer, int64_t now_ms, HttpRequest* request);

}  // namespace floe::inline v0
