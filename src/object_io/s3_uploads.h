#pragma once

#include <string>

namespace floe::inline v0 {

class S3Requests;

/// Aborts the uploads of parts of an object that were begun and not ended, whoever began them:
/// for an object that nobody else writes. Arrow does not where the last part, or the request to
/// put them together, has failed, nor where the answer to the begin was lost and another was
/// begun. As far as possible, each request once: what fails is left to the bucket's rules of
/// lifecycle. Heeds no StopToken. Never throws.
void AbortS3Uploads(S3Requests& requests, const std::string& key) noexcept;

/// Deletes an object whose writing has failed, and which may be there all the same; as above.
void DeleteS3Leftover(S3Requests& requests, const std::string& key) noexcept;

}  // namespace floe::inline v0
