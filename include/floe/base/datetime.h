#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace floe::inline v0 {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerHour = 3'600 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kNanosPerMicro = 1'000;
inline constexpr int64_t kNanosPerDay = kNanosPerMicro * kMicrosPerDay;

/// Division that rounds towards minus infinity; `divisor` is positive.
constexpr int64_t FloorDivide(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

/// Calendar date in the proleptic Gregorian calendar, as java.time and the specification
/// count it.
struct CivilDate {
  int64_t year;
  int month;  ///< 1 to 12
  int day;    ///< 1 to 31
};

CivilDate CivilFromDays(int64_t days);
int64_t DaysFromCivil(const CivilDate& date);

/// "2024-01-31" as days since 1970-01-01; years may be negative or have more than four
/// digits with a sign. Nothing if it is not a date.
std::optional<int32_t> ParseDate(std::string_view text);
/// "23:59:59.123456", seconds and fraction optional, as microseconds since midnight.
std::optional<int64_t> ParseTime(std::string_view text);

struct ParsedTimestamp {
  int64_t micros;  ///< since 1970-01-01T00:00:00, in UTC if zoned
  bool zoned;      ///< the text had `Z` or an offset such as +01:00
};
/// "2024-01-31T23:59:59.123456+01:00": date, `T` or a blank, time, offset; time and offset
/// may be missing.
std::optional<ParsedTimestamp> ParseTimestamp(std::string_view text);

struct ParsedTimestampNanos {
  int64_t nanos;  ///< since 1970-01-01T00:00:00, in UTC if zoned
  bool zoned;     ///< the text had `Z` or an offset such as +01:00
};
/// The same with up to nine digits of a second, from 1677-09-21 to 2262-04-11.
std::optional<ParsedTimestampNanos> ParseTimestampNanos(std::string_view text);

std::string FormatDate(int64_t days);                     ///< 2024-01-31
std::string FormatTime(int64_t micros);                   ///< 23:59:59[.123456]
std::string FormatTimestamp(int64_t micros, bool zoned);  ///< 2024-01-31T23:59:59[.…][+00:00]
std::string FormatTimestampNanos(int64_t nanos, bool zoned);  ///< the same, to nanoseconds

}  // namespace floe::inline v0
