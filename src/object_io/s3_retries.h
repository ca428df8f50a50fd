#pragma once

#include <memory>

namespace arrow::fs {
class S3RetryStrategy;
}  // namespace arrow::fs

namespace floe::inline v0 {

struct S3Settings;

/// Repeats what the SDK says can be repeated (no connection, 500, 503), as often as `settings`
/// say, after a random time up to a limit that doubles from `min_wait_ms` to `max_wait_ms`;
/// where a server asks for patience (SlowDown), the limit begins five times as high.
std::shared_ptr<arrow::fs::S3RetryStrategy> MakeS3Retries(const S3Settings& settings);

}  // namespace floe::inline v0
