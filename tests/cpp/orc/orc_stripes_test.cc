// ORC files of several stripes, in each codec, without field ids, as other tools write them.

#include <arrow/adapters/orc/adapter.h>
#include <arrow/adapters/orc/options.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "orc/orc_data_reader.h"
#include "parquet/data_file_reader.h"
#include "schema/reserved_ids.h"
#include "support/memory_file_io.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr const char* kPath = "memory:///t/data/f.orc";
constexpr int64_t kRows = 20'000;

std::shared_ptr<arrow::Schema> FileSchema() {
  return arrow::schema(
      {arrow::field("id", arrow::int64()), arrow::field("s", arrow::utf8()),
       arrow::field("l", arrow::list(arrow::field("element", arrow::int32())))});
}

Schema TableSchema() {
  return Schema({Optional(kPositionColumnId, "_pos", TypeId::kLong),
                 Optional(1, "id", TypeId::kLong),
                 Optional(2, "s", TypeId::kString),
                 {3, "l", Type::List(Optional(4, "element", TypeId::kInt)), false, "", {}}});
}

std::string RowsAsJson() {
  std::string json;
  for (int64_t i = 0; i < kRows; ++i) {
    json += fmt::format(R"({}[{}, "text {}", {}])", json.empty() ? "[" : ",", i,
                        i * 7'919 % kRows, i % 5 == 0 ? "null" : fmt::format("[{}]", i % 9));
  }
  return json + "]";
}

std::string MakeFile(const arrow::RecordBatch& rows, arrow::Compression::type codec) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::adapters::orc::WriteOptions options;
  options.compression = codec;
  options.stripe_size = 16 << 10;
  const auto writer =
      arrow::adapters::orc::ORCFileWriter::Open(stream.get(), options).ValueOrDie();
  for (int64_t at = 0; at < kRows; at += kRows / 20) {
    EXPECT_TRUE(writer->Write(*rows.Slice(at, kRows / 20)).ok());
  }
  EXPECT_TRUE(writer->Close().ok());
  return stream->Finish().ValueOrDie()->ToString();
}

DataFileReadOptions OptionsOf(const std::string& filter) {
  const auto schema = std::make_shared<const Schema>(TableSchema());
  DataFileReadOptions options{.projection = schema,
                              .filter_schema = schema,
                              .filter = filter.empty()
                                            ? BoundExpression::True()
                                            : Bind(*ParseExpression(filter), *schema)};
  options.batch_rows = 1'000;
  options.name_mapping = std::make_shared<const NameMapping>(NameMapping::Parse(R"([
      {"field-id": 1, "names": ["id"]}, {"field-id": 2, "names": ["s"]},
      {"field-id": 3, "names": ["l"], "fields": [{"field-id": 4, "names": ["element"]}]}])"));
  return options;
}

std::vector<std::string> Read(const OrcDataReader& reader) {
  std::vector<std::string> rows;
  for (const int stripe : reader.units()) {
    const auto before = static_cast<int64_t>(rows.size());
    reader.ReadUnit(stripe, {}, [&](const auto& batch) {
      const auto texts = TextsOf(*arrow::Table::FromRecordBatches({batch}).ValueOrDie());
      rows.insert(rows.end(), texts.begin(), texts.end());
      return true;
    });
    EXPECT_EQ(reader.CountUnit(stripe, {}), static_cast<int64_t>(rows.size()) - before);
  }
  return rows;
}

TEST(OrcStripes, AreReadInEachCodec) {
  const auto written = BatchOf(FileSchema(), RowsAsJson());
  std::vector<std::string> expected =
      TextsOf(*arrow::Table::FromRecordBatches({written}).ValueOrDie());
  for (int64_t i = 0; i < kRows; ++i) {
    expected[static_cast<size_t>(i)] =
        fmt::format("{}|{}", i, expected[static_cast<size_t>(i)]);
  }
  using arrow::Compression;
  for (const auto codec : {Compression::UNCOMPRESSED, Compression::GZIP, Compression::SNAPPY,
                           Compression::LZ4, Compression::ZSTD}) {
    SCOPED_TRACE(codec);
    MemoryFileIO io;
    io.Put(kPath, MakeFile(*written, codec));
    const OrcDataReader all(io, kPath, OptionsOf(""));
    EXPECT_GT(all.units().size(), 1U);
    EXPECT_GT(all.FirstRow(1), 0);
    EXPECT_EQ(Read(all), expected);
    const std::vector<std::string> some =
        Read(OrcDataReader(io, kPath, OptionsOf("id in (3, 12345, 19999) or s = 'text 1'")));
    ASSERT_THAT(some, SizeIs(4));
    EXPECT_EQ(some.front(), expected[3]);
    EXPECT_EQ(some.back(), expected[19'999]);
  }
}

}  // namespace
}  // namespace floe::testing
