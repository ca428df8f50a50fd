#include "object_io/s3_retries.h"

#include <arrow/filesystem/s3fs.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/backoff.h"
#include "floe/base/environment.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

constexpr std::array kAskForPatience = std::to_array<std::string_view>(
    {"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded",
     "ServiceUnavailable"});

class Retries final : public arrow::fs::S3RetryStrategy {
 public:
  explicit Retries(const S3Settings& settings)
      : max_retries_(settings.max_retries),
        min_wait_ms_(settings.min_wait_ms),
        max_wait_ms_(settings.max_wait_ms) {}

  bool ShouldRetry(const AWSErrorDetail& error, int64_t attempted_retries) override {
    return error.should_retry && attempted_retries < max_retries_;
  }

  int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail& error,
                                        int64_t attempted_retries) override {
    constexpr int64_t kPatience = 5;
    const bool is_patient =
        std::ranges::find(kAskForPatience, error.exception_name) != kAskForPatience.end();
    const auto retry = static_cast<int>(std::min<int64_t>(attempted_retries, max_retries_)) + 1;
    return JitteredWaitMs(retry, is_patient ? kPatience * min_wait_ms_ : min_wait_ms_,
                          max_wait_ms_, *random_);
  }

 private:
  const int64_t max_retries_;
  const int64_t min_wait_ms_;
  const int64_t max_wait_ms_;
  const std::shared_ptr<Random> random_ = Environment::System().random;
};

}  // namespace

std::shared_ptr<arrow::fs::S3RetryStrategy> MakeS3Retries(const S3Settings& settings) {
  return std::make_shared<Retries>(settings);
}

}  // namespace floe::inline v0
