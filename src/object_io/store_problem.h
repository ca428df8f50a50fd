#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace floe::inline v0 {

/// What a store answered in place of what was asked, from the text of its client.
struct StoreProblem {
  enum class Kind : uint8_t {
    kNoSuchObject,
    kNoSuchBucket,
    kUnauthenticated,  ///< the credentials are wrong, or have ended: it is not said which
    kUnknownKeyId,     ///< there is no such access key
    kWrongSecret,      ///< the signature is not what the store expects
    kExpired,          ///< they were right
    kWrongClock,       ///< of this machine, or the store
    kDenied,           ///< they are right, and may not do that
    kWrongRegion,      ///< the bucket is elsewhere
    kUnreachable,      ///< no connection, or it broke
    kBusy,             ///< the store asks for patience
    kFull,             ///< a quota or a disk
    kOther,
  };
  Kind kind = Kind::kOther;
  std::string code;     ///< the store's word for it; empty if the text has none
  int http_status = 0;  ///< 0: not said

  bool operator==(const StoreProblem&) const = default;
};

/// What the status of an answer means, where nothing else says more.
StoreProblem::Kind KindOfHttpStatus(int status);

/// Throws the error that stands for `problem`: StorageAccessError for a refusal, IoError else
/// (with ENOENT for what is not there).
[[noreturn]] void ThrowStoreProblem(const StoreProblem& problem, const std::string& message,
                                    const std::string& location);

/// The word of `text` after `mark`, up to one of `ends`; empty if there is no mark.
std::string_view WordAfter(std::string_view text, std::string_view mark, std::string_view ends);

/// The number at the begin of `text`; 0 if there is none.
int LeadingNumber(std::string_view text);

}  // namespace floe::inline v0
