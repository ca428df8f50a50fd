#include "parquet/rle_bit_packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/rng.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Bytes = std::vector<uint8_t>;
using Numbers = std::vector<uint32_t>;

Bytes Encoded(const Numbers& numbers, int width) {
  Bytes bytes;
  AppendRleBitPacked(numbers, width, &bytes);
  return bytes;
}

/// A reader of the hybrid that is as slow and plain as the specification.
Numbers Decoded(const Bytes& bytes, int width, size_t count) {
  Numbers numbers;
  size_t at = 0;
  while (numbers.size() < count) {
    uint64_t header = 0;
    for (unsigned shift = 0;; shift += 7) {
      const uint8_t byte = bytes.at(at++);
      header |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) {
        break;
      }
    }
    const auto bit = [&](size_t index) {
      return uint32_t{bytes.at(at + index / 8)} >> index % 8 & 1U;
    };
    const auto number_at = [&](size_t first_bit) {
      uint32_t number = 0;
      for (size_t i = 0; i < static_cast<size_t>(width); ++i) {
        number |= bit(first_bit + i) << i;
      }
      return number;
    };
    if ((header & 1U) == 0) {
      numbers.insert(numbers.end(), header >> 1U, number_at(0));
      at += (static_cast<size_t>(width) + 7) / 8;
      continue;
    }
    const size_t groups = header >> 1U;
    for (size_t i = 0; i < groups * 8; ++i) {
      numbers.push_back(number_at(i * static_cast<size_t>(width)));
    }
    at += groups * static_cast<size_t>(width);
  }
  EXPECT_EQ(at, bytes.size());
  numbers.resize(count);  // the last group is filled up
  return numbers;
}

TEST(RleBitPacking, WidthsAreThoseOfTheLargest) {
  EXPECT_EQ(BitWidthOf(0), 1);
  EXPECT_EQ(BitWidthOf(1), 1);
  EXPECT_EQ(BitWidthOf(2), 2);
  EXPECT_EQ(BitWidthOf(255), 8);
  EXPECT_EQ(BitWidthOf(256), 9);
  EXPECT_EQ(BitWidthOf(std::numeric_limits<uint32_t>::max()), 32);
}

TEST(RleBitPacking, PacksAsTheSpecificationShows) {
  EXPECT_THAT(Encoded({0, 1, 2, 3, 4, 5, 6, 7}, 3), ElementsAre(0x03, 0x88, 0xC6, 0xFA));
  EXPECT_THAT(Encoded({1, 0, 1}, 1), ElementsAre(0x03, 0x05));
  EXPECT_THAT(Encoded({}, 7), ElementsAre());
}

TEST(RleBitPacking, RunsOfEightAndMoreAreOneNumber) {
  EXPECT_THAT(Encoded(Numbers(8, 5), 3), ElementsAre(0x10, 0x05));
  EXPECT_THAT(Encoded(Numbers(100, 300), 9), ElementsAre(0xC8, 0x01, 0x2C, 0x01));
  Numbers mixed = {1, 0, 1, 0, 1, 0, 1, 0};
  mixed.insert(mixed.end(), 9, 1);
  mixed.push_back(0);
  EXPECT_THAT(Encoded(mixed, 1), ElementsAre(0x03, 0x55, 0x12, 0x01, 0x03, 0x00));
  Bytes run;
  AppendRun(1, 3, 1, &run);
  EXPECT_THAT(run, ElementsAre(0x06, 0x01));
}

TEST(RleBitPacking, HeadersOfPackedGroupsAreOneByte) {
  Numbers numbers;
  for (uint32_t i = 0; i < 63 * 8 + 1; ++i) {
    numbers.push_back(i % 2);
  }
  const Bytes bytes = Encoded(numbers, 1);
  ASSERT_EQ(bytes.size(), 1 + 63 + 2);
  EXPECT_EQ(bytes[0], 63 << 1 | 1);
  EXPECT_EQ(bytes[64], 1 << 1 | 1);
}

TEST(RleBitPacking, ComesBackAtEveryWidth) {
  for (const uint64_t seed : Seeds(20)) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    for (int width = 1; width <= 32; ++width) {
      const uint64_t limit = uint64_t{1} << static_cast<unsigned>(width);
      Numbers numbers;
      while (numbers.size() < 700) {
        const auto number = static_cast<uint32_t>(rng.OneIn(4) ? limit - 1 : rng.Below(limit));
        numbers.insert(numbers.end(), rng.OneIn(10) ? rng.Below(40) : 1, number);
      }
      EXPECT_THAT(Decoded(Encoded(numbers, width), width, numbers.size()),
                  ElementsAreArray(numbers))
          << width;
    }
  }
}

}  // namespace
}  // namespace floe::testing
