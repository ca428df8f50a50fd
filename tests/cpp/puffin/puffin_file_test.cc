#include "floe/puffin/puffin_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "support/memory_file_io.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kLocation = "file:///t/stats.puffin";

Thrown ErrorOf(const std::string& content) {
  return WhatThrows([&] {
    MemoryFileIO io;
    io.Put(kLocation, content);
    const auto file = io.OpenInput(kLocation);
    for (const PuffinBlob& blob : ReadPuffinFooter(*file).blobs) {
      ReadPuffinBlob(*file, blob);
    }
  });
}

/// A file with this footer.
std::string FileOf(std::string_view json, std::string_view flags = "00000000",
                   std::string_view blobs = "") {
  std::string content = "PFA1" + std::string(blobs) + "PFA1" + std::string(json);
  AppendLittleEndian(static_cast<int32_t>(json.size()), &content);
  return content + FromHex(flags) + "PFA1";
}

std::string BlobJson(std::string_view members) {
  return R"({"blobs":[{"type":"x","fields":[1],"snapshot-id":2,"sequence-number":3,)" +
         std::string(members) + "}]}";
}

TEST(PuffinFile, IsWrittenByTheSpecification) {
  EXPECT_EQ(PuffinWriter().Finish({}), FileOf(R"({"blobs":[]})"));
  PuffinWriter writer;
  writer.Add({.type = "x", .fields = {1}, .snapshot_id = 2, .sequence_number = 3}, "abc");
  EXPECT_EQ(std::move(writer).Finish({{"created-by", "floe"}}),
            FileOf(R"({"blobs":[{"type":"x","fields":[1],"snapshot-id":2,"sequence-number":3,)"
                   R"("offset":4,"length":3}],"properties":{"created-by":"floe"}})",
                   "00000000", "abc"));
}

