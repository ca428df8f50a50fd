#include "floe/base/environment.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>

namespace floe::inline v0 {
namespace {

class SystemClock final : public Clock {
 public:
  int64_t NowMs() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  void SleepMs(int64_t milliseconds) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
};

/// Asks the kernel each time: safe across fork and threads, and rarely called.
class SystemRandom final : public Random {
 public:
  uint64_t Next() override {
    uint64_t value = 0;
    if (getrandom(&value, sizeof(value), 0) == static_cast<ssize_t>(sizeof(value))) {
      return value;
    }
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32U) | device();
  }
};

}  // namespace

Environment Environment::System() {
  return {std::make_shared<SystemClock>(), std::make_shared<SystemRandom>()};
}

std::string MakeUuid(Random& random) {
  const uint64_t high = (random.Next() & ~uint64_t{0xF000}) | uint64_t{0x4000};
  const uint64_t low = (random.Next() & ~(uint64_t{3} << 62U)) | (uint64_t{1} << 63U);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U,
                     (high >> 16U) & 0xFFFFU, high & 0xFFFFU, low >> 48U,
                     low & 0xFFFFFFFFFFFFU);
}

}  // namespace floe::inline v0
