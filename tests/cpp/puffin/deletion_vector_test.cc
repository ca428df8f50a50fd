#include "floe/puffin/deletion_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "floe/puffin/position_bitmap.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kLocation = "file:///t/dv.puffin";

std::string BigEndian(uint32_t value) {
  std::string out;
  AppendLittleEndian(__builtin_bswap32(value), &out);
  return out;
}

/// The blob of bytes that stand for a 64-bit bitmap, framed as it should be.
std::string Framed(const std::string& bitmap) {
  const std::string body = FromHex("d1d33964") + bitmap;
  return BigEndian(static_cast<uint32_t>(body.size())) + body +
         BigEndian(libdeflate_crc32(0, body.data(), body.size()));
}

std::string ErrorOf(const std::string& blob) {
  const Thrown thrown = WhatThrows([&] { DecodeDeletionVector(blob, kLocation); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_EQ(thrown.details.path, kLocation);
  return thrown.message;
}

/// One 32-bit bitmap, of key 0.
const std::string kOneBitmap =
    "0100000000000000"
    "00000000";
/// It has no runs, and one container of key 0 with the values 1 and 3.
const std::string kTwoValues = kOneBitmap +
                               "3a300000"
                               "01000000"
                               "00000100"
                               "10000000"
                               "01000300";

TEST(DeletionVector, IsReadByTheSpecification) {
  EXPECT_THAT(DecodeDeletionVector(Framed(FromHex(kTwoValues)), kLocation).ToPositions(),
              ElementsAre(1, 3));
}

TEST(DeletionVector, IsWrittenByTheSpecification) {
  EXPECT_EQ(ToHex(EncodeDeletionVector(PositionBitmap({3, 1}))),
            ToHex(Framed(FromHex(kTwoValues))));
  // Runs, of fewer than four containers: a set of flags, and no offsets.
  EXPECT_EQ(ToHex(EncodeDeletionVector(PositionBitmap({4, 5, 6, 7, 8}))),
            ToHex(Framed(FromHex(kOneBitmap + "3b300000"
                                              "01"
                                              "00000400"
                                              "0100"
                                              "04000400"))));
}

TEST(DeletionVector, OfNoPositionsIsEmpty) {
  EXPECT_TRUE(DecodeDeletionVector(EncodeDeletionVector({}), kLocation).empty());
}

TEST(DeletionVector, RoundTrips) {
  for (const uint64_t seed : Seeds(15)) {
    Rng rng(seed);
    std::vector<int64_t> positions;
    for (uint64_t part = rng.Below(8); part > 0; --part) {
      const int64_t base =
          rng.OneIn(3) ? int64_t{1} << (16 + rng.Below(46)) : rng.Between(0, 1'000'000);
      const int64_t step = rng.Pick<int64_t>({1, 2, 70'000});
      for (int64_t i = rng.Pick<int64_t>({1, 100, 10'000}); i > 0; --i) {
        positions.push_back(base + i * step);
      }
    }
    const PositionBitmap bitmap(positions);
    const std::string blob = EncodeDeletionVector(bitmap);
    ASSERT_EQ(DecodeDeletionVector(blob, kLocation).ToPositions(), bitmap.ToPositions())
        << "seed " << seed;
  }
}

TEST(DeletionVector, FramingIsChecked) {
  const std::string good = Framed(FromHex(kTwoValues));
  EXPECT_THAT(ErrorOf(""), HasSubstr("it has only 0 bytes"));
  EXPECT_THAT(ErrorOf(good + "x"), HasSubstr("it says it has 36 bytes, and has 37"));
  std::string other_magic = good;
  other_magic[4] = 'x';
  EXPECT_THAT(ErrorOf(other_magic), HasSubstr("4 bytes in: it does not begin as"));
  std::string other_value = good;
  other_value[36] = 'x';
  EXPECT_THAT(ErrorOf(other_value), HasSubstr("its checksum is not that of its bytes"));
}

TEST(DeletionVector, BitmapIsChecked) {
  const auto error_of = [](const std::string& hex) { return ErrorOf(Framed(FromHex(hex))); };
  EXPECT_THAT(error_of("ffffffffffffff7f"), HasSubstr("cut off"));
  EXPECT_THAT(error_of("0100000000000000"
                       "00000080"
                       "3a30000000000000"),
              HasSubstr("the keys of its bitmaps do not ascend"));
  EXPECT_THAT(error_of("0200000000000000"
                       "01000000"
                       "3a30000000000000"
                       "01000000"
                       "3a30000000000000"),
              HasSubstr("the keys of its bitmaps do not ascend"));
  EXPECT_THAT(error_of(kOneBitmap + "3c300000"
                                    "00000000"),
              HasSubstr("does not begin with a cookie"));
  EXPECT_THAT(error_of(kOneBitmap + "3a300000"
                                    "01000100"),
              HasSubstr("more containers than there can be"));
  EXPECT_THAT(error_of(kOneBitmap + "3a300000"
                                    "01000000"
                                    "00000100"
                                    "11000000"
                                    "01000300"),
              HasSubstr("not where its offset says"));
  EXPECT_THAT(error_of(kOneBitmap + "3a300000"
                                    "01000000"
                                    "00000100"
                                    "10000000"
                                    "03000100"),
              HasSubstr("the values of a container do not ascend"));
  EXPECT_THAT(error_of(kOneBitmap + "3b300000"
                                    "01"
                                    "00000500"
                                    "0100"
                                    "04000400"),
              HasSubstr("another number of values"));
  EXPECT_THAT(error_of(kOneBitmap + "3b300000"
                                    "01"
                                    "00000900"
                                    "0200"
                                    "04000400"
                                    "06000400"),
              HasSubstr("the runs of a container do not ascend"));
  EXPECT_THAT(error_of(kOneBitmap + "3b300000"
                                    "01"
                                    "0000ffff"
                                    "0100"
                                    "0100ffff"),
              HasSubstr("the runs of a container do not ascend"));
  EXPECT_THAT(error_of(kTwoValues + "00"), HasSubstr("bytes follow its last bitmap"));
}

/// Bytes that pass the checksum reach the decoder: none may crash it, or ask for memory.
TEST(DeletionVector, EveryFlippedByteIsAnErrorOrABitmap) {
  std::vector<int64_t> positions = {1, 3, 5, 70'000, 70'001, 70'002, 70'003};
  for (int64_t i = 0; i < 4'500; ++i) {
    positions.push_back(200'000 + 2 * i);
  }
  for (int64_t key = 1; key < 5; ++key) {
    positions.push_back((key << 32) + 7);
  }
  const std::string blob = EncodeDeletionVector(PositionBitmap(positions));
  const std::string bitmap = blob.substr(8, blob.size() - 12);
  for (size_t i = 0; i < bitmap.size(); i += i < 200 || i + 400 > bitmap.size() ? 1 : 37) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      std::string damaged = bitmap;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const Thrown thrown = WhatThrows([&] {
        const PositionBitmap read = DecodeDeletionVector(Framed(damaged), kLocation);
        EXPECT_LE(read.memory_bytes(), 10 * bitmap.size());
      });
      ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError")
          << "byte " << i << ": " << thrown;
    }
  }
}

TEST(DeletionVector, OfFewBytesNeedsLittleMemory) {
  // Every position of 32 bits, as a run in each of 65,536 containers.
  constexpr uint32_t kContainers = 65'536;
  std::string bitmap = FromHex(kOneBitmap + "3b30ffff");
  bitmap.append(kContainers / 8, '\xFF');
  for (uint32_t key = 0; key < kContainers; ++key) {
    AppendLittleEndian(static_cast<uint16_t>(key), &bitmap);
    bitmap.append(2, '\xFF');
  }
  for (uint32_t i = 0; i < kContainers; ++i) {
    AppendLittleEndian(4 + kContainers / 8 + kContainers * 8 + i * 6, &bitmap);
  }
  for (uint32_t i = 0; i < kContainers; ++i) {
    bitmap += FromHex("01000000ffff");
  }
  const PositionBitmap read = DecodeDeletionVector(Framed(bitmap), kLocation);
  EXPECT_EQ(read.cardinality(), int64_t{1} << 32);
  EXPECT_LE(read.memory_bytes(), 5 * bitmap.size());
  int64_t runs = 0;
  read.ForEachRun(0, INT64_MAX, [&](int64_t, int64_t) { ++runs; });
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace floe::testing
