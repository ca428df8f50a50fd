// What a written file says of its columns, in Parquet and in Iceberg's metrics.

#include "parquet/data_file_writer.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_files.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/warehouse.h"
#include "write/write_settings.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Counts and bounds as "values nulls nans lower..upper", bounds in hex.
std::string Describe(const MetricsById& all, int32_t id) {
  const auto found = all.find(id);
  if (found == all.end()) {
    return "none";
  }
  const auto count = [](const std::optional<int64_t>& value) {
    return value ? std::to_string(*value) : "-";
  };
  const auto bound = [](const std::optional<std::string>& value) {
    return value ? ToHex(*value) : "-";
  };
  const ColumnMetrics& column = found->second;
  return count(column.value_count) + " " + count(column.null_count) + " " +
         count(column.nan_count) + " " + bound(column.lower_bound) + ".." +
         bound(column.upper_bound);
}

std::string Range(const Literal& lower, const Literal& upper) {
  return ToHex(lower.ToBytes()) + ".." + ToHex(upper.ToBytes());
}

TEST(ParquetDataWriter, MetricsOfFloatsCountNansAndOrderZeros) {
  const Schema schema({Optional(1, "d", TypeId::kDouble), Optional(2, "f", TypeId::kFloat)});
  const auto metrics_of = [&](const std::vector<std::string>& row_groups) {
    MemoryFileIO io;
    return WriteRowGroups(io, schema, row_groups).metrics;
  };
  const MetricsById mixed =
      metrics_of({"[[NaN, 1], [1.5, null], [null, 2]]", "[[-2.5, NaN], [0, null]]"});
  EXPECT_EQ(Describe(mixed, 1), "5 1 1 " + Range(Literal::Double(-2.5), Literal::Double(1.5)));
  EXPECT_EQ(Describe(mixed, 2), "5 2 1 -..-") << "Parquet tells nothing of a row group of NaNs";

  const MetricsById zeros = metrics_of({"[[0.0, -0.0]]"});
  EXPECT_EQ(Describe(zeros, 1), "1 0 0 " + Range(Literal::Double(-0.0), Literal::Double(0)));
  EXPECT_EQ(Describe(zeros, 2), "1 0 0 " + Range(Literal::Float(-0.0F), Literal::Float(0)));

  const MetricsById without = metrics_of({"[[NaN, null], [NaN, null]]"});
  EXPECT_EQ(Describe(without, 1), "2 0 2 -..-");
  EXPECT_EQ(Describe(without, 2), "2 2 0 -..-");
}

TEST(ParquetDataWriter, MetricsAreKeptAsTheTableSays) {
  const Schema schema({Optional(1, "a", TypeId::kString), Optional(2, "b", TypeId::kString),
                       Optional(3, "c", TypeId::kString), Optional(4, "d", TypeId::kString),
                       Optional(5, "e", TypeId::kBinary)});
  const std::string text = "abcdefghijklmnopqrstuvwxyz";
  std::string row = "[[";
  for (int i = 0; i < 5; ++i) {
    row += (i == 0 ? "\"" : ", \"") + text + "\"";
  }
  MemoryFileIO io;
  const std::string prefix = "write.metadata.metrics.column.";
  const MetricsById metrics = WriteRowGroups(io, schema, std::vector{row + "]]"},
                                             {{prefix + "b", "full"},
                                              {prefix + "c", "counts"},
                                              {prefix + "d", "none"},
                                              {prefix + "e", "truncate(2)"}})
                                  .metrics;
  EXPECT_EQ(Describe(metrics, 1),
            "1 0 - " + ToHex("abcdefghijklmnop") + ".." + ToHex("abcdefghijklmnoq"));
  EXPECT_EQ(Describe(metrics, 2), "1 0 - " + ToHex(text) + ".." + ToHex(text));
  EXPECT_EQ(Describe(metrics, 3), "1 0 - -..-");
  EXPECT_EQ(Describe(metrics, 4), "none");
  EXPECT_EQ(Describe(metrics, 5), "1 0 - " + ToHex("ab") + ".." + ToHex("ac"));
  EXPECT_GT(metrics.at(1).size_bytes, 0);
}

/// Row groups of random values of one type, and what there is to say of them.
struct RandomColumn {
  std::vector<std::shared_ptr<arrow::RecordBatch>> row_groups;
  std::vector<Literal> ordered;  ///< all but nulls and NaNs
  int64_t values = 0;
  int64_t nulls = 0;
  int64_t nans = 0;
};

RandomColumn MakeRandomColumn(Rng& rng, const Schema& schema) {
  const Type& type = schema.fields()[0].type;
  RandomColumn made;
  for (size_t group = rng.Index(4); group > 0; --group) {
    std::vector<std::optional<Literal>> column;
    for (size_t row = 1 + rng.Index(6); row > 0; --row) {
      const auto value = rng.OneIn(4) ? std::nullopt : std::optional(RandomLiteral(rng, type));
      ++made.values;
      if (!value) {
        ++made.nulls;
      } else if (value->is_nan()) {
        ++made.nans;
      } else {
        made.ordered.push_back(*value);
      }
      column.push_back(value);
    }
    const auto array = ColumnOf(type, column);
    made.row_groups.push_back(
        arrow::RecordBatch::Make(ToArrowSchema(schema), array->length(), {array}));
  }
  return made;
}

