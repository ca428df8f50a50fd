// Columns that a file lacks, and the types of format version 3 in files.

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "parquet/data_files.h"
#include "parquet/parquet_data_reader.h"
#include "support/memory_file_io.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A column with an initial default in JSON form.
Field Defaulted(int32_t id, std::string name, Type type, const std::string& json) {
  Field field{id, std::move(name), type, false, "", {}};
  field.initial_default = ValueFromJson(json, type);
  return field;
}

const Field& Id() {
  static const Field field = Optional(1, "id", TypeId::kLong);
  return field;
}

void PutFileOfIds(MemoryFileIO& io) {
  PutForeignFile(io, arrow::schema({WithId(1, "id", arrow::int64())}), "[[1], [null], [3]]");
}

struct DefaultOfType {
  Type type;
  std::string json;
  std::string shown;
};

TEST(Defaults, StandForColumnsThatTheFileLacks) {
  MemoryFileIO io;
  PutFileOfIds(io);
  for (const DefaultOfType& test : std::vector<DefaultOfType>{
           {Type::Of(TypeId::kBoolean), "true", "true"},
           {Type::Of(TypeId::kInt), "-7", "-7"},
           {Type::Of(TypeId::kDouble), "0.5", "0.5"},
           {Type::Decimal(9, 2), R"("12.50")", "12.50"},
           {Type::Of(TypeId::kDate), R"("2024-01-31")", "2024-01-31"},
           {Type::Of(TypeId::kTimestampNs), R"("2024-01-31T00:00:00.000000001")",
            "2024-01-31 00:00:00.000000001"},
           {Type::Of(TypeId::kString), R"("x")", "x"},
           {Type::List(Optional(8, "element", TypeId::kLong)), "[1, null]",
            "list<element: int64>[1, null]"},
       }) {
    const Schema schema({Id(), Defaulted(9, "d", test.type, test.json)});
    EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)),
                ElementsAre("1|" + test.shown, "null|" + test.shown, "3|" + test.shown))
        << test.type.ToString();
  }
}

TEST(Defaults, OfEveryTypeCanBeRead) {
  MemoryFileIO io;
  PutFileOfIds(io);
  const Schema schema(
      {Id(),
       Defaulted(2, "uuid", Type::Of(TypeId::kUuid),
                 R"("f79c3e09-677c-4bbd-a479-3f349cb785e7")"),
       Defaulted(3, "fixed", Type::Fixed(2), R"("00ff")"),
       Defaulted(4, "binary", Type::Of(TypeId::kBinary), R"("")"),
       Defaulted(5, "time", Type::Of(TypeId::kTime), R"("01:02:03")"),
       Defaulted(6, "zoned", Type::Of(TypeId::kTimestamptz), R"("2024-01-31T00:00:00+00:00")"),
       Defaulted(7, "float", Type::Of(TypeId::kFloat), "1.5"),
       Defaulted(
           8, "map",
           Type::Map(Required(9, "key", TypeId::kString), Optional(10, "value", TypeId::kUuid)),
           R"({"keys":["a"],"values":["f79c3e09-677c-4bbd-a479-3f349cb785e7"]})"),
       Defaulted(11, "empty", Type::List(Optional(12, "element", TypeId::kInt)), "[]"),
       Optional(13, "unknown", TypeId::kUnknown)});
  EXPECT_EQ(ReadFileRows(io, ReadOptions(schema)).size(), 3);
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema,
                                           "uuid = 'f79c3e09-677c-4bbd-a479-3f349cb785e7' "
                                           "and time = '01:02:03' and unknown is null")),
              ::testing::SizeIs(3));
}

TEST(Defaults, AreWhatFiltersSee) {
  MemoryFileIO io;
  PutFileOfIds(io);
  const Schema schema({Id(), Defaulted(2, "d", Type::Of(TypeId::kInt), "5")});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "d = 5 and id = 3")), ElementsAre("3|5"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "d > 4")), ::testing::SizeIs(3));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "d is null")), IsEmpty());
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "d != 5")), IsEmpty());
}

