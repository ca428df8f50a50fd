// Avro data files as engines and hostile writers make them, read as rows of a table's schema.

#include "avro_data/avro_data_reader.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "manifest/avro_writing.h"
#include "parquet/data_file_reader.h"
#include "support/avro_file.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPath = "memory:///t/data/f.avro";

std::string Number(int64_t value) {
  std::string out;
  PutLong(value, &out);
  return out;
}

std::string Text(std::string_view text) {
  std::string out;
  PutBytes(text, &out);
  return out;
}

std::string Column(const std::string& name, int id, const std::string& type) {
  return R"({"name":")" + name + R"(","type":)" + type +
         (id < 0 ? "" : R"(,"field-id":)" + std::to_string(id)) + "}";
}

std::string RecordOf(const std::string& name, const std::vector<std::string>& columns) {
  std::string text = R"({"type":"record","name":")" + name + R"(","fields":[)";
  for (const std::string& column : columns) {
    text += (text.ends_with('[') ? "" : ",") + column;
  }
  return text + "]}";
}

DataFileReadOptions Options(Schema projection, const std::string& filter = "") {
  auto schema = std::make_shared<const Schema>(std::move(projection));
  return {.projection = schema,
          .filter_schema = schema,
          .filter = filter.empty() ? BoundExpression::True()
                                   : Bind(*ParseExpression(filter), *schema)};
}

std::vector<std::string> Read(const std::string& content, const DataFileReadOptions& options) {
  MemoryFileIO io;
  io.Put(kPath, content);
  const AvroDataReader reader(io, kPath, options);
  std::vector<std::string> rows;
  int64_t counted = 0;
  for (const int unit : reader.units()) {
    counted += reader.CountUnit(unit, StopToken());
    reader.ReadUnit(unit, ParallelOptions{}, [&](const auto& batch) {
      EXPECT_LE(batch->num_rows(), options.batch_rows);
      EXPECT_TRUE(batch->ValidateFull().ok());
      const auto table = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
      const std::vector<std::string> texts = TextsOf(*table);
      rows.insert(rows.end(), texts.begin(), texts.end());
      return true;
    });
  }
  EXPECT_EQ(counted, static_cast<int64_t>(rows.size()));
  return rows;
}

/// Two columns; rows of n and "row n".
const std::string kTwoColumns =
    RecordOf("table", {Column("id", 1, "\"int\""), Column("s", 2, R"(["null","string"])")});

std::string RowOf(int64_t n) {
  return Number(n) + Number(1) + Text("row " + std::to_string(n));
}

std::string TwoColumns(const std::string& codec, int64_t rows, int64_t rows_per_block) {
  std::vector<AvroBlock> blocks;
  for (int64_t n = 0; n < rows; ++n) {
    if (n % rows_per_block == 0) {
      blocks.push_back({0, ""});
    }
    ++blocks.back().count;
    blocks.back().data += RowOf(n);
  }
  return MakeAvroFile(kTwoColumns, codec, blocks);
}

const Schema kIdAndText({Optional(1, "id", TypeId::kLong), Optional(2, "s", TypeId::kString)});

TEST(AvroDataReader, ReadsEveryCodecInBatches) {
  for (const char* codec : kAvroCodecs) {
    DataFileReadOptions options = Options(kIdAndText);
    options.batch_rows = 7;
    const auto rows = Read(TwoColumns(codec, 100, 9), options);
    ASSERT_EQ(rows.size(), 100U) << codec;
    EXPECT_EQ(rows[99], "99|row 99");
  }
  EXPECT_THAT(Read(TwoColumns("null", 0, 1), Options(kIdAndText)), IsEmpty());
}

TEST(AvroDataReader, ColumnsAreFoundByIdAndFiltered) {
  const Schema schema({Optional(2, "id", TypeId::kString), Optional(7, "new", TypeId::kInt)});
  const std::string file = TwoColumns("deflate", 20, 6);
  EXPECT_THAT(Read(file, Options(schema, "id in ('row 3', 'row 17')")),
              ElementsAre("row 3|null", "row 17|null"));
  EXPECT_THAT(Read(file, Options(schema, "new is not null")), IsEmpty());
  const Schema nothing({Optional(7, "new", TypeId::kInt)});
  EXPECT_EQ(Read(file, Options(nothing)).size(), 20U);
}

