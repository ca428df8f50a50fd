#include "object_io/store_problem.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "object_io/lent_credentials.h"

namespace floe::inline v0 {
namespace {

using Kind = StoreProblem::Kind;

std::optional<int64_t> ErrnoOf(Kind kind) {
  switch (kind) {
    case Kind::kNoSuchObject:
    case Kind::kNoSuchBucket:
      return ENOENT;
    case Kind::kFull:
      return ENOSPC;
    case Kind::kUnreachable:
      return ECONNABORTED;
    case Kind::kBusy:
      return EAGAIN;
    case Kind::kUnauthenticated:
    case Kind::kUnknownKeyId:
    case Kind::kWrongSecret:
    case Kind::kExpired:
    case Kind::kWrongClock:
    case Kind::kDenied:
    case Kind::kWrongRegion:
    case Kind::kOther:
      return std::nullopt;
  }
  return std::nullopt;
}

bool IsRefusal(Kind kind) {
  switch (kind) {
    case Kind::kUnknownKeyId:
    case Kind::kWrongSecret:
    case Kind::kWrongClock:
    case Kind::kDenied:
      return true;
    case Kind::kUnauthenticated:
    case Kind::kExpired:
    case Kind::kNoSuchObject:
    case Kind::kNoSuchBucket:
    case Kind::kWrongRegion:
    case Kind::kUnreachable:
    case Kind::kBusy:
    case Kind::kFull:
    case Kind::kOther:
      return false;
  }
  return false;
}

/// Whether new credentials may help.
bool MayHaveEnded(Kind kind) {
  return kind == Kind::kUnauthenticated || kind == Kind::kExpired;
}

}  // namespace

Kind KindOfHttpStatus(int status) {
  switch (status) {
    case 401:
      return Kind::kUnauthenticated;
    case 403:
      return Kind::kDenied;
    case 404:
      return Kind::kNoSuchObject;
    case 408:
    case 502:
    case 504:
      return Kind::kUnreachable;
    case 429:
    case 503:
      return Kind::kBusy;
    case 507:
      return Kind::kFull;
    default:
      return Kind::kOther;
  }
}

void ThrowStoreProblem(const StoreProblem& problem, const std::string& message,
                       const std::string& location) {
  ErrorDetails details{.path = location, .errno_value = ErrnoOf(problem.kind)};
  if (problem.http_status != 0) {
    details.http_status = problem.http_status;
  }
  if (MayHaveEnded(problem.kind)) {
    throw ExpiredCredentialsError(message, std::move(details));
  }
  if (IsRefusal(problem.kind)) {
    throw StorageAccessError(message, std::move(details));
  }
  throw IoError(message, std::move(details));
}

std::string_view WordAfter(std::string_view text, std::string_view mark,
                           std::string_view ends) {
  const size_t begin = text.find(mark);
  if (begin == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = text.substr(begin + mark.size());
  return rest.substr(0, rest.find_first_of(ends));
}

int LeadingNumber(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace floe::inline v0
