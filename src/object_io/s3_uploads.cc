#include "object_io/s3_uploads.h"

#include <exception>
#include <string>
#include <variant>

#include "floe/base/stop_token.h"
#include "http/http_client.h"
#include "object_io/s3_requests.h"

namespace floe::inline v0 {

void AbortS3Uploads(S3Requests& requests, const std::string& key) noexcept {
  constexpr int kOk = 200;
  try {
    const StopScope goes_on{StopToken()};
    const HttpResult found =
        requests.Send(HttpMethod::kGet, "", {{"prefix", key}, {"uploads", ""}});
    const auto* const response = std::get_if<HttpResponse>(&found);
    if (response == nullptr || response->status != kOk) {
      return;
    }
    for (const std::string& id : S3ElementTexts(response->body, "UploadId")) {
      static_cast<void>(requests.Send(HttpMethod::kDelete, key, {{"uploadId", id}}));
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch) as far as possible
  }
}

void DeleteS3Leftover(S3Requests& requests, const std::string& key) noexcept {
  try {
    const StopScope goes_on{StopToken()};
    static_cast<void>(requests.Send(HttpMethod::kDelete, key, {}));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch) as far as possible
  }
}

}  // namespace floe::inline v0