/// A column's type and values in Avro, and what it is as a column of `type`.
struct Encoded {
  std::string avro;
  std::string values;
  Type type;
  std::vector<std::string> rows;
};

TEST(AvroDataReader, EveryTypeIsRead) {
  const auto of = [](TypeId id) { return Type::Of(id); };
  const std::string half("\x00\x00\x00\x3f", 4);
  const std::string half_as_double("\x00\x00\x00\x00\x00\x00\xe0\x3f", 8);
  for (
      const Encoded& test : std::vector<Encoded>{
          {R"("boolean")", "\x01", of(TypeId::kBoolean), {"true"}},
          {R"("int")", Number(-5), of(TypeId::kInt), {"-5"}},
          {R"("int")", Number(-5), of(TypeId::kLong), {"-5"}},
          {R"(["long","null"])", Number(1), of(TypeId::kLong), {"null"}},
          {R"(["long","null"])", Number(0) + Number(3), of(TypeId::kLong), {"3"}},
          {R"(["long"])", Number(0) + Number(3), of(TypeId::kLong), {"3"}},
          {R"("float")", half, of(TypeId::kDouble), {"0.5"}},
          {R"("double")", half_as_double, of(TypeId::kDouble), {"0.5"}},
          {R"({"type":"int","logicalType":"date"})",
           Number(365),
           of(TypeId::kDate),
           {"1971-01-01"}},
          {R"({"type":"long","logicalType":"time-micros"})",
           Number(1'000'000),
           of(TypeId::kTime),
           {"00:00:01.000000"}},
          {R"({"type":"int","logicalType":"time-millis"})",
           Number(1'000),
           of(TypeId::kTime),
           {"00:00:01.000000"}},
          {R"({"type":"long","logicalType":"timestamp-micros","adjust-to-utc":false})",
           Number(1),
           of(TypeId::kTimestamp),
           {"1970-01-01 00:00:00.000001"}},
          {R"({"type":"long","logicalType":"timestamp-micros"})",
           Number(1),
           of(TypeId::kTimestamp),
           {"1970-01-01 00:00:00.000001"}},
          {R"({"type":"long","logicalType":"timestamp-micros"})",
           Number(1),
           of(TypeId::kTimestamptz),
           {"1970-01-01 00:00:00.000001Z"}},
          {R"({"type":"long","logicalType":"timestamp-millis","adjust-to-utc":true})",
           Number(1),
           of(TypeId::kTimestamptz),
           {"1970-01-01 00:00:00.001000Z"}},
          {R"({"type":"long","logicalType":"local-timestamp-micros"})",
           Number(1),
           of(TypeId::kTimestamp),
           {"1970-01-01 00:00:00.000001"}},
          {R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})",
           Text(std::string("\xff\x85", 2)),
           Type::Decimal(20, 2),
           {"-1.23"}},
          {R"({"type":"fixed","name":"d","size":4,"logicalType":"decimal","precision":9,"scale":2})",
           std::string("\x00\x00\x00\x7b", 4),
           Type::Decimal(9, 2),
           {"1.23"}},
          {R"({"type":"enum","name":"e","symbols":["A","B"]})",
           Number(1),
           of(TypeId::kString),
           {"B"}},
          {R"({"type":"array","items":["null","int"],"element-id":5})",
           Number(-2) + Number(3) + Number(0) + Number(1) + Number(4) + Number(0),
           Type::List({5, "element", of(TypeId::kLong), false, "", {}}),
           {"list<element: int64>[null, 4]"}},
          {R"({"type":"map","values":"int","key-id":5,"value-id":6})",
           Number(1) + Text("k") + Number(4) + Number(0),
           Type::Map({5, "key", of(TypeId::kString), true, "", {}},
                     {6, "value", of(TypeId::kInt), false, "", {}}),
           {"map<string, int32>[{key:string = k, value:int32 = 4}]"}},
          {R"({"type":"array","logicalType":"map","items":)" +
               RecordOf("pair", {Column("key", 5, "\"int\""), Column("value", 6, "\"int\"")}) +
               "}",
           Number(1) + Number(9) + Number(4) + Number(0),
           Type::Map({5, "key", of(TypeId::kInt), true, "", {}},
                     {6, "value", of(TypeId::kInt), false, "", {}}),
           {"map<int32, int32>[{key:int32 = 9, value:int32 = 4}]"}},
      }) {
    const std::string schema =
        RecordOf("table", {Column("before", -1, "\"string\""), Column("c", 1, test.avro),
                           Column("after", 3, "\"int\"")});
    const std::string file =
        MakeAvroFile(schema, "null", {{1, Text("skipped") + test.values + Number(7)}});
    auto rows = Read(
        file,
        Options(Schema({{1, "c", test.type, false, "", {}}, Optional(3, "d", TypeId::kInt)})));
    EXPECT_THAT(rows, ElementsAre(test.rows[0] + "|7")) << test.avro;
  }
}

