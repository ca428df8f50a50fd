#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "floe/base/environment.h"
#include "floe/base/stop_token.h"

namespace floe::inline v0 {

/// Wait before retry number `retry` (1, 2, …): doubles from `min_ms` up to `max_ms`, and of
/// that a random share between a half and the whole, so that rivals drift apart.
inline int64_t BackoffMs(int retry, int64_t min_ms, int64_t max_ms, Random& random) {
  int64_t wait = min_ms;
  for (int i = 1; i < retry && wait < max_ms; ++i) {
    wait = wait > max_ms / 2 ? max_ms : wait * 2;
  }
  wait = std::min(wait, max_ms);
  const int64_t half = wait / 2;
  return wait == 0 ? 0
                   : half + static_cast<int64_t>(random.Next() %
                                                 static_cast<uint64_t>(wait - half + 1));
}

/// Wait before retry number `retry` of a call to a server: a random time up to a limit that
/// doubles from `min_ms` to `max_ms` ("full jitter"), so that many clients don't come at once.
/// Of the limit, no more than `jitter_ms` is left to chance.
inline int64_t JitteredWaitMs(int retry, int64_t min_ms, int64_t max_ms, Random& random,
                              int64_t jitter_ms = std::numeric_limits<int64_t>::max()) {
  int64_t limit = std::min(min_ms, max_ms);
  for (int i = 1; i < retry && limit < max_ms; ++i) {
    limit = limit > max_ms / 2 ? max_ms : limit * 2;
  }
  const int64_t chance = std::min(limit, jitter_ms);
  return limit - chance +
         static_cast<int64_t>(random.Next() % (static_cast<uint64_t>(chance) + 1));
}

/// Sleeps in short steps, so that a stop is heeded. Throws CancelledError.
inline void SleepUnlessStopped(int64_t wait_ms, Clock& clock, const StopToken& stop) {
  constexpr int64_t kStepMs = 50;
  while (wait_ms > 0) {
    stop.Poll();
    stop.ThrowIfStopped();
    clock.SleepMs(std::min(wait_ms, kStepMs));
    wait_ms -= kStepMs;
  }
}

}  // namespace floe::inline v0
