// Files as other writers and older schemas made them, read as rows of a table's schema.

#include "parquet/parquet_data_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_files.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ParquetDataReader, ColumnsAreFoundByIdNotByNameOrPlace) {
  MemoryFileIO io;
  PutForeignFile(
      io,
      arrow::schema({WithId(3, "a", arrow::utf8()), WithId(9, "x", arrow::int64()),
                     arrow::field("b", arrow::utf8()), WithId(1, "c", arrow::int64())}),
      R"([["three", 9, "no id", 1]])");
  const Schema schema({Optional(1, "a", TypeId::kLong), Optional(2, "b", TypeId::kString),
                       Optional(3, "c", TypeId::kString)});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)), ElementsAre("1|null|three"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "c = 'three' and b is null")),
              ElementsAre("1|null|three"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "b = 'no id'")), IsEmpty());
}

struct Promotion {
  std::shared_ptr<arrow::DataType> in_file;
  Type in_table;
  std::string values;
  std::string filter;
  std::vector<std::string> rows;
};

TEST(ParquetDataReader, TypesOfOlderSchemasArePromoted) {
  for (const Promotion& test : std::vector<Promotion>{
           {arrow::int32(),
            Type::Of(TypeId::kLong),
            "[[1], [null], [-2147483648]]",
            "c < -2147483647",
            {"-2147483648"}},
           {arrow::float32(),
            Type::Of(TypeId::kDouble),
            "[[0.5], [null], [-1.25]]",
            "c < 0.0",
            {"-1.25"}},
           {arrow::decimal128(4, 2),
            Type::Decimal(20, 2),
            R"([["1.50"], [null], ["-99.99"]])",
            "c > 1.49",
            {"1.50"}},
           {arrow::decimal128(9, 2),
            Type::Decimal(38, 2),
            R"([["1.50"], [null], ["-99.99"]])",
            "c = -99.99",
            {"-99.99"}},
       }) {
    SCOPED_TRACE(test.in_table.ToString());
    MemoryFileIO io;
    PutForeignFile(io, arrow::schema({WithId(1, "c", test.in_file)}), test.values, 1);
    const Schema schema({{1, "c", test.in_table, false, "", {}}});
    EXPECT_EQ(ReadFileRows(io, ReadOptions(schema)).size(), 3U);
    const DataFileReadOptions options = ReadOptions(schema, test.filter);
    EXPECT_EQ(ReadFileRows(io, options), test.rows);
    EXPECT_EQ(ParquetDataReader(io, kFilePath, options).units().size(), 1U)
        << "bounds are promoted as well";
  }
}

TEST(ParquetDataReader, TypesThatDoNotFitAreRefusedByNameOfFileAndColumn) {
  struct Case {
    std::shared_ptr<arrow::DataType> in_file;
    Type in_table;
  };
  for (const Case& test : std::vector<Case>{
           {arrow::int64(), Type::Of(TypeId::kInt)},
           {arrow::float64(), Type::Of(TypeId::kFloat)},
           {arrow::utf8(), Type::Of(TypeId::kLong)},
           {arrow::decimal128(9, 2), Type::Decimal(9, 3)},
           {arrow::decimal128(9, 2), Type::Decimal(8, 2)},
           {arrow::list(arrow::int32()), Type::Of(TypeId::kInt)},
           {arrow::int32(), Type::List(Optional(2, "element", TypeId::kInt))},
       }) {
    MemoryFileIO io;
    PutForeignFile(io, arrow::schema({WithId(1, "c", test.in_file)}), "[[null]]");
    const Schema schema({{1, "c", test.in_table, false, "", {}}});
    const Thrown thrown = WhatThrows([&] { ReadFileRows(io, ReadOptions(schema)); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
    EXPECT_EQ(thrown.details.path, kFilePath);
    EXPECT_EQ(thrown.details.column, "c");
    EXPECT_THAT(thrown.message, HasSubstr(kFilePath));
  }
}

TEST(ParquetDataReader, RequiredColumnsCannotBeMissing) {
  MemoryFileIO io;
  PutForeignFile(io, arrow::schema({WithId(1, "a", arrow::int64())}), "[[1]]");
  const Thrown missing = WhatThrows(
      [&] { ReadFileRows(io, ReadOptions(Schema({Required(2, "b", TypeId::kLong)}))); });
  EXPECT_EQ(missing.class_name, "CorruptFileError") << missing;
  EXPECT_EQ(missing.details.column, "b");
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({Optional(2, "b", TypeId::kLong)}))),
              ElementsAre("null"));

  PutForeignFile(io, arrow::schema({arrow::field("a", arrow::int64())}), "[[1]]");
  const Thrown without_ids = WhatThrows(
      [&] { ReadFileRows(io, ReadOptions(Schema({Optional(1, "a", TypeId::kLong)}))); });
  EXPECT_EQ(without_ids.class_name, "UnsupportedError") << without_ids;
  EXPECT_EQ(without_ids.details.path, kFilePath);
}

