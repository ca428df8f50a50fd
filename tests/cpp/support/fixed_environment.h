#pragma once

#include <atomic>
#include <cstdint>

#include "floe/base/environment.h"

namespace floe::testing {

/// A clock that a test moves; sleeping moves it, too.
class FixedClock final : public Clock {
 public:
  int64_t NowMs() override { return now_ms_; }
  void SleepMs(int64_t milliseconds) override { now_ms_ += milliseconds; }
  void Set(int64_t now_ms) { now_ms_ = now_ms; }

 private:
  std::atomic<int64_t> now_ms_{1'700'000'000'000};
};

/// Random numbers that depend on the seed alone (SplitMix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override {
    uint64_t z = state_.fetch_add(0x9E3779B97F4A7C15U) + 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

 private:
  std::atomic<uint64_t> state_;
};

/// An environment in which every run is the same.
inline Environment FixedEnvironment(uint64_t seed = 1) {
  return {std::make_shared<FixedClock>(), std::make_shared<SeededRandom>(seed)};
}

}  // namespace floe::testing
