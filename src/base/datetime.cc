#include "floe/base/datetime.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "floe/base/decimal.h"

namespace floe::inline v0 {
namespace {

/// Beyond every date of 32 bits.
constexpr int64_t kMaxYear = 9'999'999;

/// Reads exactly `digits` digits off the front of `text`.
std::optional<int> TakeDigits(std::string_view* text, size_t digits) {
  if (text->size() < digits) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text->substr(0, digits)) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  text->remove_prefix(digits);
  return value;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) {
    return false;
  }
  text->remove_prefix(1);
  return true;
}

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<int64_t> TakeYear(std::string_view* text) {
  if (!text->empty() && (text->front() == '-' || text->front() == '+')) {
    const size_t end = text->find('-', 1);
    std::string_view digits = text->substr(0, end);
    if (digits.front() == '+') {
      digits.remove_prefix(1);
    }
    int64_t year = 0;
    const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), year);
    if (end == std::string_view::npos || error != std::errc() || stop != digits.end() ||
        year < -kMaxYear || year > kMaxYear) {
      return std::nullopt;
    }
    text->remove_prefix(end);
    return year;
  }
  return TakeDigits(text, 4);
}

std::optional<int64_t> TakeDate(std::string_view* text) {
  const auto year = TakeYear(text);
  if (!year || !TakeChar(text, '-')) {
    return std::nullopt;
  }
  const auto month = TakeDigits(text, 2);
  if (!month || *month < 1 || *month > 12 || !TakeChar(text, '-')) {
    return std::nullopt;
  }
  const auto day = TakeDigits(text, 2);
  if (!day || *day < 1 || *day > DaysInMonth(*year, *month)) {
    return std::nullopt;
  }
  return DaysFromCivil({*year, *month, *day});
}

/// A fraction of a second in nanoseconds; nothing if it is finer or has no digits.
std::optional<int64_t> TakeFraction(std::string_view* text) {
  int64_t nanos = 0;
  int64_t unit = kMicrosPerSecond * kNanosPerMicro / 10;
  size_t digits = 0;
  for (; !text->empty() && text->front() >= '0' && text->front() <= '9'; ++digits) {
    if (unit == 0 && text->front() != '0') {
      return std::nullopt;
    }
    nanos += unit * (text->front() - '0');
    unit /= 10;
    text->remove_prefix(1);
  }
  return digits == 0 ? std::nullopt : std::optional(nanos);
}

/// Nanoseconds since midnight.
std::optional<int64_t> TakeTime(std::string_view* text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || *hour > 23 || !TakeChar(text, ':')) {
    return std::nullopt;
  }
  const auto minute = TakeDigits(text, 2);
  if (!minute || *minute > 59) {
    return std::nullopt;
  }
  int64_t seconds = int64_t{*hour * 60 + *minute} * 60;
  if (!TakeChar(text, ':')) {
    return seconds * kMicrosPerSecond * kNanosPerMicro;
  }
  const auto second = TakeDigits(text, 2);
  if (!second || *second > 59) {
    return std::nullopt;
  }
  seconds += *second;
  std::optional<int64_t> fraction = 0;
  if (TakeChar(text, '.')) {
    fraction = TakeFraction(text);
  }
  return fraction ? std::optional(seconds * kMicrosPerSecond * kNanosPerMicro + *fraction)
                  : std::nullopt;
}

/// An offset from UTC in microseconds; nothing if `text` has none of the forms.
std::optional<int64_t> TakeOffset(std::string_view* text) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) {
    return 0;
  }
  const bool negative = !text->empty() && text->front() == '-';
  if (!TakeChar(text, '+') && !TakeChar(text, '-')) {
    return std::nullopt;
  }
  const auto hours = TakeDigits(text, 2);
  TakeChar(text, ':');
  const auto minutes = text->empty() ? std::optional<int>(0) : TakeDigits(text, 2);
  if (!hours || !minutes || *hours > 18 || *minutes > 59) {
    return std::nullopt;
  }
  const int64_t offset = int64_t{*hours * 60 + *minutes} * 60 * kMicrosPerSecond;
  return negative ? -offset : offset;
}

}  // namespace

