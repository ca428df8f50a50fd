#include "floe/partition/transform.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "floe/base/decimal.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

/// True for the integers that truncation wraps from the smallest value to the largest.
bool Wraps(const Transform& transform, const Literal& value) {
  return transform.kind() == Transform::Kind::kTruncate &&
         (value.type().id() == TypeId::kInt || value.type().id() == TypeId::kLong) &&
         transform.Apply(value)->Compare(value) > 0;
}

TEST(Transform, ThatPreservesOrderDoes) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Transform& transform :
         {Transform::Identity(), Transform::Truncate(1), Transform::Truncate(4),
          Transform::Truncate(1'000'000), Transform::Year(), Transform::Month(),
          Transform::Day(), Transform::Hour()}) {
      for (const Type& type : AllPrimitiveTypes()) {
        if (!transform.CanApplyTo(type)) {
          continue;
        }
        SCOPED_TRACE(transform.ToString() + " of " + type.ToString() + ", seed " +
                     std::to_string(seed));
        ASSERT_TRUE(transform.preserves_order());
        for (int i = 0; i < 500; ++i) {
          const Literal a = RandomLiteral(rng, type);
          const Literal b = RandomLiteral(rng, type);
          if (a.Compare(b) <= 0 && !Wraps(transform, a) && !Wraps(transform, b)) {
            EXPECT_TRUE(transform.Apply(a)->Compare(*transform.Apply(b)) <= 0)
                << a.ToString() << " " << b.ToString();
          }
        }
      }
    }
  }
}

TEST(Transform, ResultsHaveTheResultTypeAndATextForPaths) {
  Rng rng(1);
  for (const Type& type : AllPrimitiveTypes()) {
    for (const Transform& transform :
         {Transform::Identity(), Transform::Bucket(5), Transform::Truncate(3),
          Transform::Year(), Transform::Month(), Transform::Day(), Transform::Hour()}) {
      if (!transform.CanApplyTo(type)) {
        continue;
      }
      for (int i = 0; i < 100; ++i) {
        const auto made = transform.Apply(RandomLiteral(rng, type));
        ASSERT_TRUE(made);
        EXPECT_EQ(made->type(), transform.ResultType(type));
        EXPECT_EQ(transform.ToHumanString(made).empty(),
                  made->value() == Literal::Value(std::string()));
        if (transform.kind() == Transform::Kind::kBucket) {
          EXPECT_GE(made->get<int32_t>(), 0);
          EXPECT_LT(made->get<int32_t>(), 5);
        }
      }
    }
  }
}

TEST(Transform, EndsOfTheRangesAreFine) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto of = [](const Transform& transform, int64_t micros) {
    return transform.Apply(Literal::Timestamp(micros, false))->get<int32_t>();
  };
  EXPECT_EQ(of(Transform::Year(), kMin), -290'308 - 1970);
  EXPECT_EQ(of(Transform::Year(), kMax), 294'247 - 1970);
  EXPECT_EQ(of(Transform::Month(), kMax), (294'247 - 1970) * 12);
  EXPECT_EQ(of(Transform::Day(), kMin), -106'751'992);
  // More hours than an int can count stay at its ends, so that their order is kept.
  EXPECT_EQ(of(Transform::Hour(), kMin), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(of(Transform::Hour(), kMax), std::numeric_limits<int32_t>::max());
  EXPECT_EQ(Transform::Year().Apply(Literal::Date(std::numeric_limits<int32_t>::min())),
            Literal::Int(-5'877'641 - 1970));
  EXPECT_EQ(Transform::Truncate(10).Apply(Literal::Long(kMin)), Literal::Long(kMax - 1));
  EXPECT_EQ(Transform::Truncate(10).Apply(Literal::Decimal(1 - PowerOfTen(38), 38, 0)),
            Literal::Decimal(-PowerOfTen(38), 38, 0));
}

TEST(Transform, TextRoundTripsAndEqualityHasTheParameter) {
  for (const char* text : {"identity", "void", "year", "month", "day", "hour", "bucket[1]",
                           "bucket[2147483647]", "truncate[7]"}) {
    EXPECT_EQ(Transform::Parse(text).ToString(), text);
  }
  EXPECT_EQ(Transform::Parse("BUCKET[3]"), Transform::Bucket(3));
  EXPECT_NE(Transform::Bucket(3), Transform::Bucket(4));
  EXPECT_NE(Transform::Bucket(3), Transform::Truncate(3));
  for (const char* bad : {"", "bucket", "bucket[]", "bucket[x]", "bucket[3", "bucket3]",
                          "bucket[3]x", "bucket[ 3]", "bucket[+3]", "bucket[3.5]",
                          "bucket[99999999999999999999]", "years", "month[2]", "identity "}) {
    EXPECT_EQ(WhatThrows([&] { Transform::Parse(bad); }).class_name, "ParseError") << bad;
  }
  for (const char* bad : {"bucket[0]", "truncate[-1]", "bucket[2147483648]"}) {
    EXPECT_EQ(WhatThrows([&] { Transform::Parse(bad); }).class_name, "InvalidArgumentError");
  }
}

TEST(Transform, KeepsItsValuesWhereAColumnIsPromoted) {
  const Type date = Type::Of(TypeId::kDate);
  const Type timestamp = Type::Of(TypeId::kTimestamp);
  const Type integer = Type::Of(TypeId::kInt);
  const Type wide = Type::Of(TypeId::kLong);
  for (const Transform& transform : {Transform::Identity(), Transform::Bucket(4)}) {
    EXPECT_TRUE(transform.KeepsValues(integer, wide));
    EXPECT_TRUE(transform.KeepsValues(Type::Decimal(4, 2), Type::Decimal(9, 2)));
    EXPECT_FALSE(transform.KeepsValues(date, timestamp)) << "days are no microseconds";
    EXPECT_FALSE(transform.KeepsValues(date, Type::Of(TypeId::kTimestampNs)));
  }
  EXPECT_TRUE(Transform::Truncate(10).KeepsValues(integer, wide));
  EXPECT_TRUE(Transform::Month().KeepsValues(date, timestamp));
  EXPECT_TRUE(Transform::Day().KeepsValues(date, Type::Of(TypeId::kTimestampNs)));
  EXPECT_TRUE(Transform::Void().KeepsValues(date, timestamp));
  EXPECT_TRUE(Transform::Identity().KeepsValues(Type::Of(TypeId::kUnknown), wide));
  EXPECT_FALSE(Transform::Identity().KeepsValues(Type::Of(TypeId::kUnknown), Type::Geometry()));
  EXPECT_FALSE(Transform::Unknown("zorder").KeepsValues(integer, wide)) << "nobody knows";
  EXPECT_NE(Transform::Unknown("zorder"), Transform::Unknown("hilbert"));
  EXPECT_EQ(Transform::Unknown("zorder"), Transform::Unknown("zorder"));
}

}  // namespace
}  // namespace floe::testing
