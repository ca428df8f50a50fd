#include "catalog/rest/circuit_breaker.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "floe/base/environment.h"

namespace floe::inline v0 {

CircuitBreaker::Pass::Pass(Pass&& other) noexcept
    : breaker_(std::exchange(other.breaker_, nullptr)), is_probe_(other.is_probe_) {}

CircuitBreaker::Pass::~Pass() {
  if (breaker_ != nullptr) {
    breaker_->End(is_probe_, std::nullopt);
  }
}

void CircuitBreaker::Pass::Succeeded() {
  std::exchange(breaker_, nullptr)->End(is_probe_, true);
}

void CircuitBreaker::Pass::Failed() { std::exchange(breaker_, nullptr)->End(is_probe_, false); }

CircuitBreaker::CircuitBreaker(int threshold, int64_t open_ms, std::shared_ptr<Clock> clock)
    : threshold_(threshold), open_ms_(open_ms), clock_(std::move(clock)) {}

std::optional<CircuitBreaker::Pass> CircuitBreaker::TryPass() {
  const std::lock_guard lock(mutex_);
  if (threshold_ == 0 || failures_ < threshold_) {
    return Pass(this, false);
  }
  if (is_probing_ || clock_->NowMs() < open_until_ms_) {
    return std::nullopt;
  }
  is_probing_ = true;
  return Pass(this, true);
}

void CircuitBreaker::End(bool is_probe, std::optional<bool> succeeded) {
  const std::lock_guard lock(mutex_);
  if (is_probe) {
    is_probing_ = false;
  }
  if (!succeeded) {
    return;
  }
  if (*succeeded) {
    failures_ = 0;
    return;
  }
  if (failures_ < threshold_) {
    ++failures_;
  }
  if (failures_ == threshold_) {
    open_until_ms_ = clock_->NowMs() + open_ms_;
  }
}

CircuitBreakers::CircuitBreakers(int threshold, int64_t open_ms, std::shared_ptr<Clock> clock)
    : threshold_(threshold), open_ms_(open_ms), clock_(std::move(clock)) {}

CircuitBreaker& CircuitBreakers::Of(const std::string& url) {
  const size_t host = url.find("://");
  const size_t end =
      host == std::string::npos ? std::string::npos : url.find_first_of("/?#", host + 3);
  const std::lock_guard lock(mutex_);
  return breakers_.try_emplace(url.substr(0, end), threshold_, open_ms_, clock_).first->second;
}

}  // namespace floe::inline v0
