#include "catalog/rest/circuit_breaker.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "support/fixed_environment.h"

namespace floe::testing {
namespace {

class CircuitBreakerTest : public ::testing::Test {
 protected:
  void Fail(int calls) {
    for (int i = 0; i < calls; ++i) {
      breaker_.TryPass().value().Failed();
    }
  }

  const std::shared_ptr<FixedClock> clock_ = std::make_shared<FixedClock>();
  CircuitBreaker breaker_{3, 1'000, clock_};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  breaker_.TryPass().value().Succeeded();
  Fail(2);
  EXPECT_TRUE(breaker_.TryPass());
  Fail(1);
  EXPECT_FALSE(breaker_.TryPass());
}

TEST_F(CircuitBreakerTest, LetsOneCallTry) {
  Fail(3);
  clock_->SleepMs(999);
  EXPECT_FALSE(breaker_.TryPass());
  clock_->SleepMs(1);
  std::optional<CircuitBreaker::Pass> probe = breaker_.TryPass();
  ASSERT_TRUE(probe);
  EXPECT_TRUE(probe->is_probe());
  EXPECT_FALSE(breaker_.TryPass()) << "while the first has not ended";
  probe->Succeeded();
  EXPECT_FALSE(breaker_.TryPass().value().is_probe());
}

TEST_F(CircuitBreakerTest, OpensAgainIfThatFails) {
  Fail(3);
  clock_->SleepMs(1'000);
  Fail(1);
  EXPECT_FALSE(breaker_.TryPass());
  clock_->SleepMs(1'000);
  EXPECT_TRUE(breaker_.TryPass());
}

TEST_F(CircuitBreakerTest, ACallThatIsGivenUpCountsAsNothing) {
  Fail(2);
  breaker_.TryPass().value();
  EXPECT_TRUE(breaker_.TryPass());
  Fail(1);
  clock_->SleepMs(1'000);
  breaker_.TryPass().value();
  EXPECT_TRUE(breaker_.TryPass()) << "another may try in its place";
}

TEST_F(CircuitBreakerTest, CanBeOff) {
  CircuitBreaker off(0, 1'000, clock_);
  for (int i = 0; i < 100; ++i) {
    off.TryPass().value().Failed();
  }
  EXPECT_TRUE(off.TryPass());
}

TEST_F(CircuitBreakerTest, IsOneForEachServer) {
  CircuitBreakers breakers(1, 1'000, clock_);
  breakers.Of("http://a:1/x/y").TryPass().value().Failed();
  EXPECT_FALSE(breakers.Of("http://a:1?z").TryPass());
  EXPECT_TRUE(breakers.Of("http://a:2/x/y").TryPass());
  EXPECT_TRUE(breakers.Of("https://a:1/x/y").TryPass());
}

}  // namespace
}  // namespace floe::testing
