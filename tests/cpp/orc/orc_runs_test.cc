// ORC's run-length encodings: the examples of the specification, and what they don't allow.

#include "orc/orc_runs.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "orc/orc_layout.h"
#include "orc/orc_stream_bytes.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr const char* kPath = "memory:///t/data/f.orc";
constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();

/// A stream that is not compressed.
class Stream {
 public:
  explicit Stream(const std::vector<uint8_t>& bytes)
      : window_(std::make_shared<arrow::io::BufferReader>(
                    arrow::Buffer::FromString(std::string(bytes.begin(), bytes.end()))),
                kPath, 0, static_cast<int64_t>(bytes.size())),
        compression_(OrcCodec::kNone, 0, kPath),
        bytes_(window_, compression_, 0, static_cast<int64_t>(bytes.size()), "LENGTH stream") {}

  OrcStreamBytes& bytes() { return bytes_; }

 private:
  OrcFileWindow window_;
  OrcCompression compression_;
  OrcStreamBytes bytes_;
};

enum class Version : uint8_t { kV1, kV2 };
enum class Sign : uint8_t { kUnsigned, kSigned };

std::vector<int64_t> Decode(const std::vector<uint8_t>& bytes, size_t count, Version version,
                            Sign sign = Sign::kUnsigned) {
  Stream stream(bytes);
  OrcIntegers integers(stream.bytes(), version == Version::kV2, sign == Sign::kSigned);
  std::vector<int64_t> values(count);
  for (int64_t& value : values) {
    value = integers.Next();
  }
  return values;
}

void ExpectRefused(const std::vector<uint8_t>& bytes, size_t count, Version version,
                   const std::string& text) {
  const Thrown thrown = WhatThrows([&] { Decode(bytes, count, version); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_EQ(thrown.details.path, kPath);
  EXPECT_THAT(thrown.message, HasSubstr(text));
}

TEST(OrcRuns, VersionOne) {
  EXPECT_THAT(Decode({0x61, 0x00, 0x07}, 100, Version::kV1), ::testing::Each(7));
  const std::vector<int64_t> down = Decode({0x61, 0xff, 0x64}, 100, Version::kV1);
  EXPECT_EQ(down.front(), 100);
  EXPECT_EQ(down.back(), 1);
  EXPECT_THAT(Decode({0xfb, 0x02, 0x03, 0x04, 0x07, 0x0b}, 5, Version::kV1),
              ElementsAre(2, 3, 4, 7, 11));
  EXPECT_THAT(
      Decode({0xfd, 0x03, 0x04, 0x01, 0x00, 0x01, 0x05}, 6, Version::kV1, Sign::kSigned),
      ElementsAre(-2, 2, -1, -3, -2, -1));
}

TEST(OrcRuns, ShortRepeat) {
  EXPECT_THAT(Decode({0x0a, 0x27, 0x10}, 5, Version::kV2),
              ElementsAre(10'000, 10'000, 10'000, 10'000, 10'000));
  EXPECT_THAT(Decode({0x00, 0x03}, 3, Version::kV2, Sign::kSigned), ElementsAre(-2, -2, -2));
}

TEST(OrcRuns, Direct) {
  const std::vector<uint8_t> bytes{0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef};
  EXPECT_THAT(Decode(bytes, 4, Version::kV2), ElementsAre(23'713, 43'806, 57'005, 48'879));
  // Widths of 1, 3, 64 bits and of the table's upper end; a list ends with its byte.
  EXPECT_THAT(Decode({0x40, 0x02, 0xa0, 0x44, 0x01, 0x74}, 5, Version::kV2),
              ElementsAre(1, 0, 1, 3, 5));
  EXPECT_THAT(Decode({0x7e, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0}, 1, Version::kV2),
              ElementsAre(kLowest));
  EXPECT_THAT(Decode({0x70, 0x00, 0, 0, 0, 0x40}, 1, Version::kV2), ElementsAre(1));  // 26
  EXPECT_THAT(Decode({0x78, 0x00, 1, 0, 0, 0, 1}, 1, Version::kV2),
              ElementsAre((int64_t{1} << 32) + 1));  // 40
}

TEST(OrcRuns, PatchedBase) {
  EXPECT_THAT(
      Decode(
          {0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46,
           0x50, 0x5a, 0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8},
          20, Version::kV2),
      ElementsAreArray({2030, 2000, 2020, 1'000'000, 2040, 2050, 2060, 2070, 2080, 2090,
                        2100, 2110, 2120, 2130,      2140, 2150, 2160, 2170, 2180, 2190}));
  // A base of -5, which is not zigzag encoded, and no patch.
  EXPECT_THAT(
      Decode({0x8e, 0x01, 0x00, 0x00, 0x85, 0x01, 0x07}, 2, Version::kV2, Sign::kSigned),
      ElementsAre(-4, 2));
}

TEST(OrcRuns, Delta) {
  EXPECT_THAT(Decode({0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46}, 10, Version::kV2),
              ElementsAre(2, 3, 5, 7, 11, 13, 17, 19, 23, 29));
  EXPECT_THAT(Decode({0xc0, 0x03, 0x0a, 0x03}, 4, Version::kV2), ElementsAre(10, 8, 6, 4));
  EXPECT_THAT(Decode({0xc6, 0x03, 0x14, 0x01, 0x21}, 4, Version::kV2, Sign::kSigned),
              ElementsAre(10, 9, 7, 6));
}

TEST(OrcRuns, WhatIsNoRunIsRefused) {
  for (const Version version : {Version::kV1, Version::kV2}) {
    ExpectRefused({}, 1, version, "too early");
    ExpectRefused({0x5e}, 1, version, "too early");
  }
  ExpectRefused({0x0a, 0x27, 0x10}, 6, Version::kV2, "too early");
  ExpectRefused({0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80}, 1,
                Version::kV1, "64 bits");
  // Patches: of values of 64 bits, beyond the run, twice in one place.
  ExpectRefused({0xbe, 0x00, 0x00, 0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0xff}, 1, Version::kV2,
                "patches");
  ExpectRefused({0x8e, 0x01, 0x00, 0x21, 0x00, 0x01, 0x02, 0xe0}, 2, Version::kV2, "patch");
  ExpectRefused({0x8e, 0x01, 0x00, 0x02, 0x00, 0x01, 0x02, 0x50}, 2, Version::kV2, "patch");
}

TEST(OrcRuns, PresentValuesAreCounted) {
  const auto count = [](const std::vector<uint8_t>& bytes, int64_t rows) {
    Stream stream(bytes);
    return CountOrcPresent(stream.bytes(), rows);
  };
  EXPECT_EQ(count({0xff, 0x80}, 8), 1);
  EXPECT_EQ(count({0x61, 0xff}, 800), 800);
  EXPECT_EQ(count({0x61, 0x0f}, 796), 396);
  EXPECT_EQ(count({0x61, 0x0f}, 4), 0);
  EXPECT_EQ(count({0xfe, 0x44, 0x45, 0x00, 0xff}, 20), 2 + 3 + 4);
  EXPECT_EQ(count({}, 0), 0);
  const Thrown thrown = WhatThrows([&] { count({0xff, 0x80}, 9); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
}

}  // namespace
}  // namespace floe::testing
