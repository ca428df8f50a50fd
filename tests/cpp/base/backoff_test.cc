#include "base/backoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "floe/base/environment.h"

namespace floe::testing {
namespace {

/// Always the same number.
class Fixed final : public Random {
 public:
  explicit Fixed(uint64_t number) : number_(number) {}
  uint64_t Next() override { return number_; }

 private:
  uint64_t number_;
};

std::vector<int64_t> Waits(uint64_t number) {
  Fixed random(number);
  std::vector<int64_t> waits;
  for (const int retry : {1, 2, 3, 4, 5, 6, 40}) {
    waits.push_back(JitteredWaitMs(retry, 100, 1'000, random));
  }
  return waits;
}

TEST(JitteredWait, IsAnyTimeUpToALimitThatDoubles) {
  EXPECT_THAT(Waits(0), ::testing::Each(0));
  EXPECT_THAT(Waits(100), ::testing::ElementsAre(100, 100, 100, 100, 100, 100, 100));
  EXPECT_THAT(Waits(101 * uint64_t{201} * 401 * 801 * 1001 - 1),
              ::testing::ElementsAre(100, 200, 400, 800, 1000, 1000, 1000));
}

TEST(JitteredWait, LeavesNoMoreToChanceThanItMay) {
  for (const uint64_t number : {0U, 25U, 50U}) {
    Fixed random(number);
    EXPECT_EQ(JitteredWaitMs(4, 100, 10'000, random, 0), 800);
    EXPECT_EQ(JitteredWaitMs(4, 100, 10'000, random, 50), 750 + static_cast<int64_t>(number));
    EXPECT_EQ(JitteredWaitMs(1, 100, 10'000, random, 500), static_cast<int64_t>(number));
  }
}

TEST(JitteredWait, CanBeNone) {
  Fixed random(12345);
  EXPECT_EQ(JitteredWaitMs(3, 0, 0, random), 0);
  EXPECT_EQ(JitteredWaitMs(3, 0, 1'000, random), 0);
  EXPECT_LE(JitteredWaitMs(1, 5'000, 1'000, random), 1'000);
}

}  // namespace
}  // namespace floe::testing