// Both directions count in 400-year eras of 146,097 days whose years begin in March.
CivilDate CivilFromDays(int64_t days) {
  constexpr int64_t kDaysPerEra = 146'097;
  const int64_t shifted = days + 719'468;  // since 0000-03-01
  const int64_t era = FloorDivide(shifted, kDaysPerEra);
  const int64_t day_of_era = shifted - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  const auto month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

int64_t DaysFromCivil(const CivilDate& date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t march_month = date.month > 2 ? date.month - 3 : date.month + 9;
  const int64_t day_of_year = (153 * march_month + 2) / 5 + date.day - 1;
  const int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

std::optional<int32_t> ParseDate(std::string_view text) {
  const auto days = TakeDate(&text);
  if (!days || !text.empty() || *days < std::numeric_limits<int32_t>::min() ||
      *days > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(*days);
}

std::optional<int64_t> ParseTime(std::string_view text) {
  const auto nanos = TakeTime(&text);
  return nanos && text.empty() && *nanos % kNanosPerMicro == 0
             ? std::optional(*nanos / kNanosPerMicro)
             : std::nullopt;
}

namespace {

/// A timestamp of any precision and size.
struct WideTimestamp {
  Int128 nanos;
  bool zoned;
};

std::optional<WideTimestamp> ParseWideTimestamp(std::string_view text) {
  const auto days = TakeDate(&text);
  if (!days) {
    return std::nullopt;
  }
  WideTimestamp parsed{static_cast<Int128>(*days) * kNanosPerDay, false};
  if (!text.empty()) {
    const bool separated = TakeChar(&text, 'T') || TakeChar(&text, ' ');
    const auto time = separated ? TakeTime(&text) : std::nullopt;
    if (!time) {
      return std::nullopt;
    }
    parsed.nanos += *time;
    parsed.zoned = !text.empty();
  }
  if (parsed.zoned) {
    const auto offset = TakeOffset(&text);
    if (!offset || !text.empty()) {
      return std::nullopt;
    }
    parsed.nanos -= static_cast<Int128>(*offset) * kNanosPerMicro;
  }
  return parsed;
}

/// `value` where it fits 64 bits.
std::optional<int64_t> Narrowed(Int128 value) {
  const bool fits = value >= std::numeric_limits<int64_t>::min() &&
                    value <= std::numeric_limits<int64_t>::max();
  return fits ? std::optional(static_cast<int64_t>(value)) : std::nullopt;
}

}  // namespace

std::optional<ParsedTimestamp> ParseTimestamp(std::string_view text) {
  const auto parsed = ParseWideTimestamp(text);
  if (!parsed || parsed->nanos % kNanosPerMicro != 0) {
    return std::nullopt;
  }
  const auto micros = Narrowed(parsed->nanos / kNanosPerMicro);
  return micros ? std::optional(ParsedTimestamp{*micros, parsed->zoned}) : std::nullopt;
}

std::optional<ParsedTimestampNanos> ParseTimestampNanos(std::string_view text) {
  const auto parsed = ParseWideTimestamp(text);
  const auto nanos = parsed ? Narrowed(parsed->nanos) : std::nullopt;
  return nanos ? std::optional(ParsedTimestampNanos{*nanos, parsed->zoned}) : std::nullopt;
}

std::string FormatDate(int64_t days) {
  const CivilDate date = CivilFromDays(days);
  if (date.year < 0) {
    return fmt::format("-{:04}-{:02}-{:02}", -date.year, date.month, date.day);
  }
  return fmt::format("{}{:04}-{:02}-{:02}", date.year > 9999 ? "+" : "", date.year, date.month,
                     date.day);
}

std::string FormatTime(int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  std::string out =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const int64_t fraction = micros % kMicrosPerSecond; fraction != 0) {
    out += fmt::format(".{:06}", fraction);
  }
  return out;
}

std::string FormatTimestamp(int64_t micros, bool zoned) {
  const int64_t rest = micros % kMicrosPerDay;
  return fmt::format("{}T{}{}", FormatDate(FloorDivide(micros, kMicrosPerDay)),
                     FormatTime(rest < 0 ? rest + kMicrosPerDay : rest), zoned ? "+00:00" : "");
}

std::string FormatTimestampNanos(int64_t nanos, bool zoned) {
  const int64_t micros = FloorDivide(nanos, kNanosPerMicro);
  const int64_t remainder = nanos % kNanosPerMicro;
  const int64_t rest = remainder < 0 ? remainder + kNanosPerMicro : remainder;
  if (rest == 0) {
    return FormatTimestamp(micros, zoned);
  }
  const int64_t second = FloorDivide(micros, kMicrosPerSecond);
  return fmt::format("{}.{:06}{:03}{}", FormatTimestamp(second * kMicrosPerSecond, false),
                     micros - second * kMicrosPerSecond, rest, zoned ? "+00:00" : "");
}

}  // namespace floe::inline v0
