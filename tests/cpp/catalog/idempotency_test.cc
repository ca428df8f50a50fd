#include "catalog/rest/idempotency.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "floe/base/environment.h"

namespace floe::testing {
namespace {

class Counter final : public Random {
 public:
  uint64_t Next() override { return ~++last_; }

 private:
  uint64_t last_ = 0;
};

TEST(Idempotency, KeysAreUuidsOfVersion7) {
  Counter random;
  // The time and the layout of RFC 9562, appendix A.6.
  EXPECT_EQ(MakeIdempotencyKey(0x017F22E279B0, random), "017f22e2-79b0-7ffe-bfff-fffffffffffd");
  EXPECT_NE(MakeIdempotencyKey(0, random), MakeIdempotencyKey(0, random));
}

TEST(Idempotency, LifetimesAreDurations) {
  EXPECT_EQ(ParseKeyLifetimeMs("PT30M"), 1'800'000);
  EXPECT_EQ(ParseKeyLifetimeMs("PT24H"), 86'400'000);
  EXPECT_EQ(ParseKeyLifetimeMs("P1DT1H1M1.5S"), 90'061'500);
  EXPECT_EQ(ParseKeyLifetimeMs("P2W"), 1'209'600'000);
  for (const char* none : {"", "P", "PT", "30M", "PT30", "PT-5M", "P1Y", "PTnanS", "PTinfS",
                           "PT1e300S", "PT0S", "PT5M!", "P1M"}) {
    EXPECT_EQ(ParseKeyLifetimeMs(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace floe::testing