TEST(ParquetDataReader, FieldsWithoutIdsAreFoundByTheNameMapping) {
  const auto inner = arrow::struct_({arrow::field("x", arrow::int32())});
  MemoryFileIO io;
  PutForeignFile(io,
                 arrow::schema({arrow::field("a", arrow::int64()),
                                WithId(7, "b", arrow::utf8()), arrow::field("c", arrow::utf8()),
                                arrow::field("s", inner), arrow::field("l", arrow::list(inner)),
                                arrow::field("m", arrow::map(arrow::utf8(), inner)),
                                arrow::field("unmapped", arrow::utf8())}),
                 R"([[1, "b1", "c1", [10], [[11]], [["k", [12]]], "u"],
                     [2, "b2", "c2", [20], [[21]], [["k", [22]]], "u"]])",
                 1);
  const auto mapping = std::make_shared<const NameMapping>(NameMapping::Parse(R"([
      {"field-id": 1, "names": ["old_a", "a"]},
      {"field-id": 7, "names": ["c"]},
      {"field-id": 2, "names": ["s"], "fields": [{"field-id": 3, "names": ["x"]}]},
      {"field-id": 4, "names": ["l"], "fields": [{"field-id": 5, "names": ["element"],
          "fields": [{"field-id": 6, "names": ["x"]}]}]},
      {"field-id": 8, "names": ["m"], "fields": [{"field-id": 9, "names": ["key"]},
          {"field-id": 10, "names": ["value"], "fields": [{"field-id": 11, "names": ["x"]}]}]}])"));
  const auto field = [](int32_t id, const char* name, Type type) {
    return Field{id, name, std::move(type), false, "", {}};
  };
  const Type s = Type::Struct({Optional(3, "renamed", TypeId::kInt)});
  const Schema schema({Optional(1, "a", TypeId::kLong), Optional(7, "b", TypeId::kString),
                       field(2, "s", s), Optional(99, "added", TypeId::kInt)});
  DataFileReadOptions options = ReadOptions(schema);
  options.name_mapping = mapping;
  EXPECT_THAT(ReadFileRows(io, options),
              ElementsAre("1|b1|{renamed:int32 = 10}|null", "2|b2|{renamed:int32 = 20}|null"));
  const Schema nested(
      {field(4, "l",
             Type::List(field(5, "element", Type::Struct({Optional(6, "y", TypeId::kInt)})))),
       field(8, "m",
             Type::Map(Required(9, "key", TypeId::kString),
                       field(10, "value", Type::Struct({Optional(11, "z", TypeId::kInt)}))))});
  options = ReadOptions(nested);
  options.name_mapping = mapping;
  EXPECT_THAT(ReadFileRows(io, options),
              ElementsAre(AllOf(HasSubstr("y:int32 = 11"), HasSubstr("z:int32 = 12")),
                          AllOf(HasSubstr("y:int32 = 21"), HasSubstr("z:int32 = 22"))));
  for (const char* filter : {"a = 2", "s.renamed = 20", "b = 'b2' and a > 1"}) {
    options = ReadOptions(schema, filter);
    options.name_mapping = mapping;
    EXPECT_THAT(ReadFileRows(io, options), ElementsAre("2|b2|{renamed:int32 = 20}|null"));
    EXPECT_THAT(ParquetDataReader(io, kFilePath, options).units(), ElementsAre(1))
        << "statistics are found as well: " << filter;
  }
}

