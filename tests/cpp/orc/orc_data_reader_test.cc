// ORC files of Spark, read as rows of a table's schema.

#include "orc/orc_data_reader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/data_file_reader.h"
#include "schema/reserved_ids.h"
#include "support/case_files.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const char* const kPath = "memory:///t/data/f.orc";

/// The only data file of a table that Spark wrote.
std::string FileOf(const std::string& vector) {
  const std::string folder = "vectors/spark/" + vector + "/files/db/t/data";
  for (const auto& entry : std::filesystem::directory_iterator(TestsFolder() / folder)) {
    if (entry.path().extension() == ".orc") {
      return ReadTestFile(folder + "/" + entry.path().filename().string());
    }
  }
  throw NotFoundError("no ORC file in " + folder);
}

DataFileReadOptions OptionsOf(Schema projection, const std::string& filter = "") {
  const auto schema = std::make_shared<const Schema>(std::move(projection));
  return {.projection = schema,
          .filter_schema = schema,
          .filter = filter.empty() ? BoundExpression::True()
                                   : Bind(*ParseExpression(filter), *schema)};
}

std::vector<std::string> Read(MemoryFileIO& io, const DataFileReadOptions& options) {
  const OrcDataReader reader(io, kPath, options);
  std::vector<std::string> rows;
  for (const int stripe : reader.units()) {
    reader.ReadUnit(stripe, {}, [&](const auto& batch) {
      const auto texts = TextsOf(*arrow::Table::FromRecordBatches({batch}).ValueOrDie());
      rows.insert(rows.end(), texts.begin(), texts.end());
      return true;
    });
  }
  return rows;
}

TEST(OrcDataReader, ColumnsAreFoundByIdAndPromoted) {
  MemoryFileIO io;
  io.Put(kPath, FileOf("types_orc"));
  const Schema schema({Optional(3, "renamed", TypeId::kLong),
                       Optional(99, "added", TypeId::kInt), Optional(5, "f", TypeId::kDouble),
                       Optional(13, "s", TypeId::kString)});
  const std::vector<std::string> rows = Read(io, OptionsOf(schema));
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_THAT(rows, ::testing::Contains("null|null|null|null"));
  EXPECT_THAT(Read(io, OptionsOf(schema, "renamed is null and s is null")),
              ElementsAre("null|null|null|null"));
  EXPECT_THAT(Read(io, OptionsOf(schema, "renamed is not null")), SizeIs(3));
  DataFileReadOptions one_by_one = OptionsOf(schema);
  one_by_one.batch_rows = 1;
  EXPECT_EQ(Read(io, one_by_one), rows);
  const OrcDataReader counter(io, kPath, OptionsOf(schema, "renamed is not null"));
  EXPECT_EQ(counter.CountUnit(0, {}), 3);
  EXPECT_EQ(counter.FirstRow(0), 0);
  EXPECT_THAT(Read(io, OptionsOf(Schema({Optional(99, "added", TypeId::kInt)}))),
              ElementsAre("null", "null", "null", "null"));
}