TEST(AvroDataReader, FieldsOfStructsAreFoundById) {
  const std::string inner =
      RecordOf("inner", {Column("unknown", -1, "\"long\""), Column("x", 5, "\"int\""),
                         Column("y", 6, R"(["null","string"])")});
  const std::string file = MakeAvroFile(
      RecordOf("table", {Column("c", 1, R"(["null",)" + inner + "]")}), "null",
      {{2, Number(1) + Number(8) + Number(4) + Number(1) + Text("y") + Number(0)}});
  const Schema schema(
      {{1,
        "c",
        Type::Struct({Optional(6, "renamed", TypeId::kString), Optional(5, "x", TypeId::kLong),
                      Optional(9, "new", TypeId::kDate)}),
        false,
        "",
        {}}});
  const auto rows = Read(file, Options(schema));
  EXPECT_THAT(rows,
              ElementsAre("{renamed:string = y, x:int64 = 4, new:date32[day] = null}", "null"));
}

/// Deletes the rows at some positions.
class Positions final : public RowDeletes {
 public:
  explicit Positions(std::vector<int64_t> positions) : positions_(std::move(positions)) {}
  SchemaPtr columns() const override { return nullptr; }
  bool MayTouch(int64_t first_row, int64_t row_count) const override {
    return std::ranges::any_of(positions_, [&](int64_t position) {
      return position >= first_row && position < first_row + row_count;
    });
  }
  void Clear(int64_t first_row, const arrow::RecordBatch* /*rows*/,
             std::span<uint8_t> mask) const override {
    for (const int64_t position : positions_) {
      if (position >= first_row && position < first_row + static_cast<int64_t>(mask.size())) {
        mask[static_cast<size_t>(position - first_row)] = 0;
      }
    }
  }

 private:
  std::vector<int64_t> positions_;
};