TEST(ParquetDataReader, ColumnsThatTheFileLacksAreConstantWhereTheirValueIsKnown) {
  MemoryFileIO io;
  PutForeignFile(io, arrow::schema({WithId(1, "a", arrow::int64())}), "[[1], [2]]", 1);
  const Schema schema({Optional(1, "a", TypeId::kLong), Required(2, "p", TypeId::kString),
                       Optional(3, "n", TypeId::kInt), Optional(4, "u", TypeId::kUuid)});
  DataFileReadOptions options = ReadOptions(schema, "p = 'x' and n is null");
  options.constants = {{1, Literal::Of(Type::Of(TypeId::kLong), int64_t{9})},
                       {2, Literal::Of(Type::Of(TypeId::kString), std::string("x"))},
                       {3, std::nullopt},
                       {4, LiteralFromBytes(Type::Of(TypeId::kUuid), std::string(16, 'u'))}};
  const std::vector<std::string> rows = ReadFileRows(io, options);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[0], ::testing::StartsWith("1|x|null|"));
  EXPECT_THAT(rows[0], HasSubstr("75757575"));
  options.filter = Bind(*ParseExpression("p = 'y'"), schema);
  EXPECT_THAT(ReadFileRows(io, options), IsEmpty());
}

TEST(ParquetDataReader, ColumnsThatTheFileLacksHaveTheirInitialDefault) {
  MemoryFileIO io;
  PutForeignFile(io, arrow::schema({WithId(1, "a", arrow::int64())}), "[[1], [null]]", 1);
  Field added = Required(2, "b", TypeId::kInt);
  added.initial_default = Value(Literal::Of(Type::Of(TypeId::kInt), 7));
  Field there = Optional(1, "a", TypeId::kLong);
  there.initial_default = Value(Literal::Of(Type::Of(TypeId::kLong), int64_t{9}));
  const Schema schema({there, added});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)), ElementsAre("1|7", "null|7"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "b = 7 and a = 1")), ElementsAre("1|7"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "b = 8 or a = 9")), IsEmpty());
  Field nested{3, "l", Type::List(Optional(4, "element", TypeId::kInt)), false, "", {}};
  nested.initial_default = Value::List({});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({nested}))),
              ElementsAre("list<element: int32>[]", "list<element: int32>[]"));
}

TEST(ParquetDataReader, NestedColumnsKeepTheirNullsWhateverIsSelected) {
  const Schema written(
      {{1,
        "s",
        Type::Struct({Optional(2, "x", TypeId::kInt), Optional(3, "y", TypeId::kString)}),
        false,
        "",
        {}},
       {4,
        "l",
        Type::List(
            {5, "element", Type::Struct({Optional(6, "z", TypeId::kInt)}), false, "", {}}),
        false,
        "",
        {}}});
  MemoryFileIO io;
  WriteRowGroups(io, written,
                 std::vector<std::string>{
                     R"([[[1, "a"], [[1], null, [null]]], [null, null], [[null, null], []]])"});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(SelectColumns(written, {"s.y"}))),
              ElementsAre("{y:string = a}", "null", "{y:string = null}"));
  // Fields that were added later are null, below structs that are there.
  const Schema evolved(
      {{1, "renamed", Type::Struct({Optional(7, "added", TypeId::kInt)}), false, "", {}}});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(evolved)),
              ElementsAre("{added:int32 = null}", "null", "{added:int32 = null}"));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(written, "s.x is null")).size(), 2);
  EXPECT_THAT(ReadFileRows(io, ReadOptions(SelectColumns(written, {"l"}), "")).size(), 3);
}

