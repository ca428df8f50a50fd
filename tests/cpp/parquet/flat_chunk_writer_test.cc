// Columns that are encoded by us say what Arrow's encoder says of them, and are read alike.

#include "parquet/flat_chunk_writer.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/compare.h>
#include <arrow/compute/cast.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/column_writer.h>
#include <parquet/file_reader.h>
#include <parquet/file_writer.h>
#include <parquet/metadata.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/size_statistics.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_file.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_file_writer.h"
#include "parquet/data_files.h"
#include "parquet/parquet_schema.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/rows.h"
#include "write/write_settings.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

std::vector<Type> FlatTypes() {
  return {Type::Of(TypeId::kInt),
          Type::Of(TypeId::kLong),
          Type::Of(TypeId::kDate),
          Type::Of(TypeId::kTime),
          Type::Of(TypeId::kTimestamp),
          Type::Of(TypeId::kTimestamptz),
          Type::Of(TypeId::kTimestampNs),
          Type::Of(TypeId::kTimestamptzNs),
          Type::Of(TypeId::kString),
          Type::Of(TypeId::kBinary),
          Type::Decimal(9, 2),
          Type::Decimal(10, 0),
          Type::Decimal(18, 18),
          Type::Of(TypeId::kFloat),
          Type::Of(TypeId::kDouble)};
}

/// The same texts or bytes in another layout.
std::shared_ptr<arrow::Array> InLayout(const std::shared_ptr<arrow::Array>& array,
                                       uint64_t layout) {
  const bool is_text = array->type_id() == arrow::Type::STRING;
  if (!is_text && array->type_id() != arrow::Type::BINARY) {
    return array;
  }
  const auto large = is_text ? arrow::large_utf8() : arrow::large_binary();
  const auto view = is_text ? arrow::utf8_view() : arrow::binary_view();
  return layout == 0 ? array : *arrow::compute::Cast(*array, layout == 1 ? large : view);
}

/// Some rows of a column of `type`, in one or more batches that are slices of others.
Batches RandomColumn(Rng& rng, const Type& type, bool required, size_t rows) {
  std::vector<std::optional<Literal>> pool;
  const size_t different = 1 + rng.Index(rng.OneIn(2) ? 4 : 300);
  for (size_t i = 0; i < different; ++i) {
    pool.emplace_back(RandomLiteral(rng, type));
  }
  const uint64_t one_null_in = 1 + rng.Below(12);
  Batches batches;
  while (rows > 0) {
    const size_t count = 1 + rng.Index(rows);
    std::vector<std::optional<Literal>> values(3);
    for (size_t i = 0; i < count; ++i) {
      values.push_back(!required && rng.OneIn(one_null_in) ? std::nullopt : rng.Pick(pool));
    }
    const auto array = InLayout(ColumnOf(type, values), rng.Below(3))->Slice(3);
    batches.push_back(arrow::RecordBatch::Make(
        arrow::schema({arrow::field("v", array->type())}), array->length(), {array}));
    rows -= count;
  }
  return batches;
}

/// Writes a row group by Arrow's own encoder.
std::string ArrowsFile(const Schema& schema, const Batches& batches,
                       const Properties& properties) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto writer = parquet::ParquetFileWriter::Open(
      stream, ToParquetSchema(schema), WriteSettings::Of(properties, schema).file.properties);
  parquet::ColumnWriter* column = writer->AppendBufferedRowGroup()->column(0);
  const auto arrow_properties = parquet::default_arrow_writer_properties();
  parquet::ArrowWriteContext context(arrow::default_memory_pool(), arrow_properties.get());
  const bool required = schema.fields().front().required;
  for (const auto& batch : batches) {
    const auto array = batch->column(0);
    std::vector<int16_t> levels;
    for (int64_t i = 0; !required && i < array->length(); ++i) {
      levels.push_back(array->IsValid(i) ? 1 : 0);
    }
    EXPECT_TRUE(column
                    ->WriteArrow(required ? nullptr : levels.data(), nullptr, array->length(),
                                 *array, &context, !required)
                    .ok());
  }
  writer->Close();
  return stream->Finish().ValueOrDie()->ToString();
}

