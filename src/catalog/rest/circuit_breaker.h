#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "floe/base/environment.h"

namespace floe::inline v0 {

/// Keeps clients from a server that fails again and again.
///
/// Closed, every call passes. After `threshold` calls in a row that failed it is open, and none
/// does for `open_ms`. Then it is half open: one call passes, and what becomes of it closes the
/// circuit or opens it again. A threshold of 0 turns it off. Thread-safe.
class CircuitBreaker {
 public:
  CircuitBreaker(int threshold, int64_t open_ms, std::shared_ptr<Clock> clock);

  /// A call's way through. One that ends without a word counts as neither.
  class Pass {
   public:
    Pass(CircuitBreaker* breaker, bool is_probe) : breaker_(breaker), is_probe_(is_probe) {}
    ~Pass();
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&&) = delete;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    /// The one call that an open circuit lets through: it is not to be repeated.
    bool is_probe() const { return is_probe_; }
    void Succeeded();
    void Failed();

   private:
    CircuitBreaker* breaker_;  // null: has ended
    bool is_probe_;
  };

  /// Nothing if the circuit is open.
  std::optional<Pass> TryPass();

 private:
  void End(bool is_probe, std::optional<bool> succeeded);

  const int threshold_;
  const int64_t open_ms_;
  const std::shared_ptr<Clock> clock_;

  std::mutex mutex_;  // guards what follows
  int failures_ = 0;  ///< in a row
  int64_t open_until_ms_ = 0;
  bool is_probing_ = false;
};

/// The circuit breakers of servers, by scheme, host and port. Thread-safe.
class CircuitBreakers {
 public:
  CircuitBreakers(int threshold, int64_t open_ms, std::shared_ptr<Clock> clock);
  /// That of the server at `url`; lives as long as this.
  CircuitBreaker& Of(const std::string& url);

 private:
  const int threshold_;
  const int64_t open_ms_;
  const std::shared_ptr<Clock> clock_;

  std::mutex mutex_;  // guards what follows
  std::map<std::string, CircuitBreaker> breakers_;
};

}  // namespace floe::inline v0
