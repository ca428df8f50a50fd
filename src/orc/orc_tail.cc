#include "orc/orc_tail.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

/// Field numbers of ORC's protocol buffers (orc_proto.proto).
constexpr uint64_t kFooterOfTail = 2;
constexpr uint64_t kTypesOfFooter = 4;
constexpr uint64_t kKindOfType = 1;
constexpr uint64_t kPrecisionOfType = 5;
constexpr uint64_t kScaleOfType = 6;
constexpr uint64_t kStatisticsOfFooter = 7;
constexpr uint64_t kTimestampsOfStatistics = 9;
constexpr uint64_t kLastNumberOfBounds = 4;  ///< minimum, maximum, and both in UTC

constexpr uint64_t kDecimalKind = 14;
constexpr uint64_t kMostDigits = 38;

constexpr int64_t kNanosPerMilli = 1'000'000;
/// A day, as bounds may be in the time zone of the writer.
constexpr int64_t kSlackMillis = 86'400'000;
constexpr int64_t kMostMillis =
    std::numeric_limits<int64_t>::max() / kNanosPerMilli - kSlackMillis;

/// Goes over the fields of one message; ends at what it can't read.
class Message {
 public:
  explicit Message(std::string_view bytes) : left_(bytes) {}

  struct Entry {
    uint64_t number;
    std::optional<uint64_t> varint;
    std::string_view bytes;
  };

  std::optional<Entry> Next() {
    const std::optional<uint64_t> key = ReadVarint();
    if (!key) {
      return std::nullopt;
    }
    constexpr uint64_t kWireTypeBits = 3;
    Entry entry{*key >> kWireTypeBits, std::nullopt, {}};
    switch (*key & ((uint64_t{1} << kWireTypeBits) - 1)) {
      case 0:
        entry.varint = ReadVarint();
        return entry.varint ? std::optional(entry) : std::nullopt;
      case 1:
        return Take(sizeof(uint64_t), entry);
      case 2: {
        const std::optional<uint64_t> size = ReadVarint();
        return size ? Take(*size, entry) : std::nullopt;
      }
      case 5:
        return Take(sizeof(uint32_t), entry);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<uint64_t> ReadVarint() {
    constexpr unsigned kBitsPerByte = 7;
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += kBitsPerByte) {
      const auto byte = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80U) == 0) {
        return value;
      }
    }
    return std::nullopt;
  }

  std::optional<Entry> Take(uint64_t size, Entry entry) {
    if (size > left_.size()) {
      return std::nullopt;
    }
    entry.bytes = left_.substr(0, static_cast<size_t>(size));
    left_.remove_prefix(static_cast<size_t>(size));
    return entry;
  }

  std::string_view left_;
};

/// Calls `visit` with the sub-messages of a number; true as soon as it says so.
template <class Visit>
bool AnyOf(std::string_view message, uint64_t number, const Visit& visit) {
  Message fields(message);
  while (const auto entry = fields.Next()) {
    if (entry->number == number && !entry->varint && visit(entry->bytes)) {
      return true;
    }
  }
  return false;
}

bool AreBeyond(std::string_view timestamp_statistics) {
  Message fields(timestamp_statistics);
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
  Message fields(type);
  while (const auto entry = fields.Next()) {
    const uint64_t value = entry->varint.value_or(0);
    if (entry->number == kKindOfType) {
      kind = value;
    } else if (entry->number == kPrecisionOfType) {
      precision = value;
    } else if (entry->number == kScaleOfType) {
      scale = value;
    }
  }
  return kind == kDecimalKind && (precision > kMostDigits || scale > kMostDigits);
}

}  // namespace

void CheckDecimals(std::string_view tail, const std::string& location) {
  const bool is_wrong = AnyOf(tail, kFooterOfTail, [](std::string_view footer) {
    return AnyOf(footer, kTypesOfFooter, IsImpossibleDecimal);
  });
  if (is_wrong) {
    throw CorruptFileError(
        fmt::format("data file {} has a decimal column of more than {} digits", location,
                    kMostDigits),
        {.path = location});
  }
}

bool HasTimestampsBeyondNanoseconds(std::string_view tail) {
  return AnyOf(tail, kFooterOfTail, [](std::string_view footer) {
    return AnyOf(footer, kStatisticsOfFooter, [](std::string_view statistics) {
      return AnyOf(statistics, kTimestampsOfStatistics, AreBeyond);
    });
  });
}

}  // namespace floe::inline v0
