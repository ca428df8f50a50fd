// Row groups are left out by their dictionaries, and only those that have no matching row.

#include "parquet/dictionary_filter.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_file_reader.h"
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

std::vector<int> Units(MemoryFileIO& io, const Schema& schema, const std::string& filter,
                       bool prune = true) {
  DataFileReadOptions options = ReadOptions(schema, filter);
  options.prune_units = prune;
  return ParquetDataReader(io, kFilePath, options).units();
}

TEST(DictionaryFilter, LeavesOutRowGroupsWithinTheBounds) {
  const Schema schema({Optional(1, "a", TypeId::kLong), Optional(2, "b", TypeId::kString)});
  const std::vector<std::string> groups = {R"([[0, "a"], [100, "zebra"]])",
                                           R"([[0, "a"], [50, "mouse"], [100, null]])"};
  MemoryFileIO io;
  WriteRowGroups(io, schema, groups);
  EXPECT_THAT(Units(io, schema, "a = 50"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a in (49, 51)"), IsEmpty());
  EXPECT_THAT(Units(io, schema, "b = 'mouse'"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "b like 'm%'"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a = 50 or b = 'zebra'"), ElementsAre(0, 1));
  EXPECT_THAT(Units(io, schema, "a = 100 and b = 'mouse'"), ElementsAre(1));
  EXPECT_THAT(Units(io, schema, "a > 49 and a < 51"), ElementsAre(0, 1)) << "bounds say that";
  EXPECT_THAT(Units(io, schema, "a = 50", /*prune=*/false), ElementsAre(0, 1));
}

TEST(DictionaryFilter, ValuesOutsideOfTheDictionaryAreKept) {
  // The dictionary is given up after its first values; the others are plain.
  MemoryFileIO io;
  auto properties = parquet::WriterProperties::Builder();
  properties.dictionary_pagesize_limit(64)->write_batch_size(8)->data_pagesize(64);
  std::vector<int64_t> values(400, 0);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<int64_t>(i) * 2;
  }
  ForeignFile({Leaf(1, "a", parquet::Type::INT64)}, properties.build())
      .Column<parquet::Int64Type>(values, std::vector<int16_t>(values.size(), 1))
      .Put(io);
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  ASSERT_TRUE(FooterOf(io)->RowGroup(0)->ColumnChunk(0)->has_dictionary_page());
  EXPECT_THAT(Units(io, schema, "a = 700"), ElementsAre(0));
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "a in (1, 4, 700)")),
              ElementsAre("4", "700"));
}

TEST(DictionaryFilter, NeverLosesARow) {
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
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
      WriteRowGroups(io, schema, groups);
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

TEST(DictionaryFilter, OneThatIsDamagedIsNamed) {
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{"[[0], [100]]"});
  const auto footer = FooterOf(io);
  const auto offset =
      static_cast<size_t>(footer->RowGroup(0)->ColumnChunk(0)->dictionary_page_offset());
  std::string damaged = *io.Get(kFilePath);
  damaged.replace(offset, 16, 16, '\xff');
  io.Put(kFilePath, damaged);
  const Thrown thrown = WhatThrows([&] { Units(io, schema, "a = 50"); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr(kFilePath));
}

}  // namespace
}  // namespace floe::testing
