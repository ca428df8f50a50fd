// Every codec and encoding that Arrow writes, in both versions of pages, is read as it was
// written.

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/data_file_reader.h"
#include "parquet/data_files.h"
#include "support/memory_file_io.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using parquet::Encoding;

constexpr int64_t kRows = 600;

/// A column of one type in one encoding.
struct EncodedColumn {
  Encoding::type encoding;
  TypeId type;
};

const std::vector<EncodedColumn> kColumns = {
    {Encoding::PLAIN, TypeId::kLong},
    {Encoding::RLE_DICTIONARY, TypeId::kLong},
    {Encoding::DELTA_BINARY_PACKED, TypeId::kLong},
    {Encoding::BYTE_STREAM_SPLIT, TypeId::kLong},
    {Encoding::PLAIN, TypeId::kInt},
    {Encoding::RLE_DICTIONARY, TypeId::kInt},
    {Encoding::DELTA_BINARY_PACKED, TypeId::kInt},
    {Encoding::BYTE_STREAM_SPLIT, TypeId::kInt},
    {Encoding::PLAIN, TypeId::kDouble},
    {Encoding::RLE_DICTIONARY, TypeId::kDouble},
    {Encoding::BYTE_STREAM_SPLIT, TypeId::kDouble},
    {Encoding::BYTE_STREAM_SPLIT, TypeId::kFloat},
    {Encoding::PLAIN, TypeId::kString},
    {Encoding::RLE_DICTIONARY, TypeId::kString},
    {Encoding::DELTA_LENGTH_BYTE_ARRAY, TypeId::kString},
    {Encoding::DELTA_BYTE_ARRAY, TypeId::kString},
    {Encoding::PLAIN, TypeId::kBoolean},
    {Encoding::RLE, TypeId::kBoolean},
};

std::shared_ptr<arrow::DataType> ArrowTypeOf(TypeId type) {
  switch (type) {
    case TypeId::kLong:
      return arrow::int64();
    case TypeId::kInt:
      return arrow::int32();
    case TypeId::kDouble:
      return arrow::float64();
    case TypeId::kFloat:
      return arrow::float32();
    case TypeId::kString:
      return arrow::utf8();
    default:
      return arrow::boolean();
  }
}

std::string ValueOf(TypeId type, int64_t row, size_t column) {
  if ((row + static_cast<int64_t>(column)) % 13 == 0) {
    return "null";
  }
  switch (type) {
    case TypeId::kLong:
    case TypeId::kInt:
      return std::to_string(row * 7'919 % 1'000 - 500);
    case TypeId::kDouble:
    case TypeId::kFloat:
      return fmt::format("{}.5", row % 300);
    case TypeId::kString:
      return fmt::format(R"("value {}")", std::string(static_cast<size_t>(row % 7), 'x') +
                                              std::to_string(row % 250));
    default:
      return row % 3 == 0 ? "true" : "false";
  }
}

/// All columns, after an `id` that counts the rows.
std::shared_ptr<arrow::Table> MakeRows() {
  arrow::FieldVector fields = {WithId(1, "id", arrow::int64())};
  for (size_t i = 0; i < kColumns.size(); ++i) {
    fields.push_back(WithId(static_cast<int32_t>(i) + 2, fmt::format("c{}", i),
                            ArrowTypeOf(kColumns[i].type)));
  }
  std::string json;
  for (int64_t row = 0; row < kRows; ++row) {
    json += fmt::format("{}[{}", json.empty() ? "[" : ",", row);
    for (size_t i = 0; i < kColumns.size(); ++i) {
      json += "," + ValueOf(kColumns[i].type, row, i);
    }
    json += "]";
  }
  return arrow::Table::FromRecordBatches({BatchOf(arrow::schema(fields), json + "]")})
      .ValueOrDie();
}

Schema TableSchema() {
  std::vector<Field> fields = {Optional(1, "id", TypeId::kLong)};
  for (size_t i = 0; i < kColumns.size(); ++i) {
    fields.push_back(
        Optional(static_cast<int32_t>(i) + 2, fmt::format("c{}", i), kColumns[i].type));
  }
  return Schema(std::move(fields));
}

void Put(MemoryFileIO& io, const arrow::Table& rows, arrow::Compression::type codec,
         parquet::ParquetDataPageVersion version) {
  auto properties = parquet::WriterProperties::Builder();
  properties.compression(codec)
      ->data_page_version(version)
      ->write_batch_size(50)
      ->max_rows_per_page(50)
      ->disable_dictionary("id");
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const std::string name = fmt::format("c{}", i);
    if (kColumns[i].encoding != Encoding::RLE_DICTIONARY) {
      properties.disable_dictionary(name)->encoding(name, kColumns[i].encoding);
    }
  }
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto status = parquet::arrow::WriteTable(rows, arrow::default_memory_pool(), stream,
                                                 kRows / 2, properties.build());
  ASSERT_TRUE(status.ok()) << status;
  io.Put(kFilePath, stream->Finish().ValueOrDie()->ToString());
}

class Codecs : public ::testing::TestWithParam<
                   std::tuple<arrow::Compression::type, parquet::ParquetDataPageVersion>> {};

TEST_P(Codecs, AreReadInEachEncoding) {
  const auto [codec, version] = GetParam();
  const auto rows = MakeRows();
  MemoryFileIO io;
  Put(io, *rows, codec, version);
  const auto footer = FooterOf(io);
  const auto group = footer->RowGroup(0);
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const auto chunk = group->ColumnChunk(static_cast<int>(i) + 1);
    EXPECT_EQ(chunk->compression(), codec);
    EXPECT_TRUE(std::ranges::any_of(
        chunk->encodings(),
        [&](const Encoding::type encoding) { return encoding == kColumns[i].encoding; }))
        << "c" << i;
  }
  const std::vector<std::string> expected = TextsOf(*rows);
  EXPECT_EQ(ReadFileRows(io, ReadOptions(TableSchema())), expected);
  // Few rows of few pages, which are read alone.
  std::vector<std::string> few;
  for (const size_t row : {3U, 4U, 290U, 320U, 599U}) {
    few.push_back(expected[row]);
  }
  EXPECT_EQ(ReadFileRows(io, ReadOptions(TableSchema(), "id in (3, 4, 290, 320, 599)")), few);
}

INSTANTIATE_TEST_SUITE_P(
    All, Codecs,
    ::testing::Combine(::testing::Values(arrow::Compression::UNCOMPRESSED,
                                         arrow::Compression::SNAPPY, arrow::Compression::GZIP,
                                         arrow::Compression::BROTLI, arrow::Compression::ZSTD,
                                         arrow::Compression::LZ4,
                                         arrow::Compression::LZ4_HADOOP),
                       ::testing::Values(parquet::ParquetDataPageVersion::V1,
                                         parquet::ParquetDataPageVersion::V2)),
    [](const auto& test) {
      return fmt::format(
          "{}_v{}", arrow::util::Codec::GetCodecAsString(std::get<0>(test.param)),
          std::get<1>(test.param) == parquet::ParquetDataPageVersion::V1 ? 1 : 2);
    });

}  // namespace
}  // namespace floe::testing
