// Streams of ORC that decide about sizes: legal ones pass, whatever a type or codec makes of
// them; damaged ones are refused before Arrow's adapter sees them.

#include "orc/orc_stripe_check.h"

#include <arrow/adapters/orc/adapter.h>
#include <arrow/adapters/orc/options.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "orc/orc_layout.h"
#include "orc/orc_stream_bytes.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using arrow::Compression;
using arrow::adapters::orc::ORCFileReader;
using ::testing::HasSubstr;

constexpr const char* kPath = "memory:///t/data/f.orc";

std::shared_ptr<arrow::Schema> FileSchema() {
  return arrow::schema(
      {arrow::field("s", arrow::utf8()), arrow::field("b", arrow::binary()),
       arrow::field("l", arrow::list(arrow::field("element", arrow::utf8()))),
       arrow::field("m", arrow::map(arrow::utf8(), arrow::int64())),
       arrow::field("e", arrow::decimal128(38, 6)), arrow::field("f", arrow::decimal128(9, 2)),
       arrow::field("t", arrow::struct_({arrow::field("x", arrow::list(arrow::boolean())),
                                         arrow::field("y", arrow::int32())}))});
}

std::string RowsAsJson(int count) {
  std::string json;
  for (int i = 0; i < count; ++i) {
    json += json.empty() ? "[" : ",";
    if (i % 7 == 3) {
      json += "[null, null, null, null, null, null, null]";
      continue;
    }
    const int n = i * 31 % 11;
    json += fmt::format(
        R"(["text {}", "{:x<{}}", {}, [["k{}", {}], ["j", null]], "{}.500000", "{}.25",
            {{"x": {}, "y": {}}}])",
        n, i, n * n, n % 3 == 0 ? "[]" : R"(["p", null, "qq"])", n, i * i, i, n,
        n % 2 == 0 ? "[true, false]" : "null", i);
  }
  return json + "]";
}

std::string MakeFile(const arrow::RecordBatch& rows, Compression::type codec,
                     double dictionary_threshold) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  arrow::adapters::orc::WriteOptions options;
  options.compression = codec;
  options.dictionary_key_size_threshold = dictionary_threshold;
  const auto writer =
      arrow::adapters::orc::ORCFileWriter::Open(stream.get(), options).ValueOrDie();
  EXPECT_TRUE(writer->Write(rows).ok());
  EXPECT_TRUE(writer->Close().ok());
  return stream->Finish().ValueOrDie()->ToString();
}

std::shared_ptr<arrow::io::RandomAccessFile> FileOf(const std::string& bytes) {
  return std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
}

/// What OrcDataReader does, of all columns. What the adapter refuses is fine.
void CheckAndRead(const std::string& bytes) {
  auto reader = ORCFileReader::Open(FileOf(bytes), arrow::default_memory_pool()).ValueOrDie();
  const OrcStripeCheck check(FileOf(bytes), reader->GetSerializedFileTail(), kPath);
  std::vector<int> columns(7);
  std::iota(columns.begin(), columns.end(), 0);
  for (int64_t stripe = 0; stripe < reader->NumberOfStripes(); ++stripe) {
    check.Check(static_cast<size_t>(stripe), columns);
    const auto rows = reader->ReadStripe(stripe, columns);
    if (rows.ok()) {
      EXPECT_GE((*rows)->num_rows(), 0);
    }
  }
}

/// Streams of the first stripe, with their offsets in the file.
std::vector<OrcStream> StreamsOf(const std::string& bytes) {
  auto reader = ORCFileReader::Open(FileOf(bytes), arrow::default_memory_pool()).ValueOrDie();
  const OrcLayout layout = ParseOrcLayout(reader->GetSerializedFileTail(), kPath);
  const OrcStripePlace& stripe = layout.stripes.at(0);
  const auto size = static_cast<int64_t>(bytes.size());
  OrcFileWindow window(FileOf(bytes), kPath, 0, size);
  const OrcCompression compression(layout.codec, layout.block_size, kPath);
  const std::string footer =
      OrcStreamBytes(window, compression,
                     static_cast<int64_t>(stripe.offset + stripe.index_size + stripe.data_size),
                     static_cast<int64_t>(stripe.footer_size), "footer")
          .ReadAll(size * 100);
  std::vector<OrcStream> streams = ParseOrcStripeFooter(footer, stripe, kPath).streams;
  for (OrcStream& stream : streams) {
    stream.offset += stripe.offset;
  }
  return streams;
}

