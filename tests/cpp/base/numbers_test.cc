// Decimals, backoff, bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/text.h"
#include "base/varint.h"
#include "floe/base/decimal.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "support/fixed_environment.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

constexpr Int128 kInt128Max = static_cast<Int128>(~UInt128{0} >> 1U);
constexpr Int128 kInt128Min = -kInt128Max - 1;

Int128 RandomInt128(Rng& rng) {
  const auto bits = (static_cast<UInt128>(rng.Next()) << 64U) | rng.Next();
  return static_cast<Int128>(bits) >> rng.Below(128);
}

TEST(Decimal, BytesRoundTripAndAreTheShortest) {
  Rng rng(1);
  std::vector<Int128> values = {0,    1,     -1,    127,        128,       -128,
                                -129, 32767, 32768, kInt128Max, kInt128Min};
  for (int i = 0; i < 2'000; ++i) {
    values.push_back(RandomInt128(rng));
  }
  for (const Int128 value : values) {
    const std::string bytes = DecimalToBytes(value);
    EXPECT_EQ(DecimalFromBytes(bytes), value);
    ASSERT_GE(bytes.size(), 1U);
    ASSERT_LE(bytes.size(), 16U);
    if (bytes.size() > 1) {
      const auto first = static_cast<uint8_t>(bytes[0]);
      const bool next_is_negative = static_cast<int8_t>(bytes[1]) < 0;
      EXPECT_FALSE((first == 0x00 && !next_is_negative) || (first == 0xFF && next_is_negative))
          << ToHex(bytes);
    }
    if (bytes.size() < 16) {  // longer forms of the same value are understood
      EXPECT_EQ(DecimalFromBytes(std::string(1, value < 0 ? '\xff' : '\0') + bytes), value);
    }
  }
  EXPECT_EQ(DecimalFromBytes(""), std::nullopt);
  EXPECT_EQ(DecimalFromBytes(std::string(17, '\0')), std::nullopt);
}

TEST(Decimal, TextRoundTripsAtEveryScale) {
  Rng rng(2);
  for (int i = 0; i < 2'000; ++i) {
    const auto scale = static_cast<int>(rng.Below(39));
    const Int128 value = RandomInt128(rng) % PowerOfTen(38);
    const std::string text = DecimalToString(value, scale);
    EXPECT_EQ(ParseDecimal(text, scale), value) << text << " at scale " << scale;
  }
}

struct DecimalText {
  const char* text;
  int scale;
  std::optional<int64_t> unscaled;
};

TEST(Decimal, ParsesWhatIsADecimalNumberAndNothingElse) {
  for (const DecimalText& test : std::vector<DecimalText>{
           {"0", 0, 0},         {"-0", 2, 0},
           {"+1.5", 1, 15},     {".5", 1, 5},
           {"5.", 0, 5},        {"-12.50", 2, -1250},
           {"1e2", 0, 100},     {"1E+2", 1, 1000},
           {"12.5e-1", 2, 125}, {"1.10", 1, 11},
           {"0.10", 0, {}},     {"000123", 0, 123},
           {"0e999", 0, 0},     {"0.000", 0, 0},
           {"1e-40", 38, {}},   {"1e38", 0, {}},
           {"", 0, {}},         {"-", 0, {}},
           {".", 0, {}},        {"1.2.3", 2, {}},
           {"1e", 0, {}},       {"e5", 0, {}},
           {"1e5x", 0, {}},     {"1e99999999999", 0, {}},
           {"1e-1001", 0, {}},  {" 1", 0, {}},
           {"1 ", 0, {}},       {"0x10", 0, {}},
           {"nan", 0, {}},      {"inf", 0, {}},
           {"--1", 0, {}},      {"1_000", 0, {}},
           {"1e1e1", 0, {}},    {"999999999999999999999999999999999999999", 0, {}},
       }) {
    const auto parsed = ParseDecimal(test.text, test.scale);
    EXPECT_EQ(parsed.has_value(), test.unscaled.has_value()) << test.text;
    if (parsed && test.unscaled) {
      EXPECT_EQ(static_cast<int64_t>(*parsed), *test.unscaled) << test.text;
    }
  }
  EXPECT_EQ(ParseDecimal("99999999999999999999999999999999999999", 0), PowerOfTen(38) - 1);
}

