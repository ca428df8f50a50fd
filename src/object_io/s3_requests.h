#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/aws_signature.h"
#include "http/http_client.h"
#include "object_io/s3_settings.h"

namespace arrow::fs {
class S3FileSystem;
}  // namespace arrow::fs

namespace floe::inline v0 {

/// Requests to a bucket that Arrow has not: signed with the credentials of its file system, at
/// the same address, through the same proxy. Thread-safe.
class S3Requests {
 public:
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  /// Does no I/O, but for what AWS's SDK does to find credentials. `http` is of
  /// MakeS3HttpClient(), with the same settings.
  S3Requests(std::shared_ptr<HttpClient> http, const arrow::fs::S3FileSystem& files,
             const S3Settings& settings, const std::string& bucket);

  /// Sends one request, about the bucket where `key` is empty. Heeds StopToken::Current().
  /// Throws UnsupportedError where libcurl is not there.
  HttpResult Send(HttpMethod method, std::string_view key, const Parameters& parameters,
                  std::string body = {});

  /// The same, and again after a while where that may help, as often as the settings say.
  HttpResult SendPatiently(HttpMethod method, std::string_view key,
                           const Parameters& parameters, const std::string& body);

 private:
  const S3Settings settings_;
  const std::shared_ptr<HttpClient> http_;
  const AwsSigner signer_;
  std::string root_;
};

/// Keeps connections for all buckets. Does no I/O.
std::shared_ptr<HttpClient> MakeS3HttpClient(const S3Settings& settings);

/// What an answer or the lack of one says in the words of Arrow's texts, for ReadS3Problem().
std::string S3TextOf(const HttpResult& result);

/// The texts of elements `name`, without entities, in their order.
std::vector<std::string> S3ElementTexts(std::string_view xml, std::string_view name);

/// The text of the first of them; empty if there is none.
std::string S3ElementText(std::string_view xml, std::string_view name);

}  // namespace floe::inline v0
