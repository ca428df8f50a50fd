#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_codec.h"
#include "avro/avro_container.h"
#include "avro/avro_cursor.h"
#include "base/varint.h"
#include "floe/avro/codec.h"
#include "support/avro_file.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLocation = "file:///t/m.avro";
constexpr const char* kSchema = R"({"type":"string"})";
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

std::string Text(std::string_view text) {
  std::string out;
  AppendZigZag(static_cast<int64_t>(text.size()), &out);
  return out + std::string(text);
}

/// The texts of a file whose schema is "string".
std::vector<std::string> Texts(std::string_view content) {
  std::vector<std::string> texts;
  AvroContainerReader reader(content, kLocation);
  reader.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
    for (; count > 0; --count) {
      texts.emplace_back(cursor.ReadBytes());
    }
  });
  return texts;
}

std::string Written(const std::vector<std::string>& texts, AvroCodec codec) {
  AvroContainerWriter writer(kSchema, {{"k", "v"}}, kAvroSync, {codec, {}});
  for (const std::string& text : texts) {
    *writer.object() += Text(text);
    writer.EndObject();
  }
  return std::move(writer).Finish();
}

TEST(AvroContainer, ReadsWhatItWrites) {
  Rng rng(1);
  std::vector<std::string> many;
  for (int i = 0; i < 3'000; ++i) {
    many.push_back(rng.Bytes(rng.Index(2'000)));  // three megabytes: several blocks
  }
  for (const std::vector<std::string>& texts :
       {std::vector<std::string>{},
        {""},
        {"a", "", "b"},
        many,
        {std::string(5'000'000, 'x'), rng.Bytes(3'000'000)}}) {
    for (const AvroCodec codec :
         {AvroCodec::kNull, AvroCodec::kDeflate, AvroCodec::kZstandard, AvroCodec::kSnappy}) {
      const std::string file = Written(texts, codec);
      EXPECT_EQ(Texts(file), texts);
      AvroContainerReader reader(file, kLocation);
      EXPECT_EQ(reader.Metadata("k"), "v");
      EXPECT_EQ(reader.Metadata("avro.codec"), AvroCodecName(codec));
      EXPECT_EQ(reader.Metadata("none"), std::nullopt);
    }
  }
}

TEST(AvroContainer, ReadsOtherWritersBlocks) {
  const std::vector<AvroBlock> blocks = {{2, Text("a") + Text("b")}, {0, ""}, {1, Text("c")}};
  for (const char* codec : {"null", "deflate", "zstandard", "snappy", ""}) {
    EXPECT_EQ(Texts(MakeAvroFile(kSchema, codec, blocks)),
              (std::vector<std::string>{"a", "b", "c"}))
        << codec;
  }
  EXPECT_TRUE(Texts(MakeAvroFile(kSchema, "null", {})).empty());
}

TEST(AvroContainer, ReadsAHeaderInSeveralBlocks) {
  std::string file("Obj\x01", 4);
  AppendZigZag(1, &file);
  file += Text("x") + Text("y");
  const std::string rest = Text("avro.schema") + Text(kSchema);
  AppendZigZag(-1, &file);  // with its size in bytes
  AppendZigZag(static_cast<int64_t>(rest.size()), &file);
  file += rest;
  AppendZigZag(0, &file);
  file += kAvroSync;
  EXPECT_TRUE(Texts(file).empty());
  EXPECT_EQ(AvroContainerReader(file, kLocation).Metadata("x"), "y");
}

/// Reads a file that may be damaged: it is refused with its name, or read.
void ReadDamaged(const std::string& file, const std::string& what) {
  const Thrown thrown = WhatThrows([&] { Texts(file); });
  if (!thrown.class_name.empty()) {
    ASSERT_TRUE(thrown.class_name == "CorruptFileError" ||
                thrown.class_name == "UnsupportedError")
        << thrown << " after " << what;
    ASSERT_THAT(thrown.message, HasSubstr(kLocation)) << what;
    ASSERT_THAT(thrown.details.path.value_or(""), HasSubstr(kLocation)) << what;
  }
}

TEST(AvroContainer, CutOffAnywhereButBetweenBlocksIsCorrupt) {
  for (const char* codec : kAvroCodecs) {
    const std::string whole =
        MakeAvroFile(kSchema, codec, {{2, Text("first") + Text("second")}, {1, Text("third")}});
    size_t readable = 0;
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      const Thrown thrown = WhatThrows([&] { Texts(cut); });
      if (thrown.class_name.empty()) {
        ++readable;
        EXPECT_THAT(cut, ::testing::EndsWith(std::string(kAvroSync)));
        continue;
      }
      EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
      EXPECT_EQ(thrown.details.path, kLocation);
      EXPECT_THAT(thrown.message, HasSubstr(kLocation));
      EXPECT_LE(thrown.details.position.value_or(-1), static_cast<int64_t>(size));
    }
    EXPECT_EQ(readable, 2U) << "after the header and after the first block";
  }
}

TEST(AvroContainer, WithAnyBitFlippedIsRefusedOrRead) {
  for (const char* codec : kAvroCodecs) {
    const std::string whole =
        MakeAvroFile(kSchema, codec, {{2, Text("first") + Text("second")}, {1, Text("third")}});
    for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string damaged = whole;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1U << (bit % 8)));
      ReadDamaged(damaged, "bit " + std::to_string(bit));
    }
  }
}

