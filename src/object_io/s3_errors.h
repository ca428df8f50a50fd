#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "object_io/s3_settings.h"

namespace floe::inline v0 {

/// What Arrow's text says that S3 answered.
struct S3Problem {
  enum class Kind : uint8_t {
    kNoSuchObject,
    kNoSuchBucket,
    kUnknownKeyId,  ///< the server has no such access key
    kWrongSecret,   ///< the signature is not what the server expects
    kExpired,       ///< of a session
    kWrongClock,    ///< of this machine, or the server
    kDenied,        ///< any other refusal
    kWrongRegion,   ///< the bucket is elsewhere
    kUnreachable,   ///< no connection, or it broke
    kBusy,          ///< the server asks for patience
    kFull,          ///< a quota or a disk
    kOther,
  };
  Kind kind = Kind::kOther;
  std::string code;     ///< `ACCESS_DENIED`; empty if the text has none
  int http_status = 0;  ///< 0: not said
};

/// Reads a text of Arrow's S3 file system: `… AWS Error CODE (HTTP status 400) during …
/// operation: message`. Codes decide, not words, but where a code is only in the message.
S3Problem ReadS3Problem(std::string_view text);

/// Throws the error that stands for `text`: StorageAccessError for a refusal, IoError else
/// (with ENOENT for what is not there), both with bucket, key, and what to check. `action` is a
/// verb
/// ("read"). Secrets of `settings` are left out.
[[noreturn]] void ThrowS3Error(std::string_view action, const std::string& location,
                               std::string_view text, const S3Settings& settings);

}  // namespace floe::inline v0
