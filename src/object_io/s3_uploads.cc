#include "object_io/s3_uploads.h"

#include <arrow/filesystem/s3fs.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "floe/base/environment.h"
#include "floe/base/secret.h"
#include "http/aws_signature.h"
#include "http/http_client.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kPatienceMs = 10'000;
constexpr int64_t kMostBytes = int64_t{1} << 20;

/// The key, with its slashes.
std::string EncodedPath(std::string_view path) {
  std::string encoded;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    encoded += "/" + PercentEncode(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return encoded;
}

/// The texts of elements `name`. What stands there is an id, without entities.
std::vector<std::string> TextsOf(std::string_view xml, const std::string& name) {
  const std::string open = "<" + name + ">";
  std::vector<std::string> texts;
  for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at)) {
    at += open.size();
    texts.emplace_back(xml.substr(at, std::min(xml.find('<', at), xml.size()) - at));
  }
  return texts;
}

class Uploads {
 public:
  Uploads(const arrow::fs::S3Options& options, const std::string& region,
          const std::string& bucket)
      : http_({.connect_timeout_ms = kPatienceMs,
               .read_timeout_ms = kPatienceMs,
               .max_response_bytes = kMostBytes}),
        signer_{.access_key_id = options.GetAccessKey(),
                .secret_access_key = Secret(options.GetSecretKey()),
                .session_token = Secret(options.GetSessionToken()),
                .region = region,
                .service = "s3"} {
    const bool is_aws = options.endpoint_override.empty();
    const std::string host =
        is_aws ? fmt::format("s3.{}.amazonaws.com", region) : options.endpoint_override;
    root_ = options.scheme + "://" +
            (options.force_virtual_addressing ? bucket + "." + host
                                              : host + "/" + PercentEncode(bucket));
  }

  void Abort(const std::string& key) {
    const std::string found =
        Send(HttpMethod::kGet, "/?" + MakeQuery({{"prefix", key}, {"uploads", ""}}));
    for (const std::string& id : TextsOf(found, "UploadId")) {
      Send(HttpMethod::kDelete, EncodedPath(key) + "?" + MakeQuery({{"uploadId", id}}));
    }
  }

 private:
  std::string Send(HttpMethod method, const std::string& target) {
    HttpRequest request{.method = method, .url = root_ + target, .timeout_ms = kPatienceMs};
    SignAwsRequest(signer_, Environment::System().clock->NowMs(), &request);
    HttpResult result = http_.Send(request);
    constexpr int kOk = 200;
    auto* response = std::get_if<HttpResponse>(&result);
    return response != nullptr && response->status == kOk ? std::move(response->body) : "";
  }

  HttpClient http_;
  const AwsSigner signer_;
  std::string root_;
};

}  // namespace

void AbortS3Uploads(const arrow::fs::S3FileSystem& files, const S3Settings& settings,
                    const std::string& bucket, const std::string& key) noexcept {
  if (settings.anonymous || !settings.proxy.empty()) {
    return;
  }
  try {
    Uploads(files.options(), files.region(), bucket).Abort(key);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch) as far as possible
  }
}

}  // namespace floe::inline v0