struct Hostile {
  const char* name;
  std::string file;
  const char* problem;
};

TEST(AvroContainer, ThatLiesAboutItsSizesIsCorrupt) {
  const auto numbers = [](std::vector<int64_t> values) {
    std::string out;
    for (const int64_t value : values) {
      AppendZigZag(value, &out);
    }
    return out;
  };
  const std::string magic("Obj\x01", 4);
  const std::string good = MakeAvroFile(kSchema, "null", {});
  const std::string sync(kAvroSync);
  for (const Hostile& hostile : std::vector<Hostile>{
           {"empty", "", "the file is empty"},
           {"text", "hello world, this is no Avro", "does not begin as an Avro file does"},
           {"Parquet", "PAR1PAR1", "does not begin"},
           {"magic only", magic, "its header is damaged"},
           {"header of 2^63-1 members", magic + numbers({kMax}), "its header is damaged"},
           {"header of -2^63 members", magic + numbers({kMin, 1}),
            "block count is out of range"},
           {"key of 2^62 bytes", magic + numbers({1, int64_t{1} << 62}), "past the end"},
           {"key of negative size", magic + numbers({1, -5}), "a length is negative"},
           {"count of 11 bytes", magic + std::string(10, '\xff') + "\x01", "more than 64 bits"},
           {"no sync", magic + numbers({0}) + "short", "past the end"},
           {"block of 2^63-1 bytes", good + numbers({1, kMax}), "seems to be cut off"},
           {"block of negative size", good + numbers({1, -1}), "a length is negative"},
           {"block of negative count", good + numbers({-3, 0}) + sync, "does not end where"},
           {"wrong sync", good + numbers({1, 1}) + std::string(1, '\0') + "0123456789abcdeX",
            "does not end where it should"},
           {"no sync of a block", good + numbers({1, 1}) + std::string(1, '\0') + "0123",
            "seems to be cut off"},
           {"2^63-1 objects in a byte", good + numbers({kMax, 1}) + std::string(1, '\0') + sync,
            "past the end of the data"},
           {"fewer objects than bytes", good + numbers({1, 2}) + std::string(2, '\0') + sync,
            "more bytes than its objects"},
           {"object beyond its block", good + numbers({1, 1}) + "\x08" + sync, "past the end"},
       }) {
    const Thrown thrown = WhatThrows([&] { Texts(hostile.file); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << hostile.name << ": " << thrown;
    EXPECT_EQ(thrown.details.path, kLocation) << hostile.name;
    EXPECT_THAT(thrown.message, HasSubstr(hostile.problem)) << hostile.name;
  }
}

TEST(AvroContainer, OfAnotherCodecIsUnsupported) {
  for (const char* codec : {"bzip2", "xz", "Deflate", "zstd"}) {
    const Thrown thrown = WhatThrows([&] { Texts(MakeAvroFile(kSchema, codec, {})); });
    EXPECT_EQ(thrown.class_name, "UnsupportedError");
    EXPECT_EQ(thrown.details.path, kLocation);
    EXPECT_THAT(thrown.message, HasSubstr("'" + std::string(codec) + "'"));
  }
}

TEST(AvroContainer, ThatIsEncryptedIsUnsupported) {
  const Thrown thrown = WhatThrows([&] { Texts("AGS1 and what nobody can read"); });
  EXPECT_EQ(thrown.class_name, "UnsupportedError");
  EXPECT_EQ(thrown.details.path, kLocation);
  EXPECT_THAT(thrown.message, HasSubstr("is encrypted"));
}

TEST(AvroContainer, GarbageInPlaceOfCompressedDataIsCorrupt) {
  Rng rng(2);
  for (const char* codec : {"deflate", "zstandard", "snappy"}) {
    for (int i = 0; i < 300; ++i) {
      ReadDamaged(MakeAvroFileOfRawBlocks(kSchema, codec, {{1, rng.Bytes(rng.Index(40))}}),
                  "garbage " + std::to_string(i));
    }
  }
}

TEST(AvroContainer, ThatExpandsBeyondReasonIsCorrupt) {
  // A megabyte of zeros takes 50 bytes of zstandard; a file of them would take all memory.
  std::string zeros;
  // NOLINTNEXTLINE(bugprone-string-constructor)
  AppendCompressed({AvroCodec::kZstandard, {}}, std::string(1'000'000, '\0'), &zeros);
  std::string block;
  for (int i = 0; i < 100; ++i) {
    block += zeros;  // frames after one another are one text
  }
  const std::string one = MakeAvroFileOfRawBlocks(kSchema, "zstandard", {{1'000'000, zeros}});
  EXPECT_EQ(Texts(one).size(), 1'000'000U);
  const std::string bomb = MakeAvroFileOfRawBlocks(kSchema, "zstandard", {{1, block}});
  EXPECT_LT(bomb.size(), 10'000U);
  const Thrown thrown = WhatThrows([&] { Texts(bomb); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("expands to more than a sound file"));
  const std::string many = MakeAvroFileOfRawBlocks(
      kSchema, "zstandard", std::vector<AvroBlock>(100, {1'000'000, zeros}));
  AvroContainerReader reader(many, kLocation);
  size_t blocks = 0;
  EXPECT_EQ(WhatThrows([&] {
              reader.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
                ++blocks;
                cursor.ReadFixed(static_cast<size_t>(count));
              });
            }).class_name,
            "CorruptFileError")
      << "the blocks of a file are counted together";
  EXPECT_GT(blocks, 50U);
}

TEST(AvroContainer, DeflateThatHasMoreThanItsObjectsIsCorrupt) {
  // NOLINTNEXTLINE(bugprone-string-constructor): 97 kB deflated
  const std::string bomb(100'000'000, '\0');
  const std::string file = MakeAvroFile(kSchema, "deflate", {{1, bomb}});
  EXPECT_LT(file.size(), 200'000U);
  EXPECT_THAT(WhatThrows([&] { Texts(file); }).message,
              HasSubstr("more bytes than its objects"));
}

TEST(AvroContainer, ObjectsWithoutBytesHaveNone) {
  constexpr const char* kEmpty = R"({"type": "record", "name": "r", "fields": []})";
  constexpr int64_t kMany = std::numeric_limits<int64_t>::max();
  const auto count = [](const std::string& file) {
    AvroContainerReader reader(file, kLocation);
    int64_t objects = 0;
    reader.ForEachBlock([&](int64_t block, AvroCursor&) { objects += block; });
    return objects;
  };
  EXPECT_EQ(count(MakeAvroFileOfRawBlocks(kEmpty, "null", {{kMany, ""}})), kMany);
  EXPECT_THAT(WhatThrows([&] {
                count(MakeAvroFileOfRawBlocks(kEmpty, "null", {{kMany, "a"}}));
              }).message,
              HasSubstr("more bytes than its objects"));
}

struct BadSchema {
  const char* schema;
  const char* problem;
};

TEST(AvroContainer, WithoutASoundSchemaIsCorrupt) {
  const std::string deep = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) {
      text += R"({"type":"array","items":)";
    }
    return text;
  }();
  for (
      const BadSchema& bad : std::vector<BadSchema>{
          {"", "its header has no schema"},
          {"string", ""},
          {"\"string\"", "found a single value"},
          {R"({"type":"text"})", "'text' is neither a primitive nor a type named before"},
          {"{}", "neither a primitive"},
          {"null", ""},
          {"3", ""},
          {R"({"type":"record","name":"r"})", "a record without fields"},
          {R"({"type":"record","name":"r","fields":[{"name":"a"}]})", "'type' is missing"},
          {R"({"type":"record","name":"r","fields":[{"type":"int"}]})", "'name' is missing"},
          {R"({"type":"record","name":"r","fields":[{"name":"a","type":"r"}]})",
           "'r' is neither"},
          {R"({"type":"array"})", "without its element type"},
          {R"({"type":"map","values":"x"})", "'x' is neither"},
          {R"({"type":"fixed","name":"f"})", "'size' is missing"},
          {R"({"type":"fixed","name":"f","size":-1})", "negative size"},
          {R"({"type":"fixed","name":"f","size":1e3})", "64-bit integer"},
          {R"({"type":"record","name":"r","fields":[{"name":"a","type":"int","field-id":"1"}]})",
           "expected a 64-bit integer"},
          {deep.c_str(), "deeper than 200"},
      }) {
    const Thrown thrown = WhatThrows([&] { Texts(MakeAvroFile(bad.schema, "null", {})); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << std::string(bad.schema).substr(0, 99);
    EXPECT_THAT(thrown.message, HasSubstr(kLocation));
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
  }
}

}  // namespace
}  // namespace floe::testing
