// Damaged ORC files are refused; none ends the process, as Arrow's adapter does for some.

#include <arrow/adapters/orc/adapter.h>
#include <arrow/adapters/orc/options.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "floe/expr/bound.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "orc/orc_data_reader.h"
#include "parquet/data_file_reader.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

constexpr const char* kPath = "memory:///t/data/f.orc";
constexpr size_t kTail = 700;  // the footer and what is after it, about

/// A small file of many kinds of columns, whose names are those of TableSchema().
std::string MakeFile(arrow::Compression::type codec) {
  const auto rows = BatchOf(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("s", arrow::utf8()),
                     arrow::field("l", arrow::list(arrow::field("element", arrow::int32()))),
                     arrow::field("d", arrow::float64()),
                     arrow::field("e", arrow::decimal128(9, 2))}),
      R"([[1, "a", [1], 1.5, "1.50"], [2, "bb", [], null, null], [null, null, null, 2.5,
          "-2.25"]])");
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::adapters::orc::WriteOptions options;
  options.compression = codec;
  const auto writer =
      arrow::adapters::orc::ORCFileWriter::Open(stream.get(), options).ValueOrDie();
  EXPECT_TRUE(writer->Write(*rows).ok());
  EXPECT_TRUE(writer->Close().ok());
  return stream->Finish().ValueOrDie()->ToString();
}

DataFileReadOptions Options() {
  const auto schema = std::make_shared<const Schema>(
      Schema({Optional(1, "id", TypeId::kLong),
              Optional(2, "s", TypeId::kString),
              {3, "l", Type::List(Optional(4, "element", TypeId::kInt)), false, "", {}},
              Optional(5, "d", TypeId::kDouble),
              {6, "e", Type::Decimal(9, 2), false, "", {}}}));
  return {.projection = schema,
          .filter_schema = schema,
          .filter = BoundExpression::True(),
          .name_mapping = std::make_shared<const NameMapping>(NameMapping::Parse(R"([
              {"field-id": 1, "names": ["id"]}, {"field-id": 2, "names": ["s"]},
              {"field-id": 3, "names": ["l"],
               "fields": [{"field-id": 4, "names": ["element"]}]},
              {"field-id": 5, "names": ["d"]}, {"field-id": 6, "names": ["e"]}])"))};
}

int64_t CountRead(const std::string& file) {
  MemoryFileIO io;
  io.Put(kPath, file);
  const OrcDataReader reader(io, kPath, Options());
  int64_t count = 0;
  for (const int stripe : reader.units()) {
    reader.ReadUnit(stripe, {}, [&](const auto& batch) {
      count += batch->num_rows();
      return true;
    });
  }
  return count;
}

/// Returns what reading throws, which is nothing or one of two errors.
Thrown ExpectReadOrRefused(const std::string& file) {
  const Thrown thrown = WhatThrows([&] { CountRead(file); });
  EXPECT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError" ||
              thrown.class_name == "UnsupportedError")
      << thrown;
  return thrown;
}

/// Reads the file with each byte from `begin` on replaced by each of `bytes`; returns how many
/// of those were refused with `words`.
int CountRefused(const std::string& whole, size_t begin, std::initializer_list<int> bytes,
                 std::string_view words) {
  int refused = 0;
  for (size_t i = begin; i < whole.size() && !::testing::Test::HasFailure(); ++i) {
    for (const int byte : bytes) {
      SCOPED_TRACE(::testing::Message() << "byte " << i << " is " << byte);
      std::string damaged = whole;
      damaged[i] = static_cast<char>(byte);
      refused += ExpectReadOrRefused(damaged).message.find(words) != std::string::npos ? 1 : 0;
    }
  }
  return refused;
}

TEST(DamagedOrc, EachByteOfTheTailIsOneThatNoTypeHas) {
  const std::string whole = MakeFile(arrow::Compression::UNCOMPRESSED);
  ASSERT_EQ(CountRead(whole), 3);
  CountRefused(whole, whole.size() - std::min(kTail, whole.size()), {0, 39, 127, 255}, "");
}

TEST(DamagedOrc, EachByteOfTheFile) {
  const std::string whole = MakeFile(arrow::Compression::UNCOMPRESSED);
  // Before Arrow's adapter reads them.
  EXPECT_GT(CountRefused(whole, sizeof("ORC") - 1, {0x7e, 0xc6}, "damaged LENGTH"), 0);
}

TEST(DamagedOrc, BytesAtRandomInEachCodec) {
  using arrow::Compression;
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const auto codec : {Compression::UNCOMPRESSED, Compression::GZIP, Compression::SNAPPY,
                             Compression::ZSTD}) {
      const std::string whole = MakeFile(codec);
      for (int i = 0; i < 300; ++i) {
        SCOPED_TRACE(::testing::Message() << "round " << i << " of seed " << seed);
        std::string damaged = whole;
        for (size_t left = 1 + rng.Index(8); left > 0; --left) {
          const size_t at = rng.Index(damaged.size());
          damaged[at] = static_cast<char>(rng.OneIn(2) ? rng.Next() : damaged[at] ^ 1U);
        }
        ExpectReadOrRefused(damaged);
        if (HasFailure()) {
          return;
        }
      }
    }
  }
}

}  // namespace
}  // namespace floe::testing
