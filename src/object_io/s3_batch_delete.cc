#include "object_io/s3_batch_delete.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "http/http_client.h"
#include "object_io/lent_credentials.h"
#include "object_io/s3_errors.h"
#include "object_io/s3_requests.h"
#include "object_io/s3_settings.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

constexpr int kOk = 200;
constexpr int kNotImplemented = 501;

using Locations = std::map<std::string, std::string>;

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string BodyOf(const Locations& locations) {
  std::string body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const auto& [key, location] : locations) {
    body += fmt::format("<Object><Key>{}</Key></Object>", Escaped(key));
  }
  return body + "</Delete>";
}

/// The message of the error that a text stands for.
std::string MessageOf(const std::string& location, std::string_view text,
                      const S3Settings& settings) {
  try {
    ThrowS3Error("delete", location, text, settings);
  } catch (const ExpiredCredentialsError&) {
    throw;
  } catch (const Error& error) {
    return error.message();
  }
}

std::vector<UndeletedFile> AllOf(const Locations& locations, std::string_view text,
                                 const S3Settings& settings) {
  std::vector<UndeletedFile> left;
  for (const auto& [key, location] : locations) {
    left.push_back({location, MessageOf(location, text, settings)});
  }
  return left;
}

/// What an answer names; nothing if it is none to what was asked.
std::optional<std::vector<UndeletedFile>> ReadErrors(std::string_view xml,
                                                     const Locations& locations,
                                                     const S3Settings& settings) {
  constexpr std::string_view kOpen = "<Error>";
  constexpr std::string_view kClose = "</Error>";
  if (xml.find("<DeleteResult") == std::string_view::npos) {
    return std::nullopt;
  }
  std::vector<UndeletedFile> left;
  for (size_t at = xml.find(kOpen); at != std::string_view::npos; at = xml.find(kOpen, at)) {
    const size_t end = std::min(xml.find(kClose, at), xml.size());
    const std::string_view error = xml.substr(at, end - at);
    at = end;
    const auto found = locations.find(S3ElementText(error, "Key"));
    if (found == locations.end()) {
      return std::nullopt;
    }
    const std::string text = fmt::format("AWS Error {}: {}", S3ElementText(error, "Code"),
                                         S3ElementText(error, "Message"));
    if (ReadS3Problem(text).kind != StoreProblem::Kind::kNoSuchObject) {
      left.push_back({found->second, MessageOf(found->second, text, settings)});
    }
  }
  return left;
}

/// Whether a store without DeleteObjects may say so.
bool MayBeUnknown(const HttpResponse& response, const StoreProblem& problem) {
  constexpr int kClientErrors = 400;
  constexpr int kServerErrors = 500;
  const bool is_refused = response.status >= kClientErrors && response.status < kServerErrors;
  return response.status == kNotImplemented ||
         (problem.kind == StoreProblem::Kind::kOther && is_refused);
}

}  // namespace

bool CanDeleteInBatch(const std::string& key) {
  constexpr unsigned char kFirstPrintable = 0x20;
  return std::ranges::all_of(
      key, [](const char c) { return static_cast<unsigned char>(c) >= kFirstPrintable; });
}

std::optional<std::vector<UndeletedFile>> TryDeleteS3Batch(S3Requests& requests,
                                                           const S3Settings& settings,
                                                           const Locations& locations) {
  const HttpResult result =
      requests.SendPatiently(HttpMethod::kPost, "", {{"delete", ""}}, BodyOf(locations));
  const std::string text = S3TextOf(result);
  const auto* const response = std::get_if<HttpResponse>(&result);
  if (response == nullptr) {
    if (std::get<HttpFailure>(result).kind == HttpFailure::Kind::kCancelled) {
      throw CancelledError("stopped while objects were deleted");
    }
    return AllOf(locations, text, settings);
  }
  if (response->status == kOk) {
    return ReadErrors(response->body, locations, settings);
  }
  if (MayBeUnknown(*response, ReadS3Problem(text))) {
    return std::nullopt;
  }
  return AllOf(locations, text, settings);
}

}  // namespace floe::inline v0
