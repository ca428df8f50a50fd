#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "base/bytes.h"
#include "base/varint.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

std::string Numbers(const std::vector<int64_t>& values) {
  std::string out;
  for (const int64_t value : values) {
    AppendZigZag(value, &out);
  }
  return out;
}

/// What a read fails with; nothing if it does not.
template <class Read>
std::optional<std::string> Failure(const Read& read) {
  try {
    read();
  } catch (const AvroDataError& error) {
    return error.problem;
  }
  return std::nullopt;
}

TEST(AvroCursor, ReadsEveryNumber) {
  Rng rng(1);
  std::vector<int64_t> values = {0, 1, -1, 63, 64, -64, -65, 8191, 8192, kMax, kMin};
  for (int i = 0; i < 1'000; ++i) {
    values.push_back(static_cast<int64_t>(rng.Next() >> rng.Below(64)));
  }
  const std::string bytes = Numbers(values);
  AvroCursor reading(bytes);
  AvroCursor skipping(bytes);
  for (const int64_t value : values) {
    EXPECT_EQ(reading.ReadLong(), value);
    skipping.SkipLong();
    EXPECT_EQ(skipping.offset(), reading.offset());
  }
  EXPECT_TRUE(reading.at_end());
}

TEST(AvroCursor, RefusesNumbersThatDoNotFit) {
  const auto long_of = [](const std::string& bytes) {
    return Failure([&] { AvroCursor(bytes).ReadLong(); });
  };
  const auto int_of = [](int64_t value) {
    const std::string bytes = Numbers({value});
    return Failure([&] { AvroCursor(bytes).ReadInt(); });
  };
  EXPECT_TRUE(long_of(""));
  EXPECT_TRUE(long_of("\x80"));
  EXPECT_TRUE(long_of(std::string(10, '\x80') + '\x01'));
  EXPECT_TRUE(long_of(std::string(9, '\xff') + '\x7f')) << "70 bits";
  EXPECT_FALSE(long_of(std::string(9, '\xff') + '\x01'));
  EXPECT_FALSE(long_of(std::string("\x80\x00", 2))) << "0 in two bytes";
  EXPECT_FALSE(int_of(std::numeric_limits<int32_t>::max()));
  EXPECT_FALSE(int_of(std::numeric_limits<int32_t>::min()));
  EXPECT_TRUE(int_of(int64_t{std::numeric_limits<int32_t>::max()} + 1));
  EXPECT_TRUE(int_of(kMin));
  const std::string unending(1'000, '\xff');
  EXPECT_TRUE(Failure([&] { AvroCursor(unending).SkipLong(); }));
}

TEST(AvroCursor, RefusesLengthsBeyondTheData) {
  for (const int64_t size : {int64_t{3}, int64_t{-1}, kMax, kMin, int64_t{1} << 62}) {
    const std::string bytes = Numbers({size}) + "ab";
    EXPECT_TRUE(Failure([&] { AvroCursor(bytes).ReadBytes(); })) << size;
  }
  EXPECT_TRUE(Failure([&] { AvroCursor("abc").ReadFixed(4); }));
  EXPECT_TRUE(Failure([&] { AvroCursor("abc").ReadFixedWidth<float>(); }));
  EXPECT_TRUE(Failure([&] { AvroCursor("").ReadBoolean(); }));
  const std::string least = Numbers({kMin, 0});
  EXPECT_TRUE(Failure([&] { AvroCursor(least).ReadBlockCount(); }));
}

/// A schema in JSON and the bytes of a value of it.
struct Sample {
  std::string schema;
  std::string bytes;
};

class SampleMaker {
 public:
  explicit SampleMaker(Rng& rng) : rng_(rng) {}

  Sample Make(int depth) {
    static const std::vector<std::string> primitives = {"null",  "boolean", "int",   "long",
                                                        "float", "double",  "bytes", "string"};
    switch (depth == 0 ? 0 : rng_.Below(7)) {
      case 1:
        return Record(depth);
      case 2:
        return Array(depth);
      case 3:
        return Map(depth);
      case 4:
        return Union(depth);
      case 5: {
        const size_t size = rng_.Index(5);
        return {R"({"type":"fixed","name":")" + Name() + R"(","size":)" + std::to_string(size) +
                    "}",
                rng_.Bytes(size)};
      }
      case 6:
        return {R"({"type":"enum","name":")" + Name() + R"(","symbols":["A","B"]})",
                Numbers({rng_.Between(0, 1)})};
      default: {
        const std::string& name = rng_.Pick(primitives);
        return {"\"" + name + "\"", Primitive(name)};
      }
    }
  }

 private:
  std::string Name() { return "n" + std::to_string(++names_); }

  std::string Primitive(const std::string& name) {
    if (name == "null") {
      return "";
    }
    if (name == "boolean") {
      return std::string(1, '\1');
    }
    if (name == "int" || name == "long") {
      return Numbers({static_cast<int64_t>(rng_.Next() >> rng_.Below(64))});
    }
    if (name == "float" || name == "double") {
      return rng_.Bytes(name == "float" ? 4 : 8);
    }
    const std::string bytes = rng_.Bytes(rng_.Index(20));
    return Numbers({static_cast<int64_t>(bytes.size())}) + bytes;
  }

  Sample Record(int depth) {
    Sample made{R"({"type":"record","name":")" + Name() + R"(","fields":[)", ""};
    const size_t count = rng_.Index(4);
    for (size_t i = 0; i < count; ++i) {
      const Sample field = Make(depth - 1);
      made.schema += (i > 0 ? "," : "") + (R"({"name":"f","type":)" + field.schema) + "}";
      made.bytes += field.bytes;
    }
    made.schema += "]}";
    return made;
  }

  /// Elements that are all alike, in blocks with and without their size.
  std::string Blocks(const std::string& element) {
    std::string bytes;
    for (size_t left = rng_.Index(3); left > 0; --left) {
      const int64_t count = rng_.Between(1, 3);
      std::string block;
      for (int64_t i = 0; i < count; ++i) {
        block += element;
      }
      bytes += rng_.OneIn(2) ? Numbers({count})
                             : Numbers({-count, static_cast<int64_t>(block.size())});
      bytes += block;
    }
    return bytes + Numbers({0});
  }

  Sample Array(int depth) {
    const Sample element = Make(depth - 1);
    return {R"({"type":"array","items":)" + element.schema + "}", Blocks(element.bytes)};
  }

  Sample Map(int depth) {
    const Sample value = Make(depth - 1);
    return {R"({"type":"map","values":)" + value.schema + "}",
            Blocks(Numbers({2}) + "ky" + value.bytes)};
  }

  Sample Union(int depth) {
    std::string schema;
    std::string bytes;
    const auto count = rng_.Between(1, 3);
    const auto chosen = rng_.Between(0, count - 1);
    for (int64_t i = 0; i < count; ++i) {
      const Sample branch = Make(depth - 1);
      schema += (i == 0 ? "[" : ",") + branch.schema;
      if (i == chosen) {
        bytes = Numbers({i}) + branch.bytes;
      }
    }
    return {schema + "]", bytes};
  }

  Rng& rng_;
  int names_ = 0;
};

TEST(AvroCursor, SkipsExactlyOneValueOfAnySchema) {
  for (const uint64_t seed : Seeds(300)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Sample sample = SampleMaker(rng).Make(4);
    const AvroSchemaPtr schema = ParseAvroSchema(R"({"type":)" + sample.schema + "}", "file");
    const std::string bytes = sample.bytes + "tail";
    AvroCursor cursor(bytes);
    cursor.Skip(*schema);
    EXPECT_EQ(cursor.offset(), sample.bytes.size()) << sample.schema << ToHex(sample.bytes);
    for (size_t size = 0; size < sample.bytes.size(); ++size) {
      const std::string cut = sample.bytes.substr(0, size);
      AvroCursor short_cursor(cut);
      const auto failure = Failure([&] { short_cursor.Skip(*schema); });
      EXPECT_TRUE(failure) << sample.schema << " cut to " << size;
    }
  }
}

TEST(AvroCursor, SkipsRandomBytesWithoutHarm) {
  for (const uint64_t seed : Seeds(300)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const AvroSchemaPtr schema =
        ParseAvroSchema(R"({"type":)" + SampleMaker(rng).Make(4).schema + "}", "file");
    for (int i = 0; i < 20; ++i) {
      const std::string bytes = rng.Bytes(rng.Index(40));
      AvroCursor cursor(bytes);
      Failure([&] { cursor.Skip(*schema); });
      EXPECT_LE(cursor.offset(), bytes.size());
    }
  }
}

TEST(AvroCursor, SkipsAnyNumberOfElementsOfNoBytes) {
  for (const char* element :
       {"\"null\"", R"({"type":"fixed","name":"f","size":0})",
        R"({"type":"record","name":"r","fields":[{"name":"a","type":"null"}]})"}) {
    const AvroSchemaPtr schema =
        ParseAvroSchema(R"({"type":"array","items":)" + std::string(element) + "}", "file");
    const std::string bytes = Numbers({kMax, kMax, 0});
    AvroCursor cursor(bytes);
    cursor.Skip(*schema);
    EXPECT_TRUE(cursor.at_end());
  }
}

/// A record of two fields of a record of two fields, and so on: 2^depth values of no bytes.
std::string DoublingSchema(int depth) {
  std::string schema = R"({"type":"record","name":"r0","fields":[{"name":"n","type":"null"}]})";
  for (int i = 1; i <= depth; ++i) {
    const std::string inner = "r" + std::to_string(i - 1);
    schema = R"({"type":"record","name":"r)" + std::to_string(i) +
             R"(","fields":[{"name":"a","type":)" + schema + R"(},{"name":"b","type":")" +
             inner + R"("}]})";
  }
  return schema;
}

TEST(AvroCursor, ASchemaThatDoublesCostsNoTime) {
  const AvroSchemaPtr schema = ParseAvroSchema(DoublingSchema(60), "file");
  AvroCursor cursor("");
  cursor.Skip(*schema);
  EXPECT_TRUE(cursor.at_end());
}

TEST(AvroCursor, ValuesNestedTooDeepAreRefused) {
  std::string schema = "\"int\"";
  for (int i = 0; i < 90; ++i) {
    schema = R"({"type":"array","items":)" + schema + "}";
  }
  const AvroSchemaPtr deep = ParseAvroSchema(schema, "file");
  const std::string bytes(200, '\2');
  EXPECT_EQ(Failure([&] { AvroCursor(bytes).Skip(*deep); }), "values are nested too deep");
}

}  // namespace
}  // namespace floe::testing
