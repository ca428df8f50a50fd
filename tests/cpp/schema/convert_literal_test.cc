// A literal of one type compared with values of another: the conversion must not change which
// values the comparison holds for.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

using Kind = ConvertedLiteral::Kind;

constexpr int kCommonScale = 6;

/// An exact number as value × 10^6; literals here have at most six fraction digits.
Int128 Scaled(const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kInt:
      return static_cast<Int128>(literal.get<int32_t>()) * PowerOfTen(kCommonScale);
    case TypeId::kLong:
      return static_cast<Int128>(literal.get<int64_t>()) * PowerOfTen(kCommonScale);
    case TypeId::kDouble:
      return static_cast<Int128>(literal.get<double>() * 1e6);  // of a few digits, see below
    default:
      return literal.get<Int128>() * PowerOfTen(kCommonScale - literal.type().scale());
  }
}

/// Where the literal lies against `value`, as its conversion tells.
std::strong_ordering OrderAfterConversion(const Literal& value, const ConvertedLiteral& to) {
  switch (to.kind) {
    case Kind::kAboveMax:
      return std::strong_ordering::less;
    case Kind::kBelowMin:
      return std::strong_ordering::greater;
    case Kind::kExact:
      return value.Compare(*to.value);
    case Kind::kFloor:
      break;
  }
  return value.Compare(*to.value) <= 0 ? std::strong_ordering::less
                                       : std::strong_ordering::greater;
}

Literal RandomNumber(Rng& rng) {
  switch (rng.Below(4)) {
    case 0:
      return RandomLiteral(rng, Type::Of(TypeId::kInt));
    case 1:
      return RandomLiteral(rng, Type::Of(TypeId::kLong));
    case 2:
      return Literal::Double(static_cast<double>(rng.Between(-800'000, 800'000)) / 8);
    default: {
      const auto scale = static_cast<int>(rng.Below(7));
      const auto digits = static_cast<int>(rng.Between(scale, 26));
      return RandomLiteral(rng, Type::Decimal(std::max(1, digits), scale));
    }
  }
}

TEST(ConvertLiteral, KeepsTheOrderAgainstEveryValueOfTheColumn) {
  const std::vector<Type> columns = {Type::Of(TypeId::kInt), Type::Of(TypeId::kLong),
                                     Type::Decimal(1, 0),    Type::Decimal(9, 2),
                                     Type::Decimal(18, 5),   Type::Decimal(26, 6)};
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& column : columns) {
      SCOPED_TRACE(column.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 2'000; ++i) {
        const Literal written = RandomNumber(rng);
        const Literal value = RandomLiteral(rng, column);
        const auto converted = ConvertLiteral(written, column);
        ASSERT_TRUE(converted);
        const Int128 left = Scaled(value);
        const Int128 right = Scaled(written);
        const auto expected = left < right   ? std::strong_ordering::less
                              : left > right ? std::strong_ordering::greater
                                             : std::strong_ordering::equal;
        EXPECT_TRUE(OrderAfterConversion(value, *converted) == expected)
            << value.ToString() << " against " << written.ToString() << " of type "
            << written.type().ToString();
      }
    }
  }
}

TEST(ConvertLiteral, TimestampsAgainstDatesRoundDown) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const int64_t micros : {kMin, kMin + 1, kMax, int64_t{0}, int64_t{-1}, int64_t{1},
                               -kMicrosPerDay, kMicrosPerDay, kMicrosPerDay - 1}) {
    const auto date =
        ConvertLiteral(Literal::Timestamp(micros, false), Type::Of(TypeId::kDate));
    ASSERT_TRUE(date && date->value);
    EXPECT_EQ(date->value->get<int32_t>(), FloorDivide(micros, kMicrosPerDay)) << micros;
    EXPECT_EQ(date->kind, micros % kMicrosPerDay == 0 ? Kind::kExact : Kind::kFloor) << micros;
  }
}