TEST(AvroDataReader, FieldsWithoutIdsAreFoundByNameMapping) {
  const std::string point =
      RecordOf("point", {Column("x", -1, "\"int\""), Column("unknown", -1, "\"int\"")});
  const std::string pair =
      RecordOf("pair", {Column("key", -1, "\"int\""), Column("value", -1, "\"int\"")});
  const std::string file = MakeAvroFile(
      RecordOf("t",
               {Column("old name", -1, "\"int\""), Column("own", 2, "\"int\""),
                Column("taken", -1, "\"int\""), Column("p", -1, "[\"null\"," + point + "]"),
                Column("l", -1, R"({"type":"array","items":"int"})"),
                Column("m", -1, R"({"type":"map","values":"int"})"),
                Column("pairs", -1,
                       R"({"type":"array","logicalType":"map","items":)" + pair + "}")}),
      "null",
      {{1, Number(1) + Number(2) + Number(3) + Number(1) + Number(4) + Number(5) + Number(1) +
               Number(6) + Number(0) + Number(1) + Text("k") + Number(7) + Number(0) +
               Number(1) + Number(8) + Number(9) + Number(0)}});
  const auto of = [](int32_t id, const std::string& name, TypeId type, bool required = false) {
    return Field{id, name, Type::Of(type), required, "", {}};
  };
  DataFileReadOptions options = Options(
      Schema({of(1, "a", TypeId::kLong),
              of(2, "b", TypeId::kLong),
              {3,
               "p",
               Type::Struct({of(4, "x", TypeId::kInt), of(5, "y", TypeId::kInt)}),
               false,
               "",
               {}},
              {6, "l", Type::List(of(7, "element", TypeId::kInt)), false, "", {}},
              {8,
               "m",
               Type::Map(of(9, "key", TypeId::kString, true), of(10, "value", TypeId::kInt)),
               false,
               "",
               {}},
              {11,
               "pairs",
               Type::Map(of(12, "key", TypeId::kInt, true), of(13, "value", TypeId::kInt)),
               false,
               "",
               {}}}));
  options.name_mapping = std::make_shared<const NameMapping>(NameMapping::Parse(R"([
      {"field-id": 1, "names": ["a", "old name"]}, {"field-id": 2, "names": ["b", "taken"]},
      {"field-id": 3, "names": ["p"], "fields": [{"field-id": 4, "names": ["x"]}]},
      {"field-id": 6, "names": ["l"], "fields": [{"field-id": 7, "names": ["element"]}]},
      {"field-id": 8, "names": ["m"], "fields": [{"field-id": 9, "names": ["key"]},
                                                 {"field-id": 10, "names": ["value"]}]},
      {"field-id": 11, "names": ["pairs"], "fields": [{"field-id": 12, "names": ["key"]},
                                                      {"field-id": 13, "names": ["value"]}]}])"));
  const std::vector<std::string> rows = Read(file, options);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0], ::testing::StartsWith("1|2|")) << "an id of a field's own is not given";
  for (const char* part : {"x:int32 = 4", "y:int32 = null", "[6]", "key:string = k", "= 7",
                           "key:int32 = 8", "= 9"}) {
    EXPECT_THAT(rows[0], HasSubstr(part));
  }
}

TEST(AvroDataReader, VariantsAreRead) {
  const std::string variant =
      R"({"type":"record","name":"v","logicalType":"variant","fields":[)" +
      Column("metadata", -1, "\"bytes\"") + "," + Column("value", -1, "\"bytes\"") + "]}";
  const std::string metadata("\x01\x00\x00", 3);
  const std::string seven("\x0c\x07", 2);  // an integer of one byte
  const std::string file = MakeAvroFile(
      RecordOf("t", {Column("v", 1, "[\"null\"," + variant + "]"), Column("n", 2, "\"int\"")}),
      "null",
      {{2, Number(1) + Text(metadata) + Text(seven) + Number(5) + Number(0) + Number(6)}});
  const Schema schema(
      {{1, "v", Type::Of(TypeId::kVariant), false, "", {}}, Optional(2, "n", TypeId::kInt)});
  const std::vector<std::string> rows = Read(file, Options(schema));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0], HasSubstr("value:binary = \f\a"));
  EXPECT_THAT(rows[0], ::testing::EndsWith("|5"));
  EXPECT_EQ(rows[1], "null|6");
}

TEST(AvroDataReader, PositionsAreThoseOfTheFile) {
  DataFileReadOptions options = Options(kIdAndText, "id < 12");
  options.batch_rows = 4;
  options.deletes = std::make_shared<Positions>(std::vector<int64_t>{0, 3, 4, 5, 6, 7, 11, 19});
  EXPECT_THAT(Read(TwoColumns("snappy", 20, 3), options),
              ElementsAre("1|row 1", "2|row 2", "8|row 8", "9|row 9", "10|row 10"));
}

TEST(AvroDataReader, LargeFilesAreCutIntoUnits) {
  Rng rng(1);
  std::vector<AvroBlock> blocks;
  for (int64_t n = 0; n < 20; ++n) {
    blocks.push_back({1, Number(n) + Number(1) + Text(rng.Bytes(1'000'000))});
  }
  MemoryFileIO io;
  io.Put(kPath, MakeAvroFile(kTwoColumns, "null", blocks));
  const AvroDataReader reader(io, kPath, Options(Schema({Optional(1, "id", TypeId::kInt)})));
  ASSERT_EQ(reader.units().size(), 4U);
  EXPECT_EQ(reader.FirstRow(0), 0);
  EXPECT_EQ(reader.FirstRow(3), 15);
  EXPECT_EQ(reader.CountUnit(3, StopToken()), 5);
  EXPECT_GT(reader.DecodedBytes(3), 5'000'000);
}

