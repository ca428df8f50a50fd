#include "floe/avro/codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "avro/avro_codec.h"
#include "avro/avro_cursor.h"
#include "base/bytes.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

constexpr size_t kMegabyte = 1'000'000;

std::string Expanded(AvroCodec codec, std::string_view block, size_t limit = kMegabyte) {
  AvroDecompressor decompressor(codec);
  return std::string(decompressor.Decompress(block, limit));
}

/// What a block is refused with; nothing if it is read.
std::string Problem(AvroCodec codec, std::string_view block, size_t limit = kMegabyte) {
  try {
    Expanded(codec, block, limit);
  } catch (const AvroDataError& error) {
    return error.problem;
  }
  return "";
}

std::string Repeated(std::string_view text, size_t times) {
  std::string out;
  for (; times > 0; --times) {
    out += text;
  }
  return out;
}

// Made by Arrow's codecs, the checksum by zlib.
const std::string kText = Repeated(
    "\x06"
    "foo\x06"
    "bar",
    20);
constexpr const char* kSnappyOfText = "a0011c06666f6f06626172fe0800fe08005e08005769a180";
/// The text twice, in two blocks of a frame that does not say how long it is.
constexpr const char* kZstandardOfTwoTexts =
    "28b52ffd00487c00004006666f6f0662617201009551850b450000080601001c0a0801";

TEST(AvroCodec, ReadsWhatOthersCompressed) {
  EXPECT_EQ(Expanded(AvroCodec::kSnappy, FromHex(kSnappyOfText)), kText);
  EXPECT_EQ(Expanded(AvroCodec::kZstandard, FromHex(kZstandardOfTwoTexts)), kText + kText);
  EXPECT_EQ(Expanded(AvroCodec::kZstandard,
                     FromHex(kZstandardOfTwoTexts) + FromHex(kZstandardOfTwoTexts)),
            Repeated(kText, 4))
      << "two frames";
  EXPECT_EQ(Expanded(AvroCodec::kNull, kText), kText);
}

TEST(AvroCodec, ReadsWhatItCompressesAtEveryLevel) {
  Rng rng(1);
  const std::vector<std::string> texts = {"", "x", kText, rng.Bytes(100'000),
                                          Repeated(kText, 5'000)};
  for (const AvroCodec codec :
       {AvroCodec::kNull, AvroCodec::kDeflate, AvroCodec::kZstandard, AvroCodec::kSnappy}) {
    for (const std::optional<int> level :
         {std::optional<int>(), std::optional<int>(1), std::optional<int>(9)}) {
      for (const std::string& text : texts) {
        std::string block;
        AppendCompressed({codec, level}, text, &block);
        EXPECT_EQ(Expanded(codec, block), text) << AvroCodecName(codec);
      }
    }
  }
}

TEST(AvroCodec, TheLimitIsExact) {
  for (const AvroCodec codec :
       {AvroCodec::kDeflate, AvroCodec::kZstandard, AvroCodec::kSnappy}) {
    std::string block;
    AppendCompressed({codec, {}}, kText, &block);
    EXPECT_EQ(Problem(codec, block, kText.size()), "") << AvroCodecName(codec);
    EXPECT_NE(Problem(codec, block, kText.size() - 1), "") << AvroCodecName(codec);
    AvroDecompressor used(codec);
    used.Decompress(block, kText.size());
    EXPECT_THROW(used.Decompress(block, kText.size() - 1), AvroDataError)
        << AvroCodecName(codec) << ": there is room from before";
  }
}

TEST(AvroCodec, ChecksSnappysChecksum) {
  const std::string block = FromHex(kSnappyOfText);
  EXPECT_EQ(Problem(AvroCodec::kSnappy, ""), "a snappy block without a checksum");
  for (size_t bit = 0; bit < 32; ++bit) {
    std::string damaged = block;
    char& byte = damaged[block.size() - 1 - bit / 8];
    byte = static_cast<char>(byte ^ (1U << (bit % 8)));
    EXPECT_EQ(Problem(AvroCodec::kSnappy, damaged),
              "a snappy block whose checksum does not fit its data");
  }
}

TEST(AvroCodec, CutOffAnywhereIsDamaged) {
  for (const AvroCodec codec :
       {AvroCodec::kDeflate, AvroCodec::kZstandard, AvroCodec::kSnappy}) {
    std::string block;
    AppendCompressed({codec, {}}, kText, &block);
    for (size_t size = 1; size < block.size(); ++size) {
      EXPECT_NE(Problem(codec, block.substr(0, size)), "") << AvroCodecName(codec) << size;
    }
  }
}

TEST(AvroCodec, IsNamedAsInAvro) {
  EXPECT_EQ(AvroCodecNamed("zstandard"), AvroCodec::kZstandard);
  EXPECT_EQ(AvroCodecNamed("zstd"), std::nullopt);
  EXPECT_EQ(AvroCodecNamed("bzip2"), std::nullopt);
}

}  // namespace
}  // namespace floe::testing