TEST(ParquetDataReader, RowGroupsOutOfBoundsAreNotRead) {
  const Schema schema({Optional(1, "id", TypeId::kLong), Optional(2, "s", TypeId::kString)});
  MemoryFileIO io;
  WriteRowGroups(
      io, schema,
      std::vector<std::string>{R"([[0, "a"], [9, "b"]])", R"([[10, "c"], [19, null]])",
                               R"([[null, null], [null, null]])"});
  const auto groups = [&](const std::string& filter, bool prune = true) {
    DataFileReadOptions options = ReadOptions(schema, filter);
    options.prune_units = prune;
    return ParquetDataReader(io, kFilePath, options).units();
  };
  EXPECT_THAT(groups(""), ElementsAre(0, 1, 2));
  EXPECT_THAT(groups("id = 10"), ElementsAre(1));
  EXPECT_THAT(groups("id <= 10"), ElementsAre(0, 1));
  EXPECT_THAT(groups("id = 20"), IsEmpty());
  EXPECT_THAT(groups("s is null"), ElementsAre(1, 2));
  EXPECT_THAT(groups("id is not null and s > 'b'"), ElementsAre(1));
  EXPECT_THAT(groups("id = 10", false), ElementsAre(0, 1, 2));
}

/// Deletes some positions, and the rows whose `id` is in a set.
class SomeDeletes final : public RowDeletes {
 public:
  SomeDeletes(std::set<int64_t> positions, std::set<int64_t> ids)
      : positions_(std::move(positions)), ids_(std::move(ids)) {}

  SchemaPtr columns() const override {
    return ids_.empty() ? nullptr
                        : std::make_shared<const Schema>(Schema({Optional(1, "id", kLong)}));
  }
  bool MayTouch(int64_t first_row, int64_t row_count) const override {
    const auto at = positions_.lower_bound(first_row);
    return !ids_.empty() || (at != positions_.end() && *at < first_row + row_count);
  }
  void Clear(int64_t first_row, const arrow::RecordBatch* rows,
             std::span<uint8_t> mask) const override {
    for (size_t i = 0; i < mask.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      if (positions_.contains(first_row + row) ||
          (rows != nullptr &&
           ids_.contains(static_cast<const arrow::Int64Array&>(*rows->column(0)).Value(row)))) {
        mask[i] = 0;
      }
    }
  }

 private:
  static constexpr TypeId kLong = TypeId::kLong;
  std::set<int64_t> positions_;
  std::set<int64_t> ids_;
};

TEST(ParquetDataReader, DeletedRowsAreLeftOut) {
  const Schema schema({Optional(1, "id", TypeId::kLong), Optional(2, "s", TypeId::kString)});
  MemoryFileIO io;
  WriteRowGroups(io, schema,
                 std::vector<std::string>{R"([[0, "a"], [1, "b"], [2, "c"]])",
                                          R"([[3, "d"], [4, "e"]])", R"([[5, "f"]])"});
  struct Case {
    std::set<int64_t> positions;
    std::set<int64_t> ids;
    std::string filter;
    std::vector<std::string> left;
  };
  for (const Case& test : std::vector<Case>{
           {{1, 3, 5}, {}, "", {"a", "c", "e"}},
           {{}, {0, 4}, "", {"b", "c", "d", "f"}},
           {{1, 3}, {0, 4}, "", {"c", "f"}},
           {{4}, {5}, "id >= 3", {"d"}},
           {{0, 1, 2, 3, 4, 5}, {}, "", {}},
       }) {
    DataFileReadOptions options = ReadOptions(schema, test.filter);
    options.projection = std::make_shared<const Schema>(SelectColumns(schema, {"s"}));
    options.batch_rows = 2;
    options.deletes = std::make_shared<SomeDeletes>(test.positions, test.ids);
    EXPECT_EQ(ReadFileRows(io, options), test.left);
    const ParquetDataReader reader(io, kFilePath, options);
    int64_t count = 0;
    for (const int unit : reader.units()) {
      count += reader.CountUnit(unit, {});
    }
    EXPECT_EQ(count, static_cast<int64_t>(test.left.size()));
  }
}

