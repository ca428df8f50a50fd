// Pages are left out by their indexes, and only those that have no matching row.

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/file_reader.h>
#include <parquet/index_location.h>
#include <parquet/metadata.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_file_reader.h"
#include "parquet/data_files.h"
#include "parquet/foreign_file.h"
#include "parquet/parquet_data_reader.h"
#include "schema/reserved_ids.h"
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
using ::testing::SizeIs;

const Properties kSmallPages = {{"write.parquet.page-row-limit", "20"}};
constexpr int64_t kRows = 1'000;

/// Rows with `id` from 0 on, in order, and a text of it.
std::string CountingRows(int64_t rows = kRows) {
  std::string json;
  for (int64_t i = 0; i < rows; ++i) {
    json += fmt::format("{}[{}, \"row {}\"]", json.empty() ? "[" : ",", i, i);
  }
  return json + "]";
}

Schema CountingSchema() {
  return Schema({Optional(1, "id", TypeId::kLong), Optional(2, "text", TypeId::kString)});
}

std::vector<std::string> Read(MemoryFileIO& io, const Schema& schema, const std::string& filter,
                              bool prune = true) {
  DataFileReadOptions options = ReadOptions(schema, filter);
  options.prune_units = prune;
  return ReadFileRows(io, options);
}

std::shared_ptr<parquet::OffsetIndex> OffsetIndexOf(MemoryFileIO& io, int column) {
  const auto location =
      FooterOf(io)->RowGroup(0)->ColumnChunk(column)->GetOffsetIndexLocation();
  const std::string file = *io.Get(kFilePath);
  return parquet::OffsetIndex::Make(file.data() + location->offset, location->length,
                                    parquet::default_reader_properties());
}

/// Overwrites all pages of a column but one, so that reading them fails.
void DamagePages(MemoryFileIO& io, int column, std::optional<size_t> kept_page) {
  std::string file = *io.Get(kFilePath);
  const auto index = OffsetIndexOf(io, column);
  const auto& pages = index->page_locations();
  for (size_t i = 0; i < pages.size(); ++i) {
    if (i != kept_page) {
      std::fill_n(file.begin() + pages[i].offset, pages[i].compressed_page_size, '\xff');
    }
  }
  io.Put(kFilePath, file);
}

TEST(PageIndex, PagesWithoutMatchingRowsAreNotLookedAt) {
  MemoryFileIO io;
  WriteRowGroups(io, CountingSchema(), std::vector<std::string>{CountingRows()}, kSmallPages);
  ASSERT_THAT(OffsetIndexOf(io, 0)->page_locations(), SizeIs(kRows / 20));
  DamagePages(io, 0, 25);
  DamagePages(io, 1, 25);
  EXPECT_THAT(Read(io, CountingSchema(), "id = 507"), ElementsAre("507|row 507"));
  EXPECT_THAT(Read(io, CountingSchema(), "id >= 518 and id < 520"),
              ElementsAre("518|row 518", "519|row 519"));
  const ParquetDataReader reader(io, kFilePath,
                                 ReadOptions(CountingSchema(), "id > 500 and id < 510"));
  EXPECT_EQ(reader.CountUnit(0, {}), 9);
  EXPECT_EQ(
      WhatThrows([&] { Read(io, CountingSchema(), "id = 507", /*prune=*/false); }).class_name,
      "CorruptFileError")
      << "all pages are read";
}

TEST(PageIndex, PagesOfFixedWidthBytesAreLeftOutToo) {
  const Schema schema({Optional(1, "u", TypeId::kUuid),
                       {2, "d", Type::Decimal(38, 0), false, "", {}},
                       {3, "f", Type::Fixed(2), false, "", {}}});
  std::vector<std::vector<std::optional<Literal>>> values(3);
  for (int i = 0; i < kRows; ++i) {
    std::string uuid(16, '\0');
    uuid[0] = static_cast<char>(i / 256);
    uuid[1] = static_cast<char>(i % 256);
    values[1].emplace_back(Literal::Of(schema.fields()[1].type, Int128{i} - 500));
    values[2].emplace_back(Literal::Of(schema.fields()[2].type, uuid.substr(0, 2)));
    values[0].emplace_back(Literal::Of(schema.fields()[0].type, std::move(uuid)));
  }
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (size_t i = 0; i < values.size(); ++i) {
    columns.push_back(ColumnOf(schema.fields()[i].type, values[i]));
  }
  MemoryFileIO io;
  WriteRowGroups(io, schema, {arrow::RecordBatch::Make(ToArrowSchema(schema), kRows, columns)},
                 kSmallPages);
  for (int column = 0; column < 3; ++column) {
    DamagePages(io, column, 12);  // rows 240 to 259
  }
  EXPECT_THAT(Read(io, schema, "u = '00f10000-0000-0000-0000-000000000000'"),
              ElementsAre(HasSubstr("-259")));
  EXPECT_THAT(Read(io, schema, "d = -250"), ElementsAre(HasSubstr("-250")));
}