std::string OurFile(const Schema& schema, const Batches& batches,
                    const Properties& properties) {
  MemoryFileIO io;
  ParquetDataWriter writer(io, kFilePath, schema, WriteSettings::Of(properties, schema).file);
  writer.WriteRowGroup(batches, {});
  writer.Close();
  return *io.Get(kFilePath);
}

std::unique_ptr<parquet::ParquetFileReader> Opened(const std::string& file) {
  return parquet::ParquetFileReader::Open(
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(file)));
}

/// What the file has, as Arrow reads it.
std::shared_ptr<arrow::Array> ValuesIn(const std::string& file) {
  auto reader =
      parquet::arrow::FileReader::Make(arrow::default_memory_pool(), Opened(file)).ValueOrDie();
  const std::shared_ptr<arrow::Table> table = reader->ReadTable().ValueOrDie();
  EXPECT_TRUE(table->ValidateFull().ok());
  return arrow::Concatenate(table->column(0)->chunks()).ValueOrDie();
}

std::shared_ptr<arrow::Array> ValuesOf(const Batches& batches,
                                       const std::shared_ptr<arrow::DataType>& type) {
  arrow::ArrayVector arrays;
  for (const auto& batch : batches) {
    arrays.push_back(*arrow::compute::Cast(*batch->column(0), type));
  }
  return arrow::Concatenate(arrays).ValueOrDie();
}

/// Also NaNs, and the signs of zeros.
bool AreSame(const std::shared_ptr<arrow::Array>& a, const std::shared_ptr<arrow::Array>& b) {
  return a->Equals(b,
                   arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false));
}

/// What a reader may go by, of the file's column chunk and its pages.
struct Told {
  std::string minimum;
  std::string maximum;
  int64_t null_count;
  std::vector<int64_t> definition_levels;
  std::optional<int64_t> text_bytes;
  std::vector<int64_t> first_rows;
  std::vector<bool> null_pages;
  std::vector<std::string> page_minima;
  std::vector<std::string> page_maxima;
  std::vector<int64_t> page_nulls;
  std::optional<int> order;
  auto operator<=>(const Told&) const = default;
};

Told ToldBy(const std::string& file) {
  const auto reader = Opened(file);
  const auto chunk = reader->metadata()->RowGroup(0)->ColumnChunk(0);
  const auto statistics = chunk->encoded_statistics();
  const auto sizes = chunk->size_statistics();
  Told told{};
  told.minimum = statistics->min();
  told.maximum = statistics->max();
  told.null_count = statistics->null_count;
  if (sizes != nullptr) {
    told.definition_levels = sizes->definition_level_histogram;
    told.text_bytes = sizes->unencoded_byte_array_data_bytes;
  }
  const auto indexes = reader->GetPageIndexReader()->RowGroup(0);
  const auto offsets = indexes->GetOffsetIndex(0);
  for (const auto& page : offsets->page_locations()) {
    told.first_rows.push_back(page.first_row_index);
  }
  const auto pages = indexes->GetColumnIndex(0);
  if (pages != nullptr) {
    told.null_pages = pages->null_pages();
    told.page_minima = pages->encoded_min_values();
    told.page_maxima = pages->encoded_max_values();
    told.page_nulls = pages->null_counts();
    told.order = static_cast<int>(pages->boundary_order());
  }
  return told;
}

Schema OneColumn(const Type& type, bool required) {
  return Schema({Field{.id = 1, .name = "v", .type = type, .required = required}});
}

TEST(FlatChunkWriter, TellsWhatArrowTells) {
  for (const uint64_t seed : Seeds(12)) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    for (const Type& type : FlatTypes()) {
      for (const bool required : {false, true}) {
        SCOPED_TRACE(type.ToString() + (required ? ", required" : ""));
        const Schema schema = OneColumn(type, required);
        const Batches batches = RandomColumn(rng, type, required, 1 + rng.Index(900));
        const Properties properties = {
            {"write.parquet.page-row-limit", std::to_string(rng.Between(1, 300))},
            {"write.parquet.compression-codec", rng.OneIn(2) ? "zstd" : "snappy"}};
        const std::string ours = OurFile(schema, batches, properties);
        EXPECT_EQ(ToldBy(ours), ToldBy(ArrowsFile(schema, batches, properties)));
        const auto values = ValuesIn(ours);
        EXPECT_TRUE(AreSame(values, ValuesOf(batches, values->type())));
      }
    }
  }
}

