#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace floe::inline v0 {

/// Tells the time. Passed in wherever time matters, so that tests decide it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970-01-01T00:00:00Z.
  virtual int64_t NowMs() = 0;
  /// Waits; used for backoff only.
  virtual void SleepMs(int64_t milliseconds) = 0;
};

/// Source of random 64-bit numbers: ids, file names, jitter. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

/// What the engine takes from the outside world besides files: time and randomness.
/// Immutable and cheap to copy; never holds a null.
struct Environment {
  std::shared_ptr<Clock> clock;
  std::shared_ptr<Random> random;

  /// The system's clock and a random device.
  static Environment System();
};

/// A random (version 4) UUID in its 36-character form.
std::string MakeUuid(Random& random);

}  // namespace floe::inline v0
