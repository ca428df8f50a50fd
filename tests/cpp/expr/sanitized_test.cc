// Filters in logs and spans: they tell what is compared, never with what.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "floe/expr/expression.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

std::string Sanitized(const char* filter) {
  return ParseExpression(filter)->ToSanitizedString();
}

TEST(SanitizedFilter, HidesEachLiteral) {
  EXPECT_EQ(Sanitized("a = 42 and not b < -1.75"),
            "(\"a\" = (2-digit-int) and not (\"b\" < (1-digit-float)))");
  EXPECT_EQ(Sanitized("day(t) >= '2024-01-31' or t < '2024-01-31T10:00:00+01:00'"),
            "(day(\"t\") >= (date) or \"t\" < (timestamp))");
  EXPECT_EQ(Sanitized("t = '23:59' or t is null"), "(\"t\" = (time) or \"t\" is null)");
  EXPECT_EQ(Sanitized("flag = true"), "\"flag\" = (boolean)");
  EXPECT_EQ(Sanitized("i in (1, 22, 333, 4444, 5)"),
            "\"i\" in ((1-digit-int), (2-digit-int), (3-digit-int), 2 more)");
  EXPECT_EQ(Sanitized("year(t) = '2024'"),
            "year(\"t\") = " + Sanitized("x = '2024'").substr(6));
}

TEST(SanitizedFilter, GivesEqualTextsEqualHashes) {
  const std::string hash = Sanitized("s = 'iceberg'").substr(6);
  EXPECT_EQ(hash, "(hash-481f22d9)") << "Murmur3, as buckets have it";
  EXPECT_EQ(Sanitized("s like 'iceberg%'"), "\"s\" like " + hash + "%");
  EXPECT_EQ(Sanitized("s = X'69636562657267'"), "\"s\" = " + hash);
  EXPECT_NE(Sanitized("s = 'Iceberg'").substr(6), hash);
}

TEST(SanitizedFilter, ShowsNoLiteralOfAnyType) {
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      const Field field{1, "c", type, false, "", {}};
      for (int i = 0; i < 30; ++i) {
        const std::string text = RandomFilter(rng, field, {})->ToSanitizedString();
        EXPECT_THAT(text, ::testing::Not(::testing::ContainsRegex("[=<>] [^(]|'"))) << text;
      }
    }
  }
}

}  // namespace
}  // namespace floe::testing
