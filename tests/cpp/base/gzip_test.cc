// Gzip files: what is packed comes out again, and what is no such file is refused.

#include "base/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

constexpr size_t kAny = size_t{1} << 30U;
constexpr const char* kLocation = "file:///t/v1.gz.metadata.json";

std::string Unpacked(const std::string& file, size_t max_size = kAny) {
  return Gunzip(file, max_size, 64, kLocation);
}

TEST(Gzip, GivesBackWhatItPacked) {
  Rng rng(1);
  for (const size_t size : {0, 1, 100, 70'000, 400'000}) {
    std::string text(size, '\0');
    for (char& c : text) {
      c = "{}:,\"ab"[rng.Below(7)];
    }
    const std::string file = Gzip(text);
    EXPECT_TRUE(IsGzip(file));
    EXPECT_EQ(Unpacked(file), text);
    EXPECT_EQ(Unpacked(file + Gzip("more")), text + "more");
  }
  EXPECT_FALSE(IsGzip("{\"format-version\":2}"));
  EXPECT_FALSE(IsGzip(""));
}

TEST(Gzip, DamageIsNamed) {
  const std::string file = Gzip(std::string(500, 'x') + "{\"a\": 1}");
  for (size_t size = 2; size < file.size(); ++size) {
    const Thrown thrown = WhatThrows([&] { Unpacked(file.substr(0, size)); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << size;
    EXPECT_EQ(thrown.details.path, kLocation);
  }
  EXPECT_EQ(WhatThrows([&] { Unpacked(file + "x"); }).class_name, "CorruptFileError");
  for (size_t at = 10; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    std::string unpacked;
    const Thrown thrown = WhatThrows([&] { unpacked = Unpacked(damaged); });
    // A few bits are padding.
    EXPECT_TRUE(thrown.class_name == "CorruptFileError" || unpacked == Unpacked(file)) << at;
  }
}

TEST(Gzip, BombsDoNotGoOff) {
  const std::string bomb = Gzip(std::string((size_t{64} << 20U) + 1, ' '));
  EXPECT_LT(bomb.size(), 100'000U);
  const Thrown thrown = WhatThrows([&] { Unpacked(bomb); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, ::testing::HasSubstr("unpacks to more than 67108864 bytes"));
  EXPECT_EQ(WhatThrows([&] { Unpacked(Gzip("12345"), 4); }).class_name, "CorruptFileError");
}

}  // namespace
}  // namespace floe::testing
