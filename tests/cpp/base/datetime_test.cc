#include "floe/base/datetime.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "support/rng.h"

namespace floe::testing {
namespace {

constexpr int64_t kMinMicros = std::numeric_limits<int64_t>::min();
constexpr int64_t kMaxMicros = std::numeric_limits<int64_t>::max();

TEST(Datetime, CivilDatesRoundTripAndFollowEachOther) {
  std::vector<int64_t> starts = {std::numeric_limits<int32_t>::min(),
                                 std::numeric_limits<int32_t>::max() - 800,
                                 -719'528 - 400,
                                 -800,
                                 -11'017 - 400,
                                 10'956,
                                 2'932'896 - 400};
  for (const int64_t start : starts) {
    CivilDate last = CivilFromDays(start);
    for (int64_t day = start + 1; day < start + 800; ++day) {
      const CivilDate date = CivilFromDays(day);
      EXPECT_EQ(DaysFromCivil(date), day);
      const bool next_day = date.day == last.day + 1 && date.month == last.month;
      const bool next_month =
          date.day == 1 && last.day >= 28 &&
          (date.month == last.month + 1 ||
           (date.month == 1 && last.month == 12 && date.year == last.year + 1));
      EXPECT_TRUE(next_day || next_month) << day;
      last = date;
    }
  }
}

TEST(Datetime, DatesOfTheWholeRangeRoundTripAsText) {
  Rng rng(1);
  std::vector<int32_t> days = {0, -1, std::numeric_limits<int32_t>::min(),
                               std::numeric_limits<int32_t>::max()};
  for (int i = 0; i < 3'000; ++i) {
    days.push_back(static_cast<int32_t>(rng.Next()));
    days.push_back(static_cast<int32_t>(rng.Between(-1'000'000, 4'000'000)));
  }
  for (const int32_t day : days) {
    EXPECT_EQ(ParseDate(FormatDate(day)), day) << FormatDate(day);
  }
}

TEST(Datetime, TimestampsOfTheWholeRangeRoundTripAsText) {
  Rng rng(2);
  std::vector<int64_t> values = {0,
                                 -1,
                                 kMinMicros,
                                 kMinMicros + 1,
                                 kMaxMicros,
                                 kMaxMicros - 1,
                                 -kMicrosPerDay,
                                 kMicrosPerDay - 1};
  for (int i = 0; i < 3'000; ++i) {
    values.push_back(static_cast<int64_t>(rng.Next()));
    values.push_back(rng.Between(-kMicrosPerDay * 1'000'000, kMicrosPerDay * 4'000'000));
  }
  for (const int64_t micros : values) {
    for (const bool zoned : {false, true}) {
      const std::string text = FormatTimestamp(micros, zoned);
      const auto parsed = ParseTimestamp(text);
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(parsed->micros, micros) << text;
      EXPECT_EQ(parsed->zoned, zoned);
    }
  }
  EXPECT_EQ(FormatTimestamp(kMinMicros, false), "-290308-12-21T19:59:05.224192");
  EXPECT_EQ(FormatTimestamp(kMaxMicros, true), "+294247-01-10T04:00:54.775807+00:00");
}

TEST(Datetime, TimesRoundTripAsText) {
  Rng rng(3);
  for (int i = 0; i < 1'000; ++i) {
    const int64_t micros = rng.Between(0, kMicrosPerDay - 1);
    EXPECT_EQ(ParseTime(FormatTime(micros)), micros);
  }
  EXPECT_EQ(ParseTime("10:30"), 10 * kMicrosPerHour + kMicrosPerHour / 2);
  EXPECT_EQ(ParseTime("00:00:00.1000000000"), 100'000);
}

TEST(Datetime, KnownDays) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("2000-02-29"), 11'016);
  EXPECT_EQ(ParseDate("0001-01-01"), -719'162);
  EXPECT_EQ(ParseDate("0000-12-31"), -719'163);
  EXPECT_EQ(ParseDate("-0001-12-31"), -719'529);
  EXPECT_EQ(ParseDate("9999-12-31"), 2'932'896);
  EXPECT_EQ(ParseDate("+10000-01-01"), 2'932'897);
}

TEST(Datetime, TextThatIsNoDateIsNone) {
  for (const char* text : {"",
                           "2024",
                           "2024-01",
                           "2024-1-1",
                           "2024-13-01",
                           "2024-00-01",
                           "2024-01-00",
                           "2024-01-32",
                           "2023-02-29",
                           "1900-02-29",
                           "2024-04-31",
                           "2024-01-01 ",
                           " 2024-01-01",
                           "2024/01/01",
                           "24-01-01",
                           "02024-01-01",
                           "+-2024-01-01",
                           "--2024-01-01",
                           "-",
                           "+",
                           "2024-01-01T00:00:00",
                           "+99999999-01-01",
                           "-99999999999999999999-01-01",
                           "２024-01-01",
                           "2024-0a-01"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
  for (const char* text : {"", "24:00", "23:60", "10", "10:1", "1:00", "10:00:60", "10:00:",
                           "10:00:00.", "10:00:00.0000001", "10:00:00x", "-1:00", "10:00Z"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
  for (const char* text :
       {"", "2024-01-01T", "2024-01-01T10", "2024-01-01X10:00", "2024-01-01T10:00+",
        "2024-01-01T10:00+1", "2024-01-01T10:00+19:00", "2024-01-01T10:00+01:60",
        "2024-01-01T10:00+01:00x", "2024-01-01T10:00ZZ", "2024-01-01Z", "+294248-01-01",
        "+294247-01-10T04:00:54.775808", "-290308-12-21T19:59:05.224191",
        "-290308-12-21T19:59:05.224192+00:01", "+294247-01-10T04:00:54.775807-00:01"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(Datetime, OffsetsAreTakenIntoAccount) {
  const auto micros = [](const char* text) { return ParseTimestamp(text)->micros; };
  EXPECT_EQ(micros("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(micros("1969-12-31T23:30:00-0030"), 0);
  EXPECT_EQ(micros("1970-01-01T02:00+02"), 0);
  EXPECT_EQ(micros("1970-01-01 00:00Z"), 0);
  EXPECT_EQ(micros("1970-01-01"), 0);
}

TEST(Datetime, DivisionRoundsDown) {
  EXPECT_EQ(FloorDivide(-1, 10), -1);
  EXPECT_EQ(FloorDivide(-10, 10), -1);
  EXPECT_EQ(FloorDivide(9, 10), 0);
  EXPECT_EQ(FloorDivide(kMinMicros, kMicrosPerDay), -106'751'992);
}

}  // namespace
}  // namespace floe::testing