TEST(OrcStripeCheck, LegalFilesPass) {
  const auto rows = BatchOf(FileSchema(), RowsAsJson(1'000));
  for (const auto codec : {Compression::UNCOMPRESSED, Compression::GZIP, Compression::SNAPPY,
                           Compression::LZ4, Compression::ZSTD}) {
    for (const double dictionary_threshold : {0.0, 1.0}) {
      for (const auto& some : {rows, rows->Slice(3, 1), rows->Slice(0, 1), rows->Slice(0, 0)}) {
        const std::string bytes = MakeFile(*some, codec, dictionary_threshold);
        const Thrown thrown = WhatThrows([&] { CheckAndRead(bytes); });
        EXPECT_EQ(thrown.class_name, "") << thrown;
      }
    }
  }
}

/// Damages each stream of a kind, and returns what was said about the last.
void DamageAll(const std::string& whole, OrcStreamKind kind) {
  size_t damaged_streams = 0;
  for (const OrcStream& stream : StreamsOf(whole)) {
    if (stream.kind != kind) {
      continue;
    }
    ++damaged_streams;
    for (size_t at = stream.offset; at < stream.offset + stream.size; ++at) {
      for (const int byte : {0, 1, 0x3f, 0x5f, 0x7e, 0x9e, 0xbf, 0xc6, 0xfe, 0xff}) {
        SCOPED_TRACE(fmt::format("byte {} of column {} is {}", at, stream.column, byte));
        std::string damaged = whole;
        damaged[at] = static_cast<char>(byte);
        const Thrown thrown = WhatThrows([&] { CheckAndRead(damaged); });
        ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError")
            << thrown;
        ASSERT_TRUE(thrown.class_name.empty() || thrown.details.path == kPath) << thrown;
      }
    }
  }
  EXPECT_GT(damaged_streams, 0U);
}

TEST(OrcStripeCheck, StreamsOfSizesAreDamaged) {
  const auto rows = BatchOf(FileSchema(), RowsAsJson(50));
  for (const double dictionary_threshold : {0.0, 1.0}) {
    const std::string whole = MakeFile(*rows, Compression::UNCOMPRESSED, dictionary_threshold);
    for (const auto kind :
         {OrcStreamKind::kLength, OrcStreamKind::kSecondary, OrcStreamKind::kPresent}) {
      DamageAll(whole, kind);
      if (HasFatalFailure()) {
        return;
      }
    }
  }
}

TEST(OrcStripeCheck, StripesAreDamagedAtRandomInEachCodec) {
  const auto rows = BatchOf(FileSchema(), RowsAsJson(200));
  for (const uint64_t seed : Seeds(1)) {
    Rng rng(seed);
    for (const auto codec : {Compression::UNCOMPRESSED, Compression::GZIP, Compression::SNAPPY,
                             Compression::LZ4, Compression::ZSTD}) {
      const std::string whole = MakeFile(*rows, codec, 1.0);
      size_t end = 0;
      for (const OrcStream& stream : StreamsOf(whole)) {
        end = std::max(end, static_cast<size_t>(stream.offset + stream.size));
      }
      for (int i = 0; i < 300; ++i) {
        SCOPED_TRACE(::testing::Message() << "round " << i << " of seed " << seed);
        std::string damaged = whole;
        for (size_t left = 1 + rng.Index(4); left > 0; --left) {
          damaged[3 + rng.Index(end - 3)] = static_cast<char>(rng.Next());
        }
        const Thrown thrown = WhatThrows([&] { CheckAndRead(damaged); });
        ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError")
            << thrown;
      }
    }
  }
}

/// What is said of a file whose stream of a column begins with other bytes.
Thrown Replaced(OrcStreamKind kind, uint32_t column, std::string_view bytes,
                double dictionary_threshold) {
  const auto rows = BatchOf(FileSchema(), RowsAsJson(50));
  std::string file = MakeFile(*rows, Compression::UNCOMPRESSED, dictionary_threshold);
  for (const OrcStream& stream : StreamsOf(file)) {
    if (stream.kind == kind && stream.column == column) {
      EXPECT_GE(stream.size, bytes.size());
      file.replace(stream.offset, bytes.size(), bytes);
    }
  }
  return WhatThrows([&] { CheckAndRead(file); });
}

TEST(OrcStripeCheck, WhatIsWrongIsSaid) {
  struct Case {
    OrcStreamKind kind;
    uint32_t column;
    std::string_view bytes;
    double dictionary_threshold;
    std::string_view text;
  };
  // Columns: s, b, l with 4, m with 6 and 7, e, f. Runs are short, one is of 11 values.
  const Case cases[] = {
      {OrcStreamKind::kLength, 1, "\x38\xff\xff\xff\xff\xff\xff\xff\xff", 0.0,
       "LENGTH stream in column 1: length 0 of 43 is 18446744073709551615"},
      {OrcStreamKind::kLength, 1, std::string_view("\xc0\x0a\xff\xff\x7f\0", 6), 1.0,
       "DICTIONARY_DATA stream in column 1: it has"},
      {OrcStreamKind::kLength, 2, std::string_view("\x1a\x70\0\0\0", 5), 0.0,
       "DATA stream in column 2: it has"},
      {OrcStreamKind::kLength, 3, std::string_view("\x1a\x70\0\0\0", 5), 0.0,
       "LENGTH stream in column 3: there are more than 2147483647 values"},
      {OrcStreamKind::kSecondary, 8, std::string_view("\0\x4e", 2), 0.0,
       "SECONDARY stream in column 8: scale 0 of 43 is 39, but it can be 0 to 38"},
  };
  for (const Case& one : cases) {
    const Thrown thrown = Replaced(one.kind, one.column, one.bytes, one.dictionary_threshold);
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(one.text));
    EXPECT_THAT(thrown.message, HasSubstr(kPath));
  }
}

}  // namespace
}  // namespace floe::testing