struct Refused {
  const char* name;
  std::string file;
  const char* class_name;
  const char* problem;
};

TEST(AvroDataReader, WhatIcebergDoesNotHaveIsRefused) {
  const auto of = [](const std::string& type, const std::string& value) {
    return MakeAvroFile(RecordOf("table", {Column("id", 1, type)}), "null", {{1, value}});
  };
  std::string doubling = R"("long")";
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    doubling = RecordOf(
        "r" + n,
        {Column("a", 2 * i + 10, doubling),
         Column("b", 2 * i + 11, i == 0 ? R"("long")" : "\"r" + std::to_string(i - 1) + "\"")});
  }
  for (const Refused& test : std::vector<Refused>{
           {"no ids", MakeAvroFile(RecordOf("t", {Column("id", -1, "\"int\"")}), "null", {}),
            "UnsupportedError", "has no Iceberg field ids"},
           {"no record", MakeAvroFile("{\"type\":\"string\"}", "null", {}), "CorruptFileError",
            "of no record with values"},
           {"rows without bytes",
            MakeAvroFile(RecordOf("t", {Column("id", 1, "\"null\"")}), "null",
                         {{int64_t{1} << 60, ""}}),
            "CorruptFileError", "of no record with values"},
           {"a union of two types", of(R"(["int","string"])", Number(0) + Number(1)),
            "UnsupportedError", "a union of several types"},
           {"an array of nothing", of(R"({"type":"array","items":"null"})", Number(0)),
            "UnsupportedError", "an array of values without bytes"},
           {"a decimal too long",
            of(R"({"type":"bytes","logicalType":"decimal","precision":50,"scale":2})",
               Text("")),
            "UnsupportedError", "decimal(50, 2)"},
           {"types that double", of(doubling, ""), "UnsupportedError", "too many types"},
           {"text for a number", of(R"("string")", Text("x")), "CorruptFileError", ""},
           {"more rows than bytes", MakeAvroFile(kTwoColumns, "null", {{5, RowOf(1)}}),
            "CorruptFileError", "past the end"},
           {"more bytes than rows", MakeAvroFile(kTwoColumns, "null", {{1, RowOf(1) + "x"}}),
            "CorruptFileError", "more bytes than its objects"},
           {"an array of 2^60 values",
            of(R"({"type":"array","items":"long","element-id":3})", Number(int64_t{1} << 60)),
            "CorruptFileError", ""},
       }) {
    const Thrown thrown = WhatThrows(
        [&] { Read(test.file, Options(Schema({Optional(1, "id", TypeId::kLong)}))); });
    EXPECT_EQ(thrown.class_name, test.class_name) << test.name << ": " << thrown;
    EXPECT_EQ(thrown.details.path, kPath) << test.name;
    EXPECT_THAT(thrown.message, HasSubstr(test.problem)) << test.name;
  }
}

TEST(AvroDataReader, DamagedAnywhereIsRefusedOrRead) {
  for (const char* codec : kAvroCodecs) {
    const std::string whole = TwoColumns(codec, 12, 5);
    const auto check = [&](const std::string& damaged, const std::string& what) {
      const Thrown thrown = WhatThrows([&] { Read(damaged, Options(kIdAndText)); });
      ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError" ||
                  thrown.class_name == "UnsupportedError")
          << codec << ", " << what << ": " << thrown;
    };
    for (size_t size = 0; size < whole.size(); size += 3) {
      check(whole.substr(0, size), "cut to " + std::to_string(size));
    }
    for (size_t bit = 0; bit < whole.size() * 8; bit += 5) {
      std::string damaged = whole;
      damaged[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(damaged[bit / 8]) ^ (1U << (bit % 8)));
      check(damaged, "bit " + std::to_string(bit));
    }
  }
}

}  // namespace
}  // namespace floe::testing