TEST(ConvertLiteral, DatesAgainstTimestampsAreMidnightOrOutOfRange) {
  const Type timestamp = Type::Of(TypeId::kTimestamp);
  EXPECT_EQ(ConvertLiteral(Literal::Date(-1), timestamp)->value,
            Literal::Timestamp(-kMicrosPerDay, false));
  EXPECT_EQ(ConvertLiteral(Literal::Date(INT32_MAX), timestamp)->kind, Kind::kAboveMax);
  EXPECT_EQ(ConvertLiteral(Literal::Date(INT32_MIN), timestamp)->kind, Kind::kBelowMin);
}

TEST(ConvertLiteral, WhatHasNoMeaningIsNone) {
  const Literal zoned = Literal::Timestamp(0, true);
  const Literal unzoned = Literal::Timestamp(0, false);
  const Literal text = Literal::String("x");
  struct Pair {
    Literal from;
    Type to;
  };
  for (const Pair& pair : std::vector<Pair>{
           {zoned, Type::Of(TypeId::kTimestamp)},
           {unzoned, Type::Of(TypeId::kTimestamptz)},
           {zoned, Type::Of(TypeId::kDate)},
           {Literal::Long(1), Type::Of(TypeId::kString)},
           {Literal::Long(1), Type::Of(TypeId::kBoolean)},
           {Literal::Boolean(true), Type::Of(TypeId::kInt)},
           {text, Type::Of(TypeId::kInt)},
           {text, Type::Of(TypeId::kDate)},
           {text, Type::Of(TypeId::kUuid)},
           {text, Type::Fixed(2)},
           {text, Type::Of(TypeId::kBoolean)},
           {Literal::String("2024-01-01T00:00:00"), Type::Of(TypeId::kTimestamptz)},
           {Literal::String("2024-01-01T00:00:00Z"), Type::Of(TypeId::kTimestamp)},
           {Literal::String("nan"), Type::Of(TypeId::kDouble)},
           {Literal::Double(std::numeric_limits<double>::quiet_NaN()), Type::Of(TypeId::kLong)},
           {Literal::Double(1), Type::Of(TypeId::kDate)},
           {Literal::Binary("xy"), Type::Of(TypeId::kString)},
           {Literal::Binary("xy"), Type::Fixed(3)},
           {Literal::Binary("xy"), Type::Of(TypeId::kUuid)},
           {Literal::Date(0), Type::Of(TypeId::kTimestamptz)},
           {Literal::Date(0), Type::Of(TypeId::kInt)}}) {
    EXPECT_FALSE(ConvertLiteral(pair.from, pair.to))
        << pair.from.ToString() << " (" << pair.from.type().ToString() << ") to "
        << pair.to.ToString();
  }
}

TEST(ConvertLiteral, DoublesBeyondATypeAreOutOfItsRange) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (const Type& type :
       {Type::Of(TypeId::kInt), Type::Of(TypeId::kLong), Type::Decimal(38, 0)}) {
    for (const double large : {kInf, 1e300, 1e39}) {
      EXPECT_EQ(ConvertLiteral(Literal::Double(large), type)->kind, Kind::kAboveMax) << large;
      EXPECT_EQ(ConvertLiteral(Literal::Double(-large), type)->kind, Kind::kBelowMin) << large;
    }
    const auto tiny = ConvertLiteral(Literal::Double(-5e-324), type);
    EXPECT_EQ(tiny->kind, Kind::kFloor);
    EXPECT_EQ(tiny->value->ToString(), "-1");
    EXPECT_EQ(ConvertLiteral(Literal::Double(5e-324), type)->value->ToString(), "0");
    EXPECT_EQ(ConvertLiteral(Literal::Double(-0.0), type)->kind, Kind::kExact);
  }
  const Type single = Type::Of(TypeId::kFloat);
  EXPECT_EQ(ConvertLiteral(Literal::Double(kInf), single)->kind, Kind::kExact);
  EXPECT_EQ(ConvertLiteral(Literal::Double(1e39), single)->kind, Kind::kFloor);
  EXPECT_EQ(ConvertLiteral(Literal::Double(-1e39), single)->value,
            Literal::Float(-std::numeric_limits<float>::infinity()));
}

}  // namespace
}  // namespace floe::testing
