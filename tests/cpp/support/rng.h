#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/fixed_environment.h"

namespace floe::testing {

/// Random choices that depend on the seed alone.
class Rng {
 public:
  explicit Rng(uint64_t seed) : random_(seed) {}

  uint64_t Next() { return random_.Next(); }
  /// 0 to `count` − 1.
  uint64_t Below(uint64_t count) { return Next() % count; }
  size_t Index(size_t count) { return static_cast<size_t>(Below(count)); }
  /// `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  template <class T>
  const T& Pick(const std::vector<T>& from) {
    return from[Index(from.size())];
  }
  std::string Bytes(size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
      bytes.push_back(static_cast<char>(Next()));
    }
    return bytes;
  }

 private:
  SeededRandom random_;
};

/// The seeds that a property test runs with: `rounds` fixed ones, or the one that the
/// environment variable FLOE_TEST_SEED gives. Tests name the seed in what they report.
inline std::vector<uint64_t> Seeds(uint64_t rounds) {
  if (const char* text = std::getenv("FLOE_TEST_SEED")) {  // NOLINT(concurrency-mt-unsafe)
    return {std::strtoull(text, nullptr, 10)};
  }
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 1; seed <= rounds; ++seed) {
    seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace floe::testing
