#include "floe/puffin/position_bitmap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "support/rng.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<int64_t, int64_t>> Runs(const PositionBitmap& bitmap, int64_t begin,
                                              int64_t end) {
  std::vector<std::pair<int64_t, int64_t>> runs;
  bitmap.ForEachRun(begin, end,
                    [&](int64_t first, int64_t count) { runs.emplace_back(first, count); });
  return runs;
}

TEST(PositionBitmap, TakesPositionsInAnyOrder) {
  const PositionBitmap bitmap({7, 3, 3, 100'000, 4});
  EXPECT_EQ(bitmap.cardinality(), 4);
  EXPECT_THAT(bitmap.ToPositions(), ElementsAre(3, 4, 7, 100'000));
  EXPECT_TRUE(bitmap.Contains(100'000));
  EXPECT_FALSE(bitmap.Contains(5));
}

TEST(PositionBitmap, JoinsRunsAcrossChunksAndCutsThemAtTheRange) {
  std::vector<int64_t> positions;
  for (int64_t p = 65'000; p < 66'000; ++p) {
    positions.push_back(p);
  }
  const PositionBitmap bitmap(positions);
  EXPECT_THAT(Runs(bitmap, 0, INT64_MAX), ElementsAre(Pair(65'000, 1'000)));
  EXPECT_THAT(Runs(bitmap, 65'500, 65'600), ElementsAre(Pair(65'500, 100)));
  EXPECT_THAT(Runs(bitmap, 66'000, 70'000), ElementsAre());
}

TEST(PositionBitmap, TakesTheSmallestFormOfAChunk) {
  std::vector<int64_t> every_other;
  std::vector<int64_t> all;
  for (int64_t p = 0; p < 65'536; ++p) {
    all.push_back(p);
    if (p % 2 == 0) {
      every_other.push_back(p);
    }
  }
  EXPECT_EQ(PositionBitmap(all).words().size(), 2U);
  EXPECT_EQ(PositionBitmap(every_other).words().size(), 4'096U);
  EXPECT_EQ(PositionBitmap({1, 5, 9}).words().size(), 3U);
}

/// Positions that fall into arrays, bitsets and runs of several chunks and keys.
std::vector<int64_t> RandomPositions(Rng& rng) {
  std::vector<int64_t> positions;
  for (uint64_t part = rng.Below(6); part > 0; --part) {
    const int64_t base =
        rng.OneIn(4) ? int64_t{1} << (30 + rng.Below(30)) : rng.Between(0, 300'000);
    const int64_t step = rng.Pick<int64_t>({1, 1, 2, 3, 1'000});
    const int64_t count = rng.Pick<int64_t>({1, 5, 5'000, 70'000});
    for (int64_t i = 0; i < count; ++i) {
      positions.push_back(base + i * step);
    }
  }
  return positions;
}

TEST(PositionBitmap, IsASetOfPositions) {
  for (const uint64_t seed : Seeds(10)) {
    Rng rng(seed);
    const std::vector<int64_t> positions = RandomPositions(rng);
    const PositionBitmap bitmap(positions);
    const std::set<int64_t> model(positions.begin(), positions.end());
    ASSERT_EQ(bitmap.ToPositions(), std::vector<int64_t>(model.begin(), model.end()))
        << "seed " << seed;
    ASSERT_EQ(bitmap.cardinality(), static_cast<int64_t>(model.size())) << "seed " << seed;
    const int64_t begin = rng.Between(0, 400'000);
    const int64_t end = begin + rng.Between(0, 100'000);
    int64_t found = 0;
    for (const auto& [first, count] : Runs(bitmap, begin, end)) {
      ASSERT_GE(first, begin);
      ASSERT_LE(first + count, end);
      found += count;
    }
    ASSERT_EQ(found, std::distance(model.lower_bound(begin), model.lower_bound(end)))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace floe::testing