TEST(PageIndex, RowGroupsWithoutACandidateAreNotDecoded) {
  MemoryFileIO io;
  WriteRowGroups(io, CountingSchema(), std::vector<std::string>{CountingRows()}, kSmallPages);
  DamagePages(io, 0, std::nullopt);
  DamagePages(io, 1, std::nullopt);
  // Each half could match somewhere, and both nowhere.
  EXPECT_THAT(Read(io, CountingSchema(), "id < 60 and text = 'row 900'"), IsEmpty());
}

TEST(PageIndex, PositionsStayThoseOfTheFile) {
  MemoryFileIO io;
  const std::vector<std::string> groups = {CountingRows(), CountingRows()};
  WriteRowGroups(io, CountingSchema(), groups, kSmallPages);
  DataFileReadOptions options = ReadOptions(CountingSchema(), "id in (3, 507)");
  std::vector<Field> fields = CountingSchema().fields();
  fields.push_back({kPositionColumnId, "_pos", Type::Of(TypeId::kLong), false, "", {}});
  options.projection = std::make_shared<const Schema>(std::move(fields));
  EXPECT_THAT(ReadFileRows(io, options),
              ElementsAre("3|row 3|3", "507|row 507|507", "3|row 3|1003", "507|row 507|1507"));
}

TEST(PageIndex, FilesWithoutOneAndByNameMappingAreReadAlike) {
  const Schema schema = CountingSchema();
  for (const bool indexed : {true, false}) {
    MemoryFileIO io;
    auto properties = parquet::WriterProperties::Builder();
    properties.max_rows_per_page(10)->write_batch_size(10);
    if (!indexed) {
      properties.disable_write_page_index();
    }
    std::vector<int64_t> ids(400);
    std::iota(ids.begin(), ids.end(), 0);
    ForeignFile({Leaf(-1, "old", parquet::Type::INT64)}, properties.build())
        .Column<parquet::Int64Type>(ids, std::vector<int16_t>(ids.size(), 1))
        .Put(io);
    DataFileReadOptions options = ReadOptions(schema, "id in (7, 250, 251) and text is null");
    options.name_mapping = std::make_shared<const NameMapping>(
        NameMapping::Parse(R"([{"field-id": 1, "names": ["id", "old"]}])"));
    EXPECT_THAT(ReadFileRows(io, options), ElementsAre("7|null", "250|null", "251|null"));
  }
}

TEST(PageIndex, ThatIsDamagedIsNamedOrWithoutEffect) {
  MemoryFileIO io;
  WriteRowGroups(io, CountingSchema(), std::vector<std::string>{CountingRows()}, kSmallPages);
  const std::string sound = *io.Get(kFilePath);
  const auto footer = FooterOf(io);
  const auto group = footer->RowGroup(0);
  Rng rng(7);
  for (int i = 0; i < 600; ++i) {
    const auto chunk = group->ColumnChunk(static_cast<int>(rng.Below(2)));
    const bool is_offsets = rng.OneIn(2);
    const parquet::IndexLocation at =
        is_offsets ? *chunk->GetOffsetIndexLocation() : *chunk->GetColumnIndexLocation();
    std::string file = sound;
    file[static_cast<size_t>(at.offset) + rng.Index(static_cast<size_t>(at.length))] =
        static_cast<char>(rng.Next());
    io.Put(kFilePath, file);
    std::vector<std::string> rows;
    const Thrown thrown =
        WhatThrows([&] { rows = Read(io, CountingSchema(), "id > 500 and id < 510"); });
    EXPECT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError") << thrown;
    if (!thrown.class_name.empty()) {
      EXPECT_THAT(thrown.message, HasSubstr(kFilePath));
    } else if (is_offsets) {  // bounds that are wrong can't be told from right ones
      EXPECT_THAT(rows, SizeIs(9)) << "byte " << i;
    }
  }
}