TEST(FlatChunkWriter, PagesEndAtTheirBytesToo) {
  for (const uint64_t seed : Seeds(8)) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    for (const Type& type : FlatTypes()) {
      SCOPED_TRACE(type.ToString());
      const Batches batches = RandomColumn(rng, type, /*required=*/true, 500);
      const Properties properties = {
          {"write.parquet.page-size-bytes", std::to_string(rng.Between(1, 400))},
          {"write.parquet.dict-size-bytes", std::to_string(rng.Between(1, 2'000))}};
      const std::string ours = OurFile(OneColumn(type, true), batches, properties);
      EXPECT_GE(ToldBy(ours).first_rows.size(), 5);
      const auto values = ValuesIn(ours);
      EXPECT_TRUE(AreSame(values, ValuesOf(batches, values->type())));
    }
  }
}

/// A batch of at most `different` wide numbers in any order, or each of them again and again.
std::shared_ptr<arrow::RecordBatch> Numbers(int64_t rows, int64_t different,
                                            bool in_order = false) {
  Rng rng(1);
  std::vector<std::optional<Literal>> values;
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t number = in_order ? i % different : rng.Between(0, different - 1);
    values.emplace_back(Literal::Long(number * 1'000'000'007));
  }
  const auto array = ColumnOf(Type::Of(TypeId::kLong), values);
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("v", array->type())}), rows,
                                  {array});
}

TEST(FlatChunkWriter, DictionariesThatDoNotPayAreGivenUpForTheWholeFile) {
  const Schema schema = OneColumn(Type::Of(TypeId::kLong), /*required=*/true);
  const auto encodings = [&](const Batches& row_groups) {
    MemoryFileIO io;
    const auto written = WriteRowGroups(io, schema, row_groups);
    std::vector<bool> has_dictionary;
    for (int i = 0; i < FooterOf(io)->num_row_groups(); ++i) {
      has_dictionary.push_back(
          FooterOf(io)->RowGroup(i)->ColumnChunk(0)->has_dictionary_page());
    }
    return std::pair(has_dictionary, written.poor_dictionaries);
  };
  using Dictionaries = std::vector<bool>;
  using Paths = std::vector<std::string>;
  EXPECT_EQ(encodings({Numbers(20'000, 10), Numbers(20'000, 5'000)}),
            std::pair(Dictionaries({true, true}), Paths()));
  EXPECT_EQ(encodings({Numbers(20'000, 1'000'000), Numbers(20'000, 10)}),
            std::pair(Dictionaries({false, false}), Paths({"v"})));
  // Compressed it would be larger with one.
  EXPECT_EQ(encodings({Numbers(20'000, 10'000, /*in_order=*/true)}),
            std::pair(Dictionaries({false}), Paths({"v"})));
  // Of few rows they cost nothing.
  EXPECT_EQ(encodings({Numbers(100, 10)}), std::pair(Dictionaries({true}), Paths()));
}

TEST(FlatChunkWriter, LongTextsAreNoBounds) {
  const Schema schema = OneColumn(Type::Of(TypeId::kString), /*required=*/false);
  const std::string json = R"([["a"], [")" + std::string(5'000, 'x') + R"("], [null]])";
  const Batches batches = {BatchOf(ToArrowSchema(schema), json)};
  const Told told = ToldBy(OurFile(schema, batches, {}));
  EXPECT_EQ(told.minimum, "a");
  EXPECT_EQ(told.maximum, "");
  EXPECT_EQ(told, ToldBy(ArrowsFile(schema, batches, {})));
}

TEST(FlatChunkWriter, NullsAloneAreWritten) {
  for (const Type& type : FlatTypes()) {
    SCOPED_TRACE(type.ToString());
    const Schema schema = OneColumn(type, /*required=*/false);
    const auto nulls = ColumnOf(type, std::vector<std::optional<Literal>>(30));
    const Batches batches = {arrow::RecordBatch::Make(
        arrow::schema({arrow::field("v", nulls->type())}), nulls->length(), {nulls})};
    const std::string ours = OurFile(schema, batches, {{"write.parquet.page-row-limit", "20"}});
    EXPECT_THAT(ToldBy(ours).null_pages, ElementsAre(true, true));
    EXPECT_EQ(ValuesIn(ours)->null_count(), 30);
  }
}

}  // namespace
}  // namespace floe::testing
