#pragma once

#include <string>

namespace arrow::fs {
class S3FileSystem;
}  // namespace arrow::fs

namespace floe::inline v0 {

struct S3Settings;

/// Aborts the uploads of parts of an object that were begun and not ended, whoever began them:
/// for an object that nobody else writes. Arrow does not where the last part, or the request to
/// put them together, has failed. As far as possible: what fails is left to the bucket's rules
/// of lifecycle. Never throws.
void AbortS3Uploads(const arrow::fs::S3FileSystem& files, const S3Settings& settings,
                    const std::string& bucket, const std::string& key) noexcept;

}  // namespace floe::inline v0