TEST(Decimal, RescalingLosesNothingOrFails) {
  EXPECT_EQ(RescaleDecimal(150, 2, 1), 15);
  EXPECT_EQ(RescaleDecimal(155, 2, 1), std::nullopt);
  EXPECT_EQ(RescaleDecimal(-5, 0, 37), -5 * PowerOfTen(37));
  EXPECT_EQ(RescaleDecimal(10, 0, 37), std::nullopt) << "39 digits";
  EXPECT_EQ(RescaleDecimal(0, 0, 1'000'000), 0);
  EXPECT_EQ(RescaleDecimal(1, 1'000'000, 0), std::nullopt);
  EXPECT_EQ(RescaleDecimal(1, 0, 1'000'000), std::nullopt);
}

TEST(Decimal, DigitsAndBytesOfEveryPrecision) {
  for (int precision = 1; precision <= 38; ++precision) {
    EXPECT_EQ(DecimalDigits(PowerOfTen(precision) - 1), precision);
    EXPECT_EQ(DecimalDigits(1 - PowerOfTen(precision)), precision);
    const auto needed = static_cast<size_t>(DecimalRequiredBytes(precision));
    EXPECT_LE(DecimalToBytes(PowerOfTen(precision) - 1).size(), needed);
    EXPECT_LE(DecimalToBytes(1 - PowerOfTen(precision)).size(), needed);
    EXPECT_EQ(DecimalToBytes(PowerOfTen(precision) - 1).size(), needed) << precision;
  }
  EXPECT_EQ(DecimalDigits(0), 1);
  EXPECT_EQ(DecimalDigits(kInt128Min), 39);
  EXPECT_EQ(DecimalToString(kInt128Min, 0), "-170141183460469231731687303715884105728");
  EXPECT_EQ(DecimalToString(-1, 2), "-0.01");
  EXPECT_EQ(DecimalToString(0, 2), "0.00");
}

/// Always the same number.
class StuckRandom final : public Random {
 public:
  explicit StuckRandom(uint64_t value) : value_(value) {}
  uint64_t Next() override { return value_; }

 private:
  uint64_t value_;
};