TEST(PageIndex, NaNsAndZerosOfBothSignsAreFound) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  MemoryFileIO io;
  auto properties = parquet::WriterProperties::Builder();
  properties.max_rows_per_page(4)->write_batch_size(4)->disable_dictionary();
  std::vector<double> values;
  for (int page = 0; page < 40; ++page) {
    for (int i = 0; i < 4; ++i) {
      values.push_back(100 + page);
    }
  }
  values[0] = nan;
  values[5] = 0.0;
  values[9] = -0.0;
  ForeignFile({Leaf(1, "c", parquet::Type::DOUBLE)}, properties.build())
      .Column<parquet::DoubleType>(values, std::vector<int16_t>(values.size(), 1))
      .Put(io);
  const Schema schema({Optional(1, "c", TypeId::kDouble)});
  for (const std::string filter : {"c = 0.0", "c = -0.0", "c < 1", "c is nan", "c = 100",
                                   "c in (139, 0.0)", "c != 100", "c <= -0.0"}) {
    EXPECT_EQ(Read(io, schema, filter), Read(io, schema, filter, /*prune=*/false)) << filter;
  }
  EXPECT_THAT(Read(io, schema, "c is nan"), SizeIs(1));
}

/// A column of values in order, mostly, with pages of nulls.
std::vector<std::optional<Literal>> RandomColumn(Rng& rng, const Type& type,
                                                 std::vector<Literal>* pool) {
  std::vector<Literal> values;
  for (int i = 0; i < 30; ++i) {
    values.push_back(RandomLiteral(rng, type));
  }
  std::ranges::sort(
      values, [](const Literal& a, const Literal& b) { return a.ToBytes() < b.ToBytes(); });
  if (values[0].type().id() != TypeId::kBoolean) {
    std::ranges::sort(values, [](const Literal& a, const Literal& b) {
      return a.is_nan() || b.is_nan() ? !a.is_nan() && b.is_nan() : *CompareValues(a, b) < 0;
    });
  }
  std::vector<std::optional<Literal>> column;
  for (const Literal& value : values) {
    const bool is_null = rng.OneIn(12);
    for (int64_t copies = rng.Between(1, is_null ? 60 : 12); copies > 0; --copies) {
      column.push_back(is_null || rng.OneIn(30) ? std::nullopt : std::optional(value));
    }
    pool->push_back(value);
  }
  return column;
}

TEST(PageIndex, NeverLosesARow) {
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      // The second column's pages begin at other rows than those of the first.
      const Schema schema({{1, "a", type, false, "", {}},
                           Optional(2, "n", TypeId::kInt),
                           Optional(3, "s", TypeId::kString)});
      std::vector<Literal> pool;
      const auto column = RandomColumn(rng, type, &pool);
      std::vector<std::optional<Literal>> numbers;
      std::vector<std::optional<Literal>> texts;
      for (size_t i = 0; i < column.size(); ++i) {
        numbers.emplace_back(Literal::Of(Type::Of(TypeId::kInt), static_cast<int32_t>(i)));
        texts.emplace_back(Literal::Of(Type::Of(TypeId::kString),
                                       std::string(i % 90, 'x') + std::to_string(i)));
      }
      const auto array = ColumnOf(type, column);
      MemoryFileIO io;
      WriteRowGroups(
          io, schema,
          {arrow::RecordBatch::Make(ToArrowSchema(schema), array->length(),
                                    {array, ColumnOf(Type::Of(TypeId::kInt), numbers),
                                     ColumnOf(Type::Of(TypeId::kString), texts)})},
          {{"write.parquet.page-row-limit", std::to_string(rng.Between(2, 12))},
           {"write.parquet.page-size-bytes", "64"}});
      for (int i = 0; i < 10; ++i) {
        const ExpressionPtr filter = RandomFilter(rng, schema.fields()[0], pool);
        DataFileReadOptions options = ReadOptions(
            schema, rng.OneIn(2) ? "" : fmt::format("n >= {}", rng.Below(column.size())));
        options.filter = BoundExpression::And({Bind(*filter, schema), options.filter});
        options.filter_schema = std::make_shared<const Schema>(schema);
        const std::vector<std::string> pruned = ReadFileRows(io, options);
        options.prune_units = false;
        EXPECT_EQ(pruned, ReadFileRows(io, options)) << filter->ToString();
      }
    }
  }
}

}  // namespace
}  // namespace floe::testing