TEST(OrcDataReader, WhatDoesNotFitTheTableIsNamed) {
  MemoryFileIO io;
  io.Put(kPath, FileOf("types_orc"));
  for (const Field& field : {Optional(4, "c", TypeId::kInt), Optional(13, "c", TypeId::kLong),
                             Required(3, "c", TypeId::kInt), Required(99, "c", TypeId::kInt)}) {
    const Thrown thrown = WhatThrows([&] { Read(io, OptionsOf(Schema({field}))); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
    EXPECT_EQ(thrown.details.path, kPath);
    EXPECT_EQ(thrown.details.column, "c");
  }
  const Thrown thrown =
      WhatThrows([&] { Read(io, OptionsOf(Schema({Optional(11, "t", TypeId::kTimestamp)}))); });
  EXPECT_EQ(thrown.class_name, "UnsupportedError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr("1678"));
}

TEST(OrcDataReader, BytesBecomeUuidsAndFixed) {
  MemoryFileIO io;
  io.Put(kPath, FileOf("uuid_and_fixed_orc"));
  EXPECT_THAT(Read(io, OptionsOf(Schema({{3, "f", Type::Fixed(3), false, "", {}}}))),
              ElementsAre(std::string("\0\xff\x80", 3), std::string(3, '\0'), "null"));
  EXPECT_THAT(Read(io, OptionsOf(Schema({Optional(2, "u", TypeId::kUuid)}),
                                 "u = '79eb3a27-0000-4000-8000-000000000001'")),
              SizeIs(1));
  const Thrown thrown = WhatThrows(
      [&] { Read(io, OptionsOf(Schema({{3, "f", Type::Fixed(4), false, "", {}}}))); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
}

/// Deletes the first row, and that with id 2.
class TwoDeletes final : public RowDeletes {
 public:
  SchemaPtr columns() const override {
    return std::make_shared<const Schema>(Schema({Optional(1, "id", TypeId::kLong)}));
  }
  bool MayTouch(int64_t /*first_row*/, int64_t /*row_count*/) const override { return true; }
  void Clear(int64_t first_row, const arrow::RecordBatch* rows,
             std::span<uint8_t> mask) const override {
    const auto& ids = static_cast<const arrow::Int64Array&>(*rows->column(0));
    for (size_t i = 0; i < mask.size(); ++i) {
      if (first_row + static_cast<int64_t>(i) == 0 || ids.Value(static_cast<int64_t>(i)) == 2) {
        mask[i] = 0;
      }
    }
  }
};

TEST(OrcDataReader, DeletedRowsAreLeftOut) {
  MemoryFileIO io;
  io.Put(kPath, FileOf("uuid_and_fixed_orc"));  // ids 0, 1, 2
  for (const int64_t batch_rows : {1, 10}) {
    DataFileReadOptions options = OptionsOf(Schema({{3, "f", Type::Fixed(3), false, "", {}}}));
    options.batch_rows = batch_rows;
    options.deletes = std::make_shared<TwoDeletes>();
    EXPECT_THAT(Read(io, options), ElementsAre(std::string(3, '\0')));
    EXPECT_EQ(OrcDataReader(io, kPath, options).CountUnit(0, {}), 1);
  }
}

TEST(OrcDataReader, PositionsAreThoseInTheFile) {
  MemoryFileIO io;
  io.Put(kPath, FileOf("uuid_and_fixed_orc"));  // ids 0, 1, 2
  const Schema schema(
      {Optional(kPositionColumnId, "_pos", TypeId::kLong), Optional(1, "id", TypeId::kLong)});
  DataFileReadOptions options = OptionsOf(schema, "id > 0");
  for (const int64_t batch_rows : {1, 10}) {
    options.batch_rows = batch_rows;
    EXPECT_THAT(Read(io, options), ElementsAre("1|1", "2|2"));
  }
}

TEST(OrcDataReader, DamagedFilesAreNamed) {
  const std::string whole = FileOf("nested_orc");
  MemoryFileIO io;
  const Schema schema({Optional(1, "id", TypeId::kLong)});
  for (size_t size = 0; size < whole.size(); size += 1 + size / 20) {
    io.Put(kPath, whole.substr(0, size));
    const Thrown thrown = WhatThrows([&] { Read(io, OptionsOf(schema)); });
    ASSERT_EQ(thrown.class_name, "CorruptFileError") << "cut to " << size << ": " << thrown;
    ASSERT_EQ(thrown.details.path, kPath);
  }
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (int i = 0; i < 300; ++i) {
      std::string damaged = whole;
      for (size_t left = 1 + rng.Index(3); left > 0; --left) {
        damaged[rng.Index(damaged.size())] = static_cast<char>(rng.Next());
      }
      io.Put(kPath, damaged);
      const Thrown thrown = WhatThrows([&] { Read(io, OptionsOf(schema)); });
      ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError" ||
                  thrown.class_name == "UnsupportedError")
          << thrown << " in round " << i << " of seed " << seed;
    }
  }
}

}  // namespace
}  // namespace floe::testing
