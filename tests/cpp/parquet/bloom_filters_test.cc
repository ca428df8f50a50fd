// Row groups are left out by their Bloom filters, and only those that have no matching row.

#include "parquet/bloom_filters.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_files.h"
#include "parquet/foreign_file.h"
#include "parquet/parquet_data_reader.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char* const kEnabled = "write.parquet.bloom-filter-enabled.column.";

std::vector<int> Units(MemoryFileIO& io, const Schema& schema, const std::string& filter,
                       bool prune = true) {
  DataFileReadOptions options = ReadOptions(schema, filter);
  options.prune_units = prune;
  return ParquetDataReader(io, kFilePath, options).units();
}

TEST(BloomFilters, AreWrittenForTheColumnsOfTheProperties) {
  const Schema schema(
      {Optional(1, "a", TypeId::kLong),
       {2, "s", Type::Struct({Optional(3, "b.c", TypeId::kString)}), false, "", {}},
       {4, "l", Type::List(Optional(5, "element", TypeId::kInt)), false, "", {}},
       Optional(6, "d", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{R"([[1, ["x"], [1], 1]])"},
                 {{std::string(kEnabled) + "a", "true"},
                  {std::string(kEnabled) + "s.b.c", "true"},
                  {std::string(kEnabled) + "l.element", "TRUE"},
                  {std::string(kEnabled) + "d", "false"},
                  {std::string(kEnabled) + "dropped", "true"}});
  const auto footer = FooterOf(io);
  std::vector<bool> has_bloom;
  for (int i = 0; i < footer->num_columns(); ++i) {
    has_bloom.push_back(footer->RowGroup(0)->ColumnChunk(i)->bloom_filter_offset().has_value());
  }
  EXPECT_THAT(has_bloom, ElementsAre(true, true, true, false));
}

TEST(BloomFilters, AreAsLargeAsTheirValuesNeedAndNoLargerThanAllowed) {
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  std::string rows = "[[0]";
  for (int i = 1; i < 20'000; ++i) {
    rows += ",[" + std::to_string(i) + "]";
  }
  rows += "]";
  MemoryFileIO io;
  const auto size_with = [&](Properties properties) {
    properties.emplace_back(std::string(kEnabled) + "a", "true");
    WriteRowGroups(io, schema, std::vector<std::string>{rows}, properties);
    return *FooterOf(io)->RowGroup(0)->ColumnChunk(0)->bloom_filter_length();
  };
  const int64_t usual = size_with({});
  EXPECT_GT(usual, 20'000);
  EXPECT_LT(usual, 70'000) << "not the megabyte that is allowed";
  EXPECT_LT(size_with({{"write.parquet.bloom-filter-max-bytes", "1024"}}), 1'100);
  EXPECT_LT(size_with({{"write.parquet.bloom-filter-fpp.column.a", "0.5"}}), usual);
  EXPECT_LT(size_with({{"write.parquet.bloom-filter-ndv.column.a", "100"}}), 1'100);
}

TEST(BloomFilters, OfBooleansAreRefused) {
  MemoryFileIO io;
  const Thrown thrown = WhatThrows([&] {
    WriteRowGroups(io, Schema({Optional(1, "a", TypeId::kBoolean)}),
                   std::vector<std::string>{"[[true]]"},
                   {{std::string(kEnabled) + "a", "true"}});
  });
  EXPECT_EQ(thrown.class_name, "UnsupportedError") << thrown;
  EXPECT_EQ(thrown.details.column, "a");
}

TEST(BloomFilters, LeaveOutRowGroupsWithinTheBounds) {
  const Schema schema({Optional(1, "a", TypeId::kLong), Optional(2, "b", TypeId::kString)});
  const std::vector<std::string> groups = {R"([[0, "a"], [100, "z"]])",
                                           R"([[0, "a"], [50, "m"], [100, "z"]])"};
  MemoryFileIO io;
  WriteRowGroups(io, schema, groups, {{std::string(kEnabled) + "a", "true"}});
  EXPECT_THAT(Units(io, schema, "a = 50"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a in (49, 50)"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a in (49, 51)"), IsEmpty());
  EXPECT_THAT(Units(io, schema, "a = 50 or b > 'm'"), ElementsAre(0, 1));
  EXPECT_THAT(Units(io, schema, "a = 50 and b = 'm'"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a > 49 and a < 51"), ElementsAre(0, 1));
  EXPECT_THAT(Units(io, schema, "a = 50", /*prune=*/false), ElementsAre(0, 1));
}

TEST(BloomFilters, OfOtherPhysicalTypesAreAskedInTheirTerms) {
  using parquet::LogicalType;
  using parquet::Type;
  using Unit = LogicalType::TimeUnit;
  struct Case {
    parquet::schema::NodePtr column;
    floe::Type type;
    int64_t values[2];
    std::string there;
    std::string not_there;  ///< within the bounds
  };
  for (const Case& test : std::vector<Case>{
           {Leaf(1, "c", Type::INT32), floe::Type::Of(TypeId::kLong), {1, 5}, "c = 5", "c = 3"},
           {Leaf(1, "c", Type::INT64, LogicalType::Timestamp(false, Unit::MILLIS)),
            floe::Type::Of(TypeId::kTimestamp),
            {0, 5'000},
            "c = '1970-01-01T00:00:05'",
            "c = '1970-01-01T00:00:03'"},
           {Leaf(1, "c", Type::INT32, LogicalType::Decimal(9, 2)),
            floe::Type::Decimal(20, 2),
            {100, 500},
            "c = 5.00",
            "c = 3.00"},
       }) {
    MemoryFileIO io;
    auto properties = parquet::WriterProperties::Builder();
    properties.enable_bloom_filter("c", {.ndv = 100});
    ForeignFile file({test.column}, properties.build());
    if (static_cast<const parquet::schema::PrimitiveNode&>(*test.column).physical_type() ==
        Type::INT32) {
      file.Column<parquet::Int32Type>(
          {static_cast<int32_t>(test.values[0]), static_cast<int32_t>(test.values[1])}, {1, 1});
    } else {
      file.Column<parquet::Int64Type>({test.values[0], test.values[1]}, {1, 1});
    }
    file.Put(io);
    const Schema schema({{1, "c", test.type, false, "", {}}});
    EXPECT_THAT(Units(io, schema, test.there), ElementsAre(0));
    EXPECT_THAT(Units(io, schema, test.not_there), IsEmpty());
  }
}

TEST(BloomFilters, NeverLoseARow) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      if (type.id() == TypeId::kBoolean) {
        continue;
      }
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      const Schema schema({{1, "c", type, false, "", {}}});
      std::vector<Literal> pool;
      std::vector<std::shared_ptr<arrow::RecordBatch>> groups;
      for (int group = 0; group < 3; ++group) {
        std::vector<std::optional<Literal>> column = {std::nullopt};
        for (int row = 0; row < 4; ++row) {
          pool.push_back(RandomLiteral(rng, type));
          column.emplace_back(pool.back());
        }
        const auto array = ColumnOf(type, column);
        groups.push_back(
            arrow::RecordBatch::Make(ToArrowSchema(schema), array->length(), {array}));
      }
      MemoryFileIO io;
      WriteRowGroups(io, schema, groups, {{std::string(kEnabled) + "c", "true"}});
      for (int i = 0; i < 20; ++i) {
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

TEST(BloomFilters, ThatAreDamagedAreNamed) {
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{"[[0], [100]]"},
                 {{std::string(kEnabled) + "a", "true"}});
  const auto offset =
      static_cast<size_t>(*FooterOf(io)->RowGroup(0)->ColumnChunk(0)->bloom_filter_offset());
  std::string damaged = *io.Get(kFilePath);
  damaged.replace(offset, 8, 8, '\xff');
  io.Put(kFilePath, damaged);
  const Thrown thrown = WhatThrows([&] { Units(io, schema, "a = 50"); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr(kFilePath));
  EXPECT_THAT(Units(io, schema, "a = 50", /*prune=*/false), ElementsAre(0));
}

}  // namespace
}  // namespace floe::testing
