#include "floe/schema/literal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "floe/schema/type.h"
#include "schema/uuid.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

TEST(Literal, BinaryFormRoundTripsForEveryType) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 300; ++i) {
        const Literal value = RandomLiteral(rng, type);
        const std::string bytes = value.ToBytes();
        const auto read = LiteralFromBytes(type, bytes);
        ASSERT_TRUE(read) << ToHex(bytes);
        EXPECT_EQ(*read, value) << value.ToString();
        EXPECT_EQ(read->ToBytes(), bytes);
      }
    }
  }
}

TEST(Literal, BytesOfAnImpossibleLengthAreNone) {
  Rng rng(1);
  for (const Type& type : AllPrimitiveTypes()) {
    std::vector<size_t> possible;
    for (size_t size = 0; size <= 20; ++size) {
      const auto read = LiteralFromBytes(type, rng.Bytes(size));
      if (read) {
        possible.push_back(size);
      }
    }
    const auto expected = [&]() -> std::vector<size_t> {
      switch (type.id()) {
        case TypeId::kBoolean:
          return {1};
        case TypeId::kInt:
        case TypeId::kFloat:
        case TypeId::kDate:
          return {4};
        case TypeId::kLong:    // was an int
        case TypeId::kDouble:  // was a float
          return {4, 8};
        case TypeId::kTime:
        case TypeId::kTimestamp:
        case TypeId::kTimestamptz:
          return {8};
        case TypeId::kUuid:
          return {16};
        case TypeId::kFixed:
          return {static_cast<size_t>(type.length())};
        default: {
          std::vector<size_t> all;
          const bool decimal = type.id() == TypeId::kDecimal;
          for (size_t size = decimal ? 1 : 0; size <= (decimal ? 16U : 20U); ++size) {
            all.push_back(size);
          }
          return all;
        }
      }
    }();
    EXPECT_EQ(possible, expected) << type.ToString();
  }
}

TEST(Literal, BytesOfAPromotedTypeAreWidened) {
  EXPECT_EQ(LiteralFromBytes(Type::Of(TypeId::kLong), Literal::Int(-5).ToBytes()),
            Literal::Long(-5));
  EXPECT_EQ(LiteralFromBytes(Type::Of(TypeId::kDouble), Literal::Float(-0.5F).ToBytes()),
            Literal::Double(-0.5));
  EXPECT_EQ(LiteralFromBytes(Type::Decimal(20, 2), Literal::Decimal(-150, 4, 2).ToBytes()),
            Literal::Decimal(-150, 20, 2));
}

TEST(Literal, OrderIsTotalAndThatOfTheValues) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 200; ++i) {
        const Literal a = RandomLiteral(rng, type);
        const Literal b = RandomLiteral(rng, type);
        const Literal c = RandomLiteral(rng, type);
        EXPECT_TRUE(a.Compare(b) == (0 <=> b.Compare(a)));
        if (a.Compare(b) <= 0 && b.Compare(c) <= 0) {
          EXPECT_TRUE(a.Compare(c) <= 0);
        }
        EXPECT_EQ(a == b, a.ToBytes() == b.ToBytes());
      }
    }
  }
}

TEST(Literal, FloatsAreInTotalOrder) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  const std::vector<double> sorted = {-kNan, -kInf, -1e308, -1,   -0.0,
                                      0.0,   1,     1e308,  kInf, kNan};
  for (size_t i = 0; i + 1 < sorted.size(); ++i) {
    EXPECT_TRUE(Literal::Double(sorted[i]).Compare(Literal::Double(sorted[i + 1])) < 0) << i;
    EXPECT_TRUE(Literal::Float(static_cast<float>(sorted[i]))
                    .Compare(Literal::Float(static_cast<float>(sorted[i + 1]))) <= 0)
        << i;
  }
  EXPECT_TRUE(Literal::Double(-kNan).is_nan());
  EXPECT_FALSE(Literal::Double(kInf).is_nan());
  EXPECT_FALSE(Literal::Long(0).is_nan());
}

TEST(Literal, TextsAreOrderedAsUnsignedBytes) {
  const std::vector<std::string> sorted = {
      "", "a", "a\x7f", "b", "é", "\xEE\x80\x80", "\xF0\x9F\x98\x80", "\xff"};
  for (size_t i = 0; i + 1 < sorted.size(); ++i) {
    EXPECT_TRUE(Literal::String(sorted[i]).Compare(Literal::String(sorted[i + 1])) < 0) << i;
    EXPECT_TRUE(Literal::Binary(sorted[i]).Compare(Literal::Binary(sorted[i + 1])) < 0) << i;
  }
}

TEST(Literal, ItsTextReadsBackAsTheSameValue) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      if (type.id() == TypeId::kFixed || type.id() == TypeId::kBinary) {
        continue;  // their text is hexadecimal, which is a text of its own
      }
      for (int i = 0; i < 300; ++i) {
        const Literal value = RandomLiteral(rng, type);
        const auto read = ConvertLiteral(Literal::String(value.ToString()), type);
        if (value.is_nan()) {
          EXPECT_FALSE(read);
          continue;
        }
        ASSERT_TRUE(read) << value.ToString();
        EXPECT_EQ(read->kind, ConvertedLiteral::Kind::kExact);
        EXPECT_EQ(read->value, value) << value.ToString();
      }
    }
  }
}

TEST(Uuid, RoundTripsAsTextAndRejectsTheRest) {
  Rng rng(1);
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = rng.Bytes(16);
    EXPECT_EQ(ParseUuid(FormatUuid(bytes)), bytes);
  }
  const std::string good = "f79c3e09-677c-4bbd-a479-3f349cb785e7";
  EXPECT_TRUE(ParseUuid(good));
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "0", "g" + good.substr(1),
        "-79c3e09f677c-4bbd-a479-3f349cb785e7" + std::string(),
        std::string("f79c3e09677c-4bbd-a479-3f349cb785e7-"), std::string(36, '-'),
        "{" + good.substr(2) + "}"}) {
    EXPECT_EQ(ParseUuid(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace floe::testing
