#include "parquet/value_dictionary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/value_range.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr int64_t kMuch = int64_t{1} << 40U;

/// The numbers of values that come some at a time; nothing if they are too many.
template <class T>
std::optional<std::vector<uint32_t>> NumbersOf(ValueDictionary<T>& dictionary,
                                               const std::vector<T>& values,
                                               size_t at_a_time = 1'000) {
  std::vector<uint32_t> numbers(values.size());
  for (size_t at = 0; at < values.size(); at += at_a_time) {
    const auto some = std::span(values).subspan(at, std::min(at_a_time, values.size() - at));
    ValueRange<T> range;
    range.Add(some);
    if (!dictionary.Number(some, range, numbers.data() + at)) {
      return std::nullopt;
    }
  }
  return numbers;
}

/// What numbers would be given by hand.
template <class T>
void ExpectNumbered(const std::vector<T>& values, size_t at_a_time) {
  std::map<T, uint32_t> known;
  std::vector<uint32_t> expected;
  std::vector<T> different;
  for (const T& value : values) {
    const auto [found, is_new] = known.try_emplace(value, static_cast<uint32_t>(known.size()));
    expected.push_back(found->second);
    if (is_new) {
      different.push_back(value);
    }
  }
  ValueDictionary<T> dictionary(kMuch);
  const auto numbers = NumbersOf(dictionary, values, at_a_time);
  ASSERT_TRUE(numbers.has_value());
  EXPECT_THAT(*numbers, ElementsAreArray(expected));
  EXPECT_THAT(dictionary.values(), ElementsAreArray(different));
}

TEST(ValueDictionary, NumbersInTheOrderInWhichTheyCome) {
  ValueDictionary<int64_t> integers(kMuch);
  EXPECT_THAT(*NumbersOf<int64_t>(integers, {7, -3, 7, 9}), ElementsAre(0, 1, 0, 2));
  EXPECT_THAT(integers.values(), ElementsAre(7, -3, 9));
  EXPECT_EQ(integers.bytes(), 24);
  ValueDictionary<std::string_view> texts(kMuch);
  EXPECT_THAT(*NumbersOf<std::string_view>(texts, {"b", "", "b", "a text"}),
              ElementsAre(0, 1, 0, 2));
  EXPECT_EQ(texts.bytes(), 3 * 4 + 7);
}

TEST(ValueDictionary, TellsTextsApartThatLookAlike) {
  std::vector<std::string> kept;
  for (size_t size = 0; size < 40; ++size) {
    kept.emplace_back(size, 'x');
    for (size_t at = 0; at < size; ++at) {
      kept.emplace_back(size, 'x').at(at) = 'y';
      kept.emplace_back(size, 'x').at(at) = '\0';
    }
  }
  std::vector<std::string_view> values(kept.begin(), kept.end());
  values.insert(values.end(), kept.rbegin(), kept.rend());
  ExpectNumbered(values, 100);
}

TEST(ValueDictionary, IntegersMayBecomeFewerAndFartherApart) {
  using Limits = std::numeric_limits<int64_t>;
  for (const uint64_t seed : Seeds(20)) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    std::vector<int64_t> values;
    for (int64_t spread : {int64_t{10}, int64_t{1'000}, int64_t{300'000}, Limits::max() / 2}) {
      for (int i = 0; i < 2'000; ++i) {
        values.push_back(rng.Between(-spread, spread));
      }
    }
    ExpectNumbered(values, 1 + rng.Index(900));
    values.push_back(Limits::max());
    values.push_back(Limits::min());
    ExpectNumbered(values, values.size());
    std::vector<int32_t> narrow;
    for (const int64_t value : values) {
      narrow.push_back(static_cast<int32_t>(value));
    }
    ExpectNumbered(narrow, 1 + rng.Index(900));
  }
}

TEST(ValueDictionary, StopsWhereItIsTooLarge) {
  ValueDictionary<int32_t> integers(8);
  EXPECT_TRUE(NumbersOf<int32_t>(integers, {1, 2, 1, 2}).has_value());
  EXPECT_FALSE(NumbersOf<int32_t>(integers, {1, 3}).has_value());
  ValueDictionary<int32_t> far(8);
  EXPECT_FALSE(NumbersOf<int32_t>(far, {1, 2'000'000'000, -5}).has_value());
  ValueDictionary<std::string_view> texts(11);
  EXPECT_TRUE(NumbersOf<std::string_view>(texts, {"a", "ab", "a"}).has_value());
  EXPECT_FALSE(NumbersOf<std::string_view>(texts, {""}).has_value());
}

}  // namespace
}  // namespace floe::testing
