#include "orc/orc_tail.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "floe/base/error.h"
#include "orc/orc_layout.h"
#include "orc/orc_message.h"

namespace floe::inline v0 {
namespace {

/// More field numbers of ORC's protocol buffers.
constexpr uint64_t kPrecisionOfType = 5;
constexpr uint64_t kScaleOfType = 6;
constexpr uint64_t kStatisticsOfFooter = 7;
constexpr uint64_t kTimestampsOfStatistics = 9;
constexpr uint64_t kLastNumberOfBounds = 4;  ///< minimum, maximum, and both in UTC

constexpr int64_t kNanosPerMilli = 1'000'000;
/// A day, as bounds may be in the time zone of the writer.
constexpr int64_t kSlackMillis = 86'400'000;
constexpr int64_t kMostMillis =
    std::numeric_limits<int64_t>::max() / kNanosPerMilli - kSlackMillis;

/// Calls `visit` with the sub-messages of a number; true as soon as it says so.
template <class Visit>
bool AnyOf(std::string_view message, uint64_t number, const Visit& visit) {
  OrcMessage fields(message);
  while (const auto entry = fields.Next()) {
    if (entry->number == number && !entry->varint && visit(entry->bytes)) {
      return true;
    }
  }
  return false;
}

bool AreBeyond(std::string_view timestamp_statistics) {
  OrcMessage fields(timestamp_statistics);
  while (const auto entry = fields.Next()) {
    if (entry->number > kLastNumberOfBounds || !entry->varint) {
      continue;
    }
    // Zigzag: the sign is in the lowest bit.
    const auto half = static_cast<int64_t>(*entry->varint >> 1U);
    const int64_t millis = (*entry->varint & 1U) != 0 ? -half - 1 : half;
    if (millis > kMostMillis || millis < -kMostMillis) {
      return true;
    }
  }
  return false;
}

bool IsImpossibleDecimal(std::string_view type) {
  uint64_t kind = 0;
  uint64_t precision = 0;
  uint64_t scale = 0;
  OrcMessage fields(type);
  while (const auto entry = fields.Next()) {
    const uint64_t value = entry->varint.value_or(0);
    if (entry->number == kKindOfOrcType) {
      kind = value;
    } else if (entry->number == kPrecisionOfType) {
      precision = value;
    } else if (entry->number == kScaleOfType) {
      scale = value;
    }
  }
  constexpr auto kMost = static_cast<uint64_t>(kMostOrcDigits);
  return kind == static_cast<uint64_t>(OrcKind::kDecimal) &&
         (precision > kMost || scale > kMost);
}

}  // namespace

void CheckDecimals(std::string_view tail, const std::string& location) {
  const bool is_wrong = AnyOf(tail, kFooterOfOrcTail, [](std::string_view footer) {
    return AnyOf(footer, kTypesOfOrcFooter, IsImpossibleDecimal);
  });
  if (is_wrong) {
    throw CorruptFileError(
        fmt::format("data file {} has a decimal column of more than {} digits", location,
                    kMostOrcDigits),
        {.path = location});
  }
}

bool HasTimestampsBeyondNanoseconds(std::string_view tail) {
  return AnyOf(tail, kFooterOfOrcTail, [](std::string_view footer) {
    return AnyOf(footer, kStatisticsOfFooter, [](std::string_view statistics) {
      return AnyOf(statistics, kTimestampsOfStatistics, AreBeyond);
    });
  });
}

}  // namespace floe::inline v0