TEST(Backoff, DoublesUpToItsLimitAndStaysWithinItsHalf) {
  constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
  struct Wait {
    int retry;
    int64_t min_ms;
    int64_t max_ms;
    int64_t whole;
  };
  for (const Wait& wait :
       {Wait{1, 100, 60'000, 100}, Wait{2, 100, 60'000, 200}, Wait{5, 100, 60'000, 1'600},
        Wait{11, 100, 60'000, 60'000}, Wait{1'000'000, 100, 60'000, 60'000},
        Wait{1, 500, 100, 100}, Wait{3, 0, 60'000, 0}, Wait{1, 1, 1, 1},
        Wait{70, 1, kForever, kForever}}) {
    StuckRandom least(0);
    EXPECT_EQ(BackoffMs(wait.retry, wait.min_ms, wait.max_ms, least), wait.whole / 2);
    SeededRandom random(3);
    for (int i = 0; i < 200; ++i) {
      const int64_t ms = BackoffMs(wait.retry, wait.min_ms, wait.max_ms, random);
      EXPECT_GE(ms, wait.whole / 2);
      EXPECT_LE(ms, wait.whole);
    }
  }
  StuckRandom most(50);  // 51 choices from 50 to 100
  EXPECT_EQ(BackoffMs(1, 100, 60'000, most), 100);
}

TEST(Backoff, TheWaitIsSleptInFullAndAStopEndsIt) {
  FixedClock clock;
  const int64_t before = clock.NowMs();
  SleepUnlessStopped(1'234, clock, {});
  EXPECT_EQ(clock.NowMs() - before, 1'234);
  int polls = 0;
  const StopToken stop = StopToken::Make([&] { return ++polls > 3; });
  EXPECT_THROW(SleepUnlessStopped(1'000'000, clock, stop), CancelledError);
  EXPECT_EQ(clock.NowMs() - before, 1'234 + 150);
}

TEST(Bytes, HexRoundTripsAndRejectsTheRest) {
  Rng rng(4);
  for (size_t size = 0; size < 40; ++size) {
    const std::string bytes = rng.Bytes(size);
    EXPECT_EQ(FromHex(ToHex(bytes)), bytes);
  }
  EXPECT_EQ(FromHex("aAfF"), "\xaa\xff");
  for (const char* bad : {"a", "gg", "0x", " 0", "0 "}) {
    EXPECT_THROW(FromHex(bad), InvalidArgumentError) << bad;
  }
}

TEST(Bytes, Base64OfTheStandardsVectors) {
  EXPECT_EQ(FromBase64Url(""), "");
  EXPECT_EQ(FromBase64Url("Zg"), "f");
  EXPECT_EQ(FromBase64Url("Zm8"), "fo");
  EXPECT_EQ(FromBase64Url("Zm9v"), "foo");
  EXPECT_EQ(FromBase64Url("_-8"), "\xff\xef");
  for (const char* text : {"Z", "Zm9vY", "Zg==", "Z+8", "Z\n8"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("f"), "Zg==");
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(ToBase64("foo"), "Zm9v");
  EXPECT_EQ(ToBase64("foob"), "Zm9vYg==");
  EXPECT_EQ(ToBase64("\xfb\xff\xfe"), "+//+");
}

TEST(Bytes, ZigZagIsAnOrderOfMagnitude) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1}, kMax, -kMax - 1}) {
    EXPECT_EQ(ZigZagDecode(ZigZagEncode(value)), value);
    std::string bytes;
    AppendZigZag(value, &bytes);
    EXPECT_LE(bytes.size(), 10U);
  }
  EXPECT_EQ(ZigZagEncode(-1), 1U);
  EXPECT_EQ(ZigZagEncode(1), 2U);
}

TEST(Environment, UuidsAreOfVersionFourAndDependOnTheRandomness) {
  SeededRandom random(5);
  std::string last;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = MakeUuid(random);
    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '4') << uuid;
    EXPECT_THAT("89ab", ::testing::HasSubstr(uuid.substr(19, 1)));
    EXPECT_NE(uuid, last);
    last = uuid;
  }
  StuckRandom ones(~uint64_t{0});
  EXPECT_EQ(MakeUuid(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(Text, PrefixesAreCutBetweenCodePoints) {
  const std::string text = "aé中\xF0\x9F\x98\x80z";
  const std::vector<size_t> ends = {0, 1, 3, 6, 10, 11, 11};
  for (size_t n = 0; n < ends.size(); ++n) {
    EXPECT_EQ(PrefixBytes(text, n), ends[n]) << n;
  }
  EXPECT_EQ(Abbreviate("aé", 2), "a…");
  EXPECT_EQ(Abbreviate("aé", 3), "aé");
}

TEST(Text, PrefixesOfAnyBytesKeepTheirOrder) {
  Rng rng(6);
  const std::vector<std::string> parts = {"a",        "b",        "\x80", "\xbf",
                                          "\xc3",     "\xc3\xa9", "\xe4", "\xe4\xb8\xad",
                                          "\xf0\x9f", "\xf8",     "\xff", "é"};
  const auto random_bytes = [&] {
    std::string bytes;
    for (size_t left = rng.Index(5); left > 0; --left) {
      bytes += rng.Pick(parts);
    }
    return bytes;
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string low = random_bytes();
    std::string high = random_bytes();
    if (high < low) {
      std::swap(low, high);
    }
    const size_t width = 1 + rng.Index(3);
    EXPECT_LE(low.substr(0, PrefixBytes(low, width)), high.substr(0, PrefixBytes(high, width)))
        << ToHex(low) << " " << ToHex(high) << " cut to " << width;
  }
}

TEST(Text, SplitsAtEverySeparator) {
  EXPECT_THAT(Split("a..b.", '.'), ::testing::ElementsAre("a", "", "b", ""));
  EXPECT_THAT(Split("", '.'), ::testing::ElementsAre(""));
  EXPECT_TRUE(EqualsIgnoringCase("aZ[", "Az["));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));
  EXPECT_EQ(ToLower("ÄB"), "Äb");
}

}  // namespace
}  // namespace floe::testing
