#include "floe/schema/metrics.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

const Type kString = Type::Of(TypeId::kString);
const Type kBinary = Type::Of(TypeId::kBinary);

struct UpperBound {
  const char* name;
  Type type;
  std::string value;
  size_t length;
  std::optional<std::string> bound;
};

TEST(Bounds, UpperOnesAreCutAndRoundedUp) {
  for (const UpperBound& test : std::vector<UpperBound>{
           {"short enough", kString, "abc", 3, "abc"},
           {"empty", kString, "", 1, ""},
           {"last code point is raised", kString, "abcd", 3, "abd"},
           {"two bytes", kString, "aéb", 2, "aê"},
           {"to the next length", kString, "a\x7F!", 2, "a\xC2\x80"},
           {"two to three bytes", kString, "\xDF\xBF!", 1, "\xE0\xA0\x80"},
           {"three to four bytes", kString, "\xEF\xBF\xBF!", 1, "\xF0\x90\x80\x80"},
           {"over the surrogates", kString, "\xED\x9F\xBF!", 1, "\xEE\x80\x80"},
           {"the last code point can't be raised", kString, "a\xF4\x8F\xBF\xBF!", 2, "b"},
           {"none can", kString, "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF!", 2, std::nullopt},
           {"counted in code points", kString, "\xF0\x9F\x98\x80\xF0\x9F\x98\x81x", 2,
            "\xF0\x9F\x98\x80\xF0\x9F\x98\x82"},
           {"binary", kBinary, "\x01\x02\x03", 2, "\x01\x03"},
           {"binary ff", kBinary, "\x01\xff\x03", 2, "\x02"},
           {"binary all ff", kBinary, "\xff\xff\xff", 2, std::nullopt},
           {"binary of the length", kBinary, "\xff\xff", 2, "\xff\xff"},
           {"fixed", Type::Fixed(3), "\x01\x02\x03", 1, "\x02"},
           {"uuid stays whole", Type::Of(TypeId::kUuid), std::string(16, '\xff'), 3,
            std::string(16, '\xff')},
           {"long stays whole", Type::Of(TypeId::kLong), std::string(8, '\xff'), 3,
            std::string(8, '\xff')},
           {"decimal stays whole", Type::Decimal(38, 0), std::string(16, '\x7f'), 3,
            std::string(16, '\x7f')},
       }) {
    EXPECT_EQ(TruncateUpperBound(test.type, test.value, test.length), test.bound) << test.name;
  }
}

TEST(Bounds, LowerOnesAreCutOnly) {
  EXPECT_EQ(TruncateLowerBound(kString, "aéb", 2), "aé");
  EXPECT_EQ(TruncateLowerBound(kBinary, "\xff\xff\xff", 2), "\xff\xff");
  EXPECT_EQ(TruncateLowerBound(Type::Of(TypeId::kLong), "12345678", 2), "12345678");
}

bool IsUtf8(const std::string& text) {
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    const auto lead = static_cast<uint8_t>(rest[0]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || rest.size() < size) {
      return false;
    }
    for (size_t k = 1; k < size; ++k) {
      if ((static_cast<uint8_t>(rest[k]) & 0xC0U) != 0x80U) {
        return false;
      }
    }
    if (rest.starts_with("\xED") && static_cast<uint8_t>(rest[1]) >= 0xA0) {
      return false;
    }
    i += size;
  }
  return true;
}

TEST(Bounds, HoldForEveryValueWhateverItsBytes) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    const std::vector<std::string> parts = {"a",
                                            "\x7f",
                                            "\x80",
                                            "\xbf",
                                            "\xc0\x80",
                                            "\xc3",
                                            "é",
                                            "\xe0\x80\x80",
                                            "\xed\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xf4\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf8\x80\x80\x80",
                                            "\xff",
                                            "\xff\x80\x80\x80"};
    for (int i = 0; i < 5'000; ++i) {
      std::string value;
      for (size_t left = rng.Index(6); left > 0; --left) {
        value += rng.Pick(parts);
      }
      const size_t length = 1 + rng.Index(4);
      for (const Type& type : {kString, kBinary}) {
        SCOPED_TRACE(ToHex(value) + " cut to " + std::to_string(length) + " as " +
                     type.ToString() + ", seed " + std::to_string(seed));
        EXPECT_LE(TruncateLowerBound(type, value, length), value);
        const auto upper = TruncateUpperBound(type, value, length);
        if (upper) {
          EXPECT_GE(*upper, value) << ToHex(*upper);
        }
      }
    }
  }
}

TEST(Bounds, OfTextsAreTexts) {
  Rng rng(4);
  for (int i = 0; i < 5'000; ++i) {
    const std::string value = RandomText(rng, 8);
    const size_t length = 1 + rng.Index(5);
    ASSERT_TRUE(IsUtf8(value));
    const std::string lower = TruncateLowerBound(kString, value, length);
    EXPECT_TRUE(IsUtf8(lower)) << ToHex(value);
    EXPECT_EQ(PrefixBytes(lower, length), lower.size());
    if (const auto upper = TruncateUpperBound(kString, value, length)) {
      EXPECT_TRUE(IsUtf8(*upper)) << ToHex(value);
      EXPECT_EQ(PrefixBytes(*upper, length), upper->size());
    }
  }
}

TEST(MetricsMode, ParsesItsFourForms) {
  using Kind = MetricsMode::Kind;
  EXPECT_EQ(MetricsMode::Parse("none"), (MetricsMode{Kind::kNone, 0}));
  EXPECT_EQ(MetricsMode::Parse("Counts"), (MetricsMode{Kind::kCounts, 0}));
  EXPECT_EQ(MetricsMode::Parse("FULL"), (MetricsMode{Kind::kFull, 0}));
  EXPECT_EQ(MetricsMode::Parse("truncate(1)"), (MetricsMode{Kind::kTruncate, 1}));
  for (const char* bad :
       {"", "truncate", "truncate()", "truncate(0)", "truncate(-1)", "truncate(x)",
        "truncate(16", "truncate(99999999999999999999)", "truncate(1)x", " none", "all"}) {
    const Thrown thrown = WhatThrows([&] { MetricsMode::Parse(bad); });
    EXPECT_EQ(thrown.class_name, "ParseError") << bad;
  }
}

}  // namespace
}  // namespace floe::testing