void ExpectTrue(const ColumnMetrics& metrics, const RandomColumn& column, const Type& type) {
  EXPECT_EQ(metrics.value_count, column.values);
  EXPECT_EQ(metrics.null_count, column.nulls);
  const bool floating = type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
  EXPECT_EQ(metrics.nan_count, floating ? std::optional(column.nans) : std::nullopt);
  EXPECT_EQ(metrics.lower_bound.has_value(), metrics.upper_bound.has_value());
  if (!metrics.lower_bound || !metrics.upper_bound) {
    EXPECT_TRUE(column.ordered.empty() || column.nans > 0) << "bounds are known";
    return;
  }
  EXPECT_FALSE(column.ordered.empty());
  const auto lower = LiteralFromBytes(type, *metrics.lower_bound);
  const auto upper = LiteralFromBytes(type, *metrics.upper_bound);
  for (const Literal& value : column.ordered) {
    EXPECT_TRUE(lower->Compare(value) <= 0) << value.ToString();
    EXPECT_TRUE(upper->Compare(value) >= 0) << value.ToString();
  }
}

TEST(ParquetDataWriter, BoundsHoldForEveryValueOfEveryType) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      const Schema schema({{1, "c", type, false, "", {}}});
      const RandomColumn column = MakeRandomColumn(rng, schema);
      MemoryFileIO io;
      const auto written = WriteRowGroups(io, schema, column.row_groups,
                                          {{"write.metadata.metrics.default", "full"}});
      EXPECT_EQ(written.row_count, column.values);
      EXPECT_EQ(written.size_bytes, static_cast<int64_t>(io.Get(kFilePath)->size()));
      EXPECT_EQ(written.split_offsets.size(), column.row_groups.size());
      ExpectTrue(written.metrics.at(1), column, type);
    }
  }
}

TEST(ParquetDataWriter, NestedColumnsHaveIdsAndOnlyStructsHaveBounds) {
  const Schema schema(
      {{1, "s", Type::Struct({Optional(2, "x", TypeId::kInt)}), false, "", {}},
       {3, "l", Type::List(Optional(4, "element", TypeId::kDouble)), false, "", {}},
       {5,
        "m",
        Type::Map(Required(6, "key", TypeId::kString), Optional(7, "value", TypeId::kLong)),
        false,
        "",
        {}}});
  MemoryFileIO io;
  const auto written = WriteRowGroups(
      io, schema,
      std::vector<std::string>{
          R"([[[5], [1.5, NaN, null], [["a", 1], ["b", null]]], [null, null, null]])",
          R"([[[-7], [], []]])"});
  EXPECT_EQ(Describe(written.metrics, 2), "3 1 - " + Range(Literal::Int(-7), Literal::Int(5)));
  // Nulls and empty lists have a place in the column, too.
  EXPECT_EQ(Describe(written.metrics, 4), "5 3 1 -..-");
  EXPECT_EQ(Describe(written.metrics, 6), "4 2 - -..-");
  EXPECT_EQ(Describe(written.metrics, 7), "4 3 - -..-");
  const auto content = io.Get(kFilePath);
  const auto footer =
      parquet::ParquetFileReader::Open(
          std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(*content)))
          ->metadata();
  std::vector<int32_t> ids;
  for (int i = 0; i < footer->num_columns(); ++i) {
    ids.push_back(footer->schema()->Column(i)->schema_node()->field_id());
  }
  EXPECT_THAT(ids, ElementsAre(2, 4, 6, 7));
  EXPECT_EQ(written.split_offsets[1], footer->RowGroup(1)->file_offset());
}

TEST(ParquetDataWriter, PagesAreOfTheVersionThatTheTableSays) {
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  const auto page_type = [&](const Properties& properties) {
    MemoryFileIO io;
    WriteRowGroups(io, schema, std::vector<std::string>{"[[1], [null]]"}, properties);
    EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)), ElementsAre("1", "null"));
    const auto reader =
        parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(
            arrow::Buffer::FromString(*io.Get(kFilePath))));
    const auto pages = reader->RowGroup(0)->GetColumnPageReader(0);
    EXPECT_EQ(pages->NextPage()->type(), parquet::PageType::DICTIONARY_PAGE);
    return pages->NextPage()->type();
  };
  EXPECT_EQ(page_type({}), parquet::PageType::DATA_PAGE);
  EXPECT_EQ(page_type({{"write.parquet.page-version", "V2"}}), parquet::PageType::DATA_PAGE_V2);
}

TEST(ParquetDataWriter, WithoutCloseThereIsNoFile) {
  const Schema schema({Optional(1, "a", TypeId::kLong)});
  MemoryFileIO io;
  WriteRowGroups(io, schema, std::vector<std::string>{});
  EXPECT_THAT(ReadFileRows(io, ReadOptions(schema)), IsEmpty()) << "a file of no rows";
  io.Delete(kFilePath);
  {
    ParquetDataWriter writer(io, kFilePath, schema, WriteSettings::Of({}, schema).file);
    writer.WriteRowGroup({BatchOf(ToArrowSchema(schema), "[[1]]")}, {});
  }
  EXPECT_FALSE(io.Exists(kFilePath));
}

}  // namespace
}  // namespace floe::testing