TEST(PuffinFile, RoundTripsWithEveryCodec) {
  const std::string zeros(100'000, '\0');
  for (const bool compress_footer : {false, true}) {
    PuffinWriter writer;
    writer.Add({.type = std::string(kThetaSketchBlob), .properties = {{"ndv", "7"}}}, "sketch");
    writer.Add({.type = "a", .compression_codec = "lz4"}, zeros);
    writer.Add({.type = "b", .compression_codec = "zstd"}, zeros);
    writer.Add({.type = "c", .compression_codec = "zstd"}, "");
    writer.Add({.type = "d", .compression_codec = "lz4"}, "");
    MemoryFileIO io;
    io.Put(kLocation, std::move(writer).Finish({{"created-by", "floe"}}, compress_footer));
    const auto file = io.OpenInput(kLocation);
    const PuffinFooter footer = ReadPuffinFooter(*file);
    ASSERT_EQ(footer.blobs.size(), 5U);
    EXPECT_THAT(footer.properties, ElementsAre(Pair("created-by", "floe")));
    EXPECT_EQ(*footer.blobs[0].FindProperty("ndv"), "7");
    EXPECT_EQ(footer.blobs[0].FindProperty("other"), nullptr);
    EXPECT_LT(footer.blobs[1].length, 1'000);
    EXPECT_EQ(ReadPuffinBlob(*file, footer.blobs[0]), "sketch");
    EXPECT_EQ(ReadPuffinBlob(*file, footer.blobs[1]), zeros);
    EXPECT_EQ(ReadPuffinBlob(*file, footer.blobs[2]), zeros);
    EXPECT_EQ(ReadPuffinBlob(*file, footer.blobs[3]), "");
    EXPECT_EQ(ReadPuffinBlob(*file, footer.blobs[4]), "");
  }
}

TEST(PuffinFile, UnknownMembersAreKept) {
  MemoryFileIO io;
  io.Put(kLocation, FileOf(R"({"blobs":[{"type":"x","fields":[],"snapshot-id":2,)"
                           R"("sequence-number":3,"offset":4,"length":0,"more":[1, 2]}],)"
                           R"("z":{}})"));
  const PuffinFooter footer = ReadPuffinFooter(*io.OpenInput(kLocation));
  EXPECT_THAT(footer.blobs.at(0).extras, ElementsAre(Pair("more", "[1, 2]")));
  EXPECT_THAT(footer.extras, ElementsAre(Pair("z", "{}")));
}

TEST(PuffinFile, DamageIsNamedWithItsPlace) {
  const auto problem_of = [](const std::string& content) {
    const Thrown thrown = ErrorOf(content);
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
    EXPECT_EQ(thrown.details.path, kLocation);
    return thrown.message;
  };
  EXPECT_THAT(problem_of(""), HasSubstr("at byte 0: it has only 0 bytes"));
  EXPECT_THAT(problem_of(std::string(40, 'x')), HasSubstr("does not begin as a Puffin file"));
  EXPECT_THAT(problem_of("PFA1" + std::string(40, 'x')), HasSubstr("seems to be cut off"));
  EXPECT_THAT(problem_of("PFA1PFA1" + FromHex("ffffffff00000000") + "PFA1"),
              HasSubstr("its footer says it has -1 bytes"));
  EXPECT_THAT(problem_of("PFA1PFA1" + FromHex("0100000000000000") + "PFA1"),
              HasSubstr("its footer says it has 1 bytes"));
  EXPECT_THAT(problem_of("PFA1xxxx" + FromHex("0000000000000000") + "PFA1"),
              HasSubstr("its footer does not begin as one does"));
  EXPECT_THAT(problem_of(FileOf("{}")), HasSubstr("blobs"));
  EXPECT_THAT(problem_of(FileOf("{", "01000000")), HasSubstr("its footer: it is no LZ4 frame"));
  EXPECT_THAT(problem_of(FileOf(BlobJson(R"("offset":4)"))), HasSubstr("length"));
}

TEST(PuffinFile, BlobsLieWithinTheFileSideBySide) {
  const auto problem_of = [](std::string_view members) {
    return ErrorOf(FileOf(BlobJson(members), "00000000", "0123456789")).message;
  };
  EXPECT_EQ(problem_of(R"("offset":4,"length":10)"), "");
  EXPECT_THAT(problem_of(R"("offset":4,"length":11)"), HasSubstr("from byte 4 to 14"));
  EXPECT_THAT(problem_of(R"("offset":3,"length":1)"), HasSubstr("of 1 bytes from byte 3"));
  EXPECT_THAT(problem_of(R"("offset":-4,"length":1)"), HasSubstr("from byte -4"));
  EXPECT_THAT(problem_of(R"("offset":4,"length":-1)"), HasSubstr("a blob of -1 bytes"));
  EXPECT_THAT(problem_of(R"("offset":9223372036854775807,"length":9223372036854775807)"),
              HasSubstr("a blob of 9223372036854775807 bytes"));
  EXPECT_THAT(problem_of(R"("offset":4,"length":4},{"type":"y","fields":[],"snapshot-id":2,)"
                         R"("sequence-number":3,"offset":7,"length":2)"),
              HasSubstr("the blobs at byte 4 and 7 overlap"));
}

TEST(PuffinFile, WhatTheSpecificationDoesNotHaveIsRefused) {
  const Thrown flags = ErrorOf(FileOf(R"({"blobs":[]})", "02000000"));
  EXPECT_EQ(flags.class_name, "UnsupportedError");
  EXPECT_THAT(flags.message, HasSubstr("has flags 0x2"));
  const Thrown codec =
      ErrorOf(FileOf(BlobJson(R"("offset":4,"length":0,"compression-codec":"gzip")")));
  EXPECT_EQ(codec.class_name, "UnsupportedError");
  EXPECT_THAT(codec.message, HasSubstr("'gzip'"));
  const Thrown written = WhatThrows(
      [] { PuffinWriter().Add({.type = "x", .compression_codec = "snappy"}, "abc"); });
  EXPECT_EQ(written.class_name, "InvalidArgumentError");
}

TEST(PuffinFile, AFrameThatClaimsTooMuchIsNotBelieved) {
  // Zstandard: magic, 8 bytes of content size (2^40), then an empty last block.
  const std::string zstd = FromHex(
      "28b52ffd"
      "e0"
      "0000000000010000"
      "010000");
  const Thrown big = ErrorOf(FileOf(
      BlobJson(R"("offset":4,"length":16,"compression-codec":"zstd")"), "00000000", zstd));
  EXPECT_EQ(big.class_name, "CorruptFileError");
  EXPECT_THAT(big.message, HasSubstr("say that they decompress to 1099511627776"));
}

TEST(PuffinFile, EveryFlippedByteIsAnErrorOrReadable) {
  for (const bool compress_footer : {false, true}) {
    PuffinWriter writer;
    writer.Add({.type = "a", .fields = {1}, .compression_codec = "lz4"}, "abcabcabcabcabcabc");
    writer.Add({.type = "b", .compression_codec = "zstd"}, "abcabcabcabcabcabc");
    const std::string content =
        std::move(writer).Finish({{"created-by", "floe"}}, compress_footer);
    for (size_t i = 0; i < content.size(); ++i) {
      for (const char flip : {'\x01', '\x80', '\xFF'}) {
        std::string damaged = content;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const Thrown thrown = ErrorOf(damaged);
        ASSERT_TRUE(thrown.class_name.empty() || thrown.is_expected())
            << "byte " << i << ": " << thrown;
      }
    }
    for (size_t size = 0; size < content.size(); ++size) {
      ASSERT_EQ(ErrorOf(content.substr(0, size)).class_name, "CorruptFileError") << size;
    }
  }
}

}  // namespace
}  // namespace floe::testing