TEST(ParquetDataReader, UnitsTellTheirFirstRow) {
  const Schema schema({Optional(1, "id", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{"[[0], [1], [2]]", "[[3]]", "[[4]]"});
  const ParquetDataReader reader(io, kFilePath, ReadOptions(schema, "id >= 3"));
  ASSERT_THAT(reader.units(), ElementsAre(1, 2));
  EXPECT_EQ(reader.FirstRow(1), 3);
  EXPECT_EQ(reader.FirstRow(2), 4);
}

TEST(ParquetDataReader, PruningNeverLosesARow) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      const Schema schema({{1, "c", type, false, "", {}}});
      std::vector<Literal> pool;
      std::vector<std::shared_ptr<arrow::RecordBatch>> row_groups;
      for (int group = 0; group < 3; ++group) {
        std::vector<std::optional<Literal>> column;
        for (size_t row = 1 + rng.Index(4); row > 0; --row) {
          column.push_back(rng.OneIn(4) ? std::nullopt
                                        : std::optional(RandomLiteral(rng, type)));
          if (column.back()) {
            pool.push_back(*column.back());
          }
        }
        const auto array = ColumnOf(type, column);
        row_groups.push_back(
            arrow::RecordBatch::Make(ToArrowSchema(schema), array->length(), {array}));
      }
      MemoryFileIO io;
      WriteRowGroups(io, schema, row_groups);
      for (int i = 0; i < 15; ++i) {
        const auto filter = RandomFilter(rng, schema.fields()[0], pool);
        DataFileReadOptions options = ReadOptions(schema);
        options.filter = Bind(*filter, schema);
        const std::vector<std::string> pruned = ReadFileRows(io, options);
        options.prune_units = false;
        EXPECT_EQ(pruned, ReadFileRows(io, options)) << filter->ToString();
      }
    }
  }
}

TEST(ParquetDataReader, DamagedFilesAreNamed) {
  const Schema schema({Optional(1, "id", TypeId::kLong), Optional(2, "s", TypeId::kString)});
  MemoryFileIO io;
  WriteRowGroups(io, schema,
                 std::vector<std::string>{R"([[1, "a"], [2, "b"]])", R"([[3, null]])"});
  const std::string whole = *io.Get(kFilePath);
  const auto read = [&] { ReadFileRows(io, ReadOptions(schema, "id < 10")); };
  for (size_t size = 0; size < whole.size(); size += 1 + size / 40) {
    io.Put(kFilePath, whole.substr(0, size));
    const Thrown thrown = WhatThrows(read);
    ASSERT_EQ(thrown.class_name, "CorruptFileError") << "cut to " << size << ": " << thrown;
    ASSERT_EQ(thrown.details.path, kFilePath);
    ASSERT_THAT(thrown.message, HasSubstr(kFilePath));
  }
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (int i = 0; i < 500; ++i) {
      std::string damaged = whole;
      for (size_t left = 1 + rng.Index(3); left > 0; --left) {
        damaged[rng.Index(damaged.size())] = static_cast<char>(rng.Next());
      }
      io.Put(kFilePath, damaged);
      const Thrown thrown = WhatThrows(read);
      ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError" ||
                  thrown.class_name == "UnsupportedError")
          << thrown << " in round " << i << " of seed " << seed;
    }
  }
}

TEST(ParquetDataReader, StopsBetweenBatches) {
  const Schema schema({Optional(1, "id", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{"[[1], [2], [3], [4]]"});
  DataFileReadOptions options = ReadOptions(schema);
  options.batch_rows = 1;
  const ParquetDataReader reader(io, kFilePath, options);
  int batches = 0;
  reader.ReadUnit(0, {}, [&](const auto&) { return ++batches < 2; });
  EXPECT_EQ(batches, 2) << "the caller had enough";
  const StopToken stop = StopToken::Make();
  EXPECT_THROW(reader.ReadUnit(0, {.stop = stop},
                               [&](const auto&) {
                                 stop.RequestStop();
                                 return true;
                               }),
               CancelledError);
  EXPECT_EQ(reader.CountUnit(0, {}), 4);
}

}  // namespace
}  // namespace floe::testing
