#include "catalog/rest/idempotency.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "floe/base/environment.h"

namespace floe::inline v0 {
namespace {

struct Unit {
  char letter;
  int64_t ms;
};

constexpr int64_t kSecond = 1'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = kMinute * 60 * 24;
constexpr std::array kDateUnits = {Unit{'W', 7 * kDay}, Unit{'D', kDay}};
constexpr std::array kTimeUnits = {Unit{'H', 60 * kMinute}, Unit{'M', kMinute},
                                   Unit{'S', kSecond}};
// About three years, which keeps sums far from the end of integers.
constexpr double kLongestMs = 1e11;

/// Takes `<number><letter>` from the front; the letter's unit in milliseconds times the number.
template <class Units>
std::optional<double> TakePart(const Units& units, std::string_view* text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end == text->data() + text->size() || !(number >= 0)) {
    return std::nullopt;
  }
  for (const Unit& unit : units) {
    if (*end == unit.letter) {
      text->remove_prefix(static_cast<size_t>(end - text->data()) + 1);
      return number * static_cast<double>(unit.ms);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> ParseKeyLifetimeMs(std::string_view duration) {
  if (!duration.starts_with('P') || duration.size() < 3) {
    return std::nullopt;
  }
  duration.remove_prefix(1);
  double sum_ms = 0;
  bool is_time = false;
  while (!duration.empty()) {
    if (!is_time && duration.starts_with('T')) {
      is_time = true;
      duration.remove_prefix(1);
      continue;
    }
    const auto part =
        is_time ? TakePart(kTimeUnits, &duration) : TakePart(kDateUnits, &duration);
    if (!part || sum_ms + *part > kLongestMs) {
      return std::nullopt;
    }
    sum_ms += *part;
  }
  return sum_ms > 0 ? std::optional(static_cast<int64_t>(sum_ms)) : std::nullopt;
}

std::string MakeIdempotencyKey(int64_t now_ms, Random& random) {
  const auto ms = static_cast<uint64_t>(now_ms);
  const uint64_t high = random.Next() & 0xFFFU;
  const uint64_t low = (random.Next() & ~(uint64_t{3} << 62U)) | (uint64_t{1} << 63U);
  return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", (ms >> 16U) & 0xFFFFFFFFU,
                     ms & 0xFFFFU, high, low >> 48U, low & 0xFFFFFFFFFFFFU);
}

}  // namespace floe::inline v0