TEST(Defaults, OfStructsAreThoseOfTheirFields) {
  MemoryFileIO io;
  PutForeignFile(
      io, arrow::schema({WithId(1, "point", arrow::struct_({WithId(2, "x", arrow::int32())}))}),
      "[[[3]], [null]]");
  const Type point = Type::Struct(
      {Optional(2, "x", TypeId::kInt), Defaulted(3, "y", Type::Of(TypeId::kInt), "0")});
  // The specification's table of defaults: a field below a struct that is there, and one that
  // is not.
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({{1, "point", point, false, "", {}}}))),
              ElementsAre("{x:int32 = 3, y:int32 = 0}", "null"));
  EXPECT_THAT(ReadFileRows(
                  io, ReadOptions(Schema({{1, "point", point, false, "", {}}}), "point.y = 0")),
              ::testing::SizeIs(1));
  const Type other = Type::Struct(
      {Defaulted(12, "x", Type::Of(TypeId::kInt), "0"), Optional(13, "y", TypeId::kInt)});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({Defaulted(11, "other", other, "{}")}))),
              ElementsAre("{x:int32 = 0, y:int32 = null}", "{x:int32 = 0, y:int32 = null}"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({{11, "other", other, false, "", {}}}))),
              ElementsAre("null", "null"));
}

TEST(Defaults, StandForRequiredColumnsToo) {
  MemoryFileIO io;
  PutFileOfIds(io);
  Field required = Defaulted(2, "d", Type::Of(TypeId::kInt), "5");
  required.required = true;
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({required}))), ElementsAre("5", "5", "5"));
  const Type without = Type::Struct({Required(4, "x", TypeId::kInt)});
  const Thrown thrown = WhatThrows(
      [&] { ReadFileRows(io, ReadOptions(Schema({Defaulted(3, "s", without, "{}")}))); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("'s'"));
}

TEST(Nanoseconds, AreKeptAndPruned) {
  const Schema schema({Optional(1, "n", TypeId::kTimestampNs),
                       Optional(2, "u", TypeId::kUnknown),
                       Optional(3, "z", TypeId::kTimestamptzNs)});
  MemoryFileIO io;
  const auto written = WriteRowGroups(
      io, schema,
      std::vector<std::string>{R"([["2024-01-31 00:00:00.000000001", null, null]])",
                               R"([["2024-01-31 00:00:00.000000002", null, null]])"});
  const auto groups = [&](const std::string& filter) {
    return ParquetDataReader(io, kFilePath, ReadOptions(schema, filter)).units();
  };
  EXPECT_THAT(groups("n = '2024-01-31T00:00:00.000000002'"), ElementsAre(1));
  EXPECT_THAT(groups("n < '2024-01-31T00:00:00.000000001'"), IsEmpty());
  EXPECT_THAT(ReadFileRows(io, ReadOptions(SelectColumns(schema, {"n"}))),
              ElementsAre("2024-01-31 00:00:00.000000001", "2024-01-31 00:00:00.000000002"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(SelectColumns(schema, {"u"}))),
              ElementsAre("null", "null"));
  EXPECT_EQ(FooterOf(io)->num_columns(), 2) << "unknown is not stored";
}

TEST(Dates, AreReadAsTheTimestampsTheyWerePromotedTo) {
  MemoryFileIO io;
  PutForeignFile(io, arrow::schema({WithId(1, "d", arrow::date32())}), "[[1], [null], [-1]]");
  const Schema micros({Optional(1, "d", TypeId::kTimestamp)});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(micros)),
              ElementsAre("1970-01-02 00:00:00.000000", "null", "1969-12-31 00:00:00.000000"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(micros, "d = '1970-01-02T00:00:00'")),
              ::testing::SizeIs(1));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(micros, "d > '1970-01-02T00:00:00'")), IsEmpty());
  const Schema nanos({Optional(1, "d", TypeId::kTimestampNs)});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(nanos, "d < '1970-01-01T00:00:00'")),
              ElementsAre("1969-12-31 00:00:00.000000000"));
  PutForeignFile(io, arrow::schema({WithId(1, "d", arrow::date32())}), "[[2147483647]]");
  const Thrown thrown = WhatThrows([&] { ReadFileRows(io, ReadOptions(nanos)); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << "out of the promoted type's range";
}

TEST(Geometry, IsCarriedAsBytes) {
  const Schema schema(
      {{1, "g", Type::Geometry("srid:4326"), false, "", {}},
       {2, "h", Type::Geography(kDefaultCrs, EdgeAlgorithm::kKarney), false, "", {}}});
  MemoryFileIO io;
  // NOLINTNEXTLINE(bugprone-string-literal-with-embedded-nul): JSON has no raw zero
  WriteRowGroups(io, schema, std::vector<std::string>{R"([["point", "line"], [null, ""]])"});
  EXPECT_THAT(FooterOf(io)->schema()->ToString(), HasSubstr("Geometry(crs=srid:4326)"));
  EXPECT_THAT(FooterOf(io)->schema()->ToString(), HasSubstr("karney"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)), ::testing::SizeIs(2));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "g is not null")), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace floe::testing
