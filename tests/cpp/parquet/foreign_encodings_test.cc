// Every way in which other writers have stored the values of an Iceberg type.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/data_files.h"
#include "parquet/foreign_file.h"
#include "support/memory_file_io.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using parquet::ByteArray;
using parquet::ConvertedType;
using parquet::FixedLenByteArray;
using parquet::LogicalType;
using parquet::Repetition;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Unit = parquet::LogicalType::TimeUnit;
using parquet::schema::NodePtr;
using Physical = parquet::Type;

/// A column as it lies in a file, and what it is in the table.
struct Encoding {
  std::string name;
  NodePtr column;
  std::function<void(ForeignFile&)> write;
  Type type;
  std::vector<std::string> rows;
  std::string filter;  ///< takes the first row only
};

/// Columns of two values and a null between them.
template <class PhysicalType>
std::function<void(ForeignFile&)> Values(typename PhysicalType::c_type first,
                                         typename PhysicalType::c_type second) {
  return [=](ForeignFile& file) { file.Column<PhysicalType>({first, second}, {1, 0, 1}); };
}

ByteArray Bytes(const char* text, uint32_t size) {
  return {size, reinterpret_cast<const uint8_t*>(text)};
}

parquet::Int96 JulianDay(uint32_t day, uint64_t nanos) {
  parquet::Int96 value{};
  value.value[2] = day;
  parquet::Int96SetNanoSeconds(value, static_cast<int64_t>(nanos));
  return value;
}

void Check(const Encoding& test) {
  SCOPED_TRACE(test.name);
  MemoryFileIO io;
  ForeignFile file({test.column});
  test.write(file);
  file.Put(io);
  const Schema schema({{1, "c", test.type, false, "", {}}});
  std::vector<std::string> rows = ReadFileRows(io, ReadOptions(schema));
  for (std::string& row : rows) {  // without the type that Arrow puts before a list
    const size_t values = row.find(">[");
    row.erase(0, values == std::string::npos ? 0 : values + 1);
  }
  EXPECT_EQ(rows, test.rows);
  if (!test.filter.empty()) {
    EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, test.filter)), ElementsAre(test.rows[0]));
    // The other rows, and none of the nulls.
    EXPECT_THAT(ReadFileRows(io, ReadOptions(schema, "not (" + test.filter + ")")),
                ElementsAre(test.rows[2]));
  }
}

TEST(ForeignEncodings, Integers) {
  const auto int_of = [](int bits, bool is_signed) {
    return LogicalType::Int(bits, is_signed);
  };
  for (const Encoding& test : std::vector<Encoding>{
           {"int8",
            Leaf(1, "c", Physical::INT32, int_of(8, true)),
            Values<parquet::Int32Type>(-128, 127),
            Type::Of(TypeId::kInt),
            {"-128", "null", "127"},
            "c < 0"},
           {"int16 to long",
            Leaf(1, "c", Physical::INT32, int_of(16, true)),
            Values<parquet::Int32Type>(-32768, 5),
            Type::Of(TypeId::kLong),
            {"-32768", "null", "5"},
            "c < 0"},
           {"uint8",
            Leaf(1, "c", Physical::INT32, int_of(8, false)),
            Values<parquet::Int32Type>(255, 0),
            Type::Of(TypeId::kInt),
            {"255", "null", "0"},
            "c = 255"},
           {"uint16",
            LegacyLeaf(1, "c", Physical::INT32, ConvertedType::UINT_16),
            Values<parquet::Int32Type>(65535, 0),
            Type::Of(TypeId::kInt),
            {"65535", "null", "0"},
            "c = 65535"},
           {"uint32",
            Leaf(1, "c", Physical::INT32, int_of(32, false)),
            Values<parquet::Int32Type>(-1, 7),
            Type::Of(TypeId::kLong),
            {"4294967295", "null", "7"},
            "c = 4294967295"},
           {"uint32 as int",
            Leaf(1, "c", Physical::INT32, int_of(32, false)),
            Values<parquet::Int32Type>(3, 7),
            Type::Of(TypeId::kInt),
            {"3", "null", "7"},
            "c < 5"},
           {"uint64",
            Leaf(1, "c", Physical::INT64, int_of(64, false)),
            Values<parquet::Int64Type>(3, 7),
            Type::Of(TypeId::kLong),
            {"3", "null", "7"},
            "c < 5"},
           {"plain int32 to long",
            LegacyLeaf(1, "c", Physical::INT32),
            Values<parquet::Int32Type>(-3, 7),
            Type::Of(TypeId::kLong),
            {"-3", "null", "7"},
            "c < 5"},
           {"float to double",
            LegacyLeaf(1, "c", Physical::FLOAT),
            Values<parquet::FloatType>(0.5F, 2.0F),
            Type::Of(TypeId::kDouble),
            {"0.5", "null", "2"},
            "c < 1.0"},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, Decimals) {
  static const char fixed_bytes[] =
      "\xff\xff\xff\x85\x00\x00\x00\x7b";  // -123, 123 in 4 bytes each
  const auto decimal = LogicalType::Decimal(9, 2);
  const std::vector<std::string> rows = {"-1.23", "null", "1.23"};
  for (const Encoding& test : std::vector<Encoding>{
           {"int32", Leaf(1, "c", Physical::INT32, decimal),
            Values<parquet::Int32Type>(-123, 123), Type::Decimal(9, 2), rows, "c < 0"},
           {"int64", Leaf(1, "c", Physical::INT64, LogicalType::Decimal(9, 2)),
            Values<parquet::Int64Type>(-123, 123), Type::Decimal(9, 2), rows, "c < 0"},
           {"fixed",
            Leaf(1, "c", Physical::FIXED_LEN_BYTE_ARRAY, decimal, Repetition::OPTIONAL, 4),
            Values<parquet::FLBAType>(
                FixedLenByteArray(reinterpret_cast<const uint8_t*>(fixed_bytes)),
                FixedLenByteArray(reinterpret_cast<const uint8_t*>(fixed_bytes + 4))),
            Type::Decimal(9, 2), rows, "c < 0"},
           {"binary", Leaf(1, "c", Physical::BYTE_ARRAY, decimal),
            Values<parquet::ByteArrayType>(Bytes("\x85", 1), Bytes("\x00\x7b", 2)),
            Type::Decimal(9, 2), rows, "c < 0"},
           {"binary to wider", Leaf(1, "c", Physical::BYTE_ARRAY, decimal),
            Values<parquet::ByteArrayType>(Bytes("\x85", 1), Bytes("\x00\x7b", 2)),
            Type::Decimal(38, 2), rows, "c < 0"},
           {"int32, legacy, to wider",
            LegacyLeaf(1, "c", Physical::INT32, ConvertedType::DECIMAL, Repetition::OPTIONAL,
                       -1, 9, 2),
            Values<parquet::Int32Type>(-123, 123), Type::Decimal(20, 2), rows, "c < 0"},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, TimesAndTimestamps) {
  const Type timestamp = Type::Of(TypeId::kTimestamp);
  const Type timestamptz = Type::Of(TypeId::kTimestamptz);
  constexpr int64_t kMillis = -1'000;
  const std::vector<std::string> rows = {"1969-12-31 23:59:59.000000", "null",
                                         "1970-01-01 00:00:00.000000"};
  const std::vector<std::string> utc = {"1969-12-31 23:59:59.000000Z", "null",
                                        "1970-01-01 00:00:00.000000Z"};
  const std::string before = "c < '1970-01-01T00:00:00'";
  const std::string before_utc = "c < '1970-01-01T00:00:00Z'";
  for (const Encoding& test : std::vector<Encoding>{
           {"millis",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::MILLIS)),
            Values<parquet::Int64Type>(kMillis, 0), timestamp, rows, before},
           {"micros",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::MICROS)),
            Values<parquet::Int64Type>(kMillis * 1'000, 0), timestamp, rows, before},
           {"nanos", Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::NANOS)),
            Values<parquet::Int64Type>(kMillis * 1'000'000, 0), timestamp, rows, before},
           {"adjusted to UTC",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(true, Unit::MILLIS)),
            Values<parquet::Int64Type>(kMillis, 0), timestamptz, utc, before_utc},
           {"not adjusted, to a zone",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::MICROS)),
            Values<parquet::Int64Type>(kMillis * 1'000, 0), timestamptz, utc, before_utc},
           {"adjusted, to none",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(true, Unit::MICROS)),
            Values<parquet::Int64Type>(kMillis * 1'000, 0), timestamp, rows, before},
           {"legacy millis",
            LegacyLeaf(1, "c", Physical::INT64, ConvertedType::TIMESTAMP_MILLIS),
            Values<parquet::Int64Type>(kMillis, 0), timestamptz, utc, before_utc},
           {"legacy micros",
            LegacyLeaf(1, "c", Physical::INT64, ConvertedType::TIMESTAMP_MICROS),
            Values<parquet::Int64Type>(kMillis * 1'000, 0), timestamp, rows, before},
           {"int96", LegacyLeaf(1, "c", Physical::INT96),
            Values<parquet::Int96Type>(JulianDay(2440587, 86'399'000'000'000),
                                       JulianDay(2440588, 0)),
            timestamptz, utc, before_utc},
           {"int96 out of the range of nanoseconds",
            LegacyLeaf(1, "c", Physical::INT96),
            Values<parquet::Int96Type>(JulianDay(1721426, 0), JulianDay(5373484, 0)),
            timestamp,
            {"0001-01-01 00:00:00.000000", "null", "9999-12-31 00:00:00.000000"},
            before},
           {"micros to nanoseconds",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::MICROS)),
            Values<parquet::Int64Type>(kMillis * 1'000, 0),
            Type::Of(TypeId::kTimestampNs),
            {"1969-12-31 23:59:59.000000000", "null", "1970-01-01 00:00:00.000000000"},
            before},
           {"nanos to nanoseconds",
            Leaf(1, "c", Physical::INT64, LogicalType::Timestamp(false, Unit::NANOS)),
            Values<parquet::Int64Type>(-1, 0),
            Type::Of(TypeId::kTimestampNs),
            {"1969-12-31 23:59:59.999999999", "null", "1970-01-01 00:00:00.000000000"},
            before},
           {"time in millis",
            Leaf(1, "c", Physical::INT32, LogicalType::Time(false, Unit::MILLIS)),
            Values<parquet::Int32Type>(1, 86'399'999),
            Type::Of(TypeId::kTime),
            {"00:00:00.001000", "null", "23:59:59.999000"},
            "c < '12:00:00'"},
           {"time in millis, legacy",
            LegacyLeaf(1, "c", Physical::INT32, ConvertedType::TIME_MILLIS),
            Values<parquet::Int32Type>(1, 86'399'999),
            Type::Of(TypeId::kTime),
            {"00:00:00.001000", "null", "23:59:59.999000"},
            "c < '12:00:00'"},
           {"time in nanos",
            Leaf(1, "c", Physical::INT64, LogicalType::Time(true, Unit::NANOS)),
            Values<parquet::Int64Type>(1'000, 2'000),
            Type::Of(TypeId::kTime),
            {"00:00:00.000001", "null", "00:00:00.000002"},
            "c < '00:00:00.000002'"},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, TextsAndBytes) {
  static const char uuid_bytes[] =
      "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
  const auto uuid = [&](int at) {
    return FixedLenByteArray(reinterpret_cast<const uint8_t*>(uuid_bytes + at));
  };
  const auto texts = Values<parquet::ByteArrayType>(Bytes("a", 1), Bytes("\xc3\xa9", 2));
  const Type string = Type::Of(TypeId::kString);
  const std::vector<std::string> uuids = {"[\n  00112233445566778899AABBCCDDEEFF\n]", "null",
                                          "[\n  FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\n]"};
  const std::vector<std::string> rows = {"a", "null", "\xc3\xa9"};
  for (const Encoding& test : std::vector<Encoding>{
           {"plain bytes", LegacyLeaf(1, "c", Physical::BYTE_ARRAY), texts, string, rows,
            "c < 'b'"},
           {"utf8, legacy", LegacyLeaf(1, "c", Physical::BYTE_ARRAY, ConvertedType::UTF8),
            texts, string, rows, "c < 'b'"},
           {"enum", Leaf(1, "c", Physical::BYTE_ARRAY, LogicalType::Enum()), texts, string,
            rows, "c < 'b'"},
           {"json", Leaf(1, "c", Physical::BYTE_ARRAY, LogicalType::JSON()), texts, string,
            rows, "c < 'b'"},
           {"bson as binary", Leaf(1, "c", Physical::BYTE_ARRAY, LogicalType::BSON()), texts,
            Type::Of(TypeId::kBinary), rows, ""},
           {"uuid",
            Leaf(1, "c", Physical::FIXED_LEN_BYTE_ARRAY, LogicalType::UUID(),
                 Repetition::OPTIONAL, 16),
            Values<parquet::FLBAType>(uuid(0), uuid(16)), Type::Of(TypeId::kUuid), uuids,
            "c = '00112233-4455-6677-8899-aabbccddeeff'"},
           {"uuid without annotation",
            LegacyLeaf(1, "c", Physical::FIXED_LEN_BYTE_ARRAY, ConvertedType::NONE,
                       Repetition::OPTIONAL, 16),
            Values<parquet::FLBAType>(uuid(0), uuid(16)), Type::Of(TypeId::kUuid), uuids,
            "c = '00112233-4455-6677-8899-aabbccddeeff'"},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, Lists) {
  constexpr auto kOptional = Repetition::OPTIONAL;
  constexpr auto kRequired = Repetition::REQUIRED;
  constexpr auto kRepeated = Repetition::REPEATED;
  const auto list = [](const NodePtr& repeated) {
    return Group(1, "c", kOptional, {repeated}, ConvertedType::LIST);
  };
  const Type ints = Type::List(Optional(2, "element", TypeId::kInt));
  const Type structs =
      Type::List({2, "element", Type::Struct({Optional(3, "x", TypeId::kInt)}), false, "", {}});
  // Rows: [1, 2], [], null, [3]
  const auto of_required = [](ForeignFile& file) {
    file.Column<parquet::Int32Type>({1, 2, 3}, {2, 2, 1, 0, 2}, {0, 1, 0, 0, 0});
  };
  const std::vector<std::string> int_rows = {"[1, 2]", "[]", "null", "[3]"};
  const std::vector<std::string> struct_rows = {"[{x:int32 = 1}, {x:int32 = 2}]", "[]", "null",
                                                "[{x:int32 = 3}]"};
  const auto two_levels = [&](const char* name, int id) {
    return list(LegacyLeaf(id, name, Physical::INT32, ConvertedType::NONE, kRepeated));
  };
  const auto struct_of = [&](const char* name) {
    return list(Group(2, name, kRepeated,
                      {LegacyLeaf(3, "x", Physical::INT32, ConvertedType::NONE, kRequired)}));
  };
  for (const Encoding& test : std::vector<Encoding>{
           {"two levels", two_levels("element", 2), of_required, ints, int_rows, ""},
           {"two levels, element without id", two_levels("array", -1), of_required, ints,
            int_rows, ""},
           {"array of structs", struct_of("array"), of_required, structs, struct_rows, ""},
           {"tuple", struct_of("c_tuple"), of_required, structs, struct_rows, ""},
           {"struct of two fields",
            list(Group(2, "element", kRepeated,
                       {LegacyLeaf(3, "x", Physical::INT32, ConvertedType::NONE, kRequired),
                        LegacyLeaf(4, "y", Physical::INT32, ConvertedType::NONE, kRequired)})),
            [&](ForeignFile& file) {
              of_required(file);
              of_required(file);
            },
            structs, struct_rows, ""},
           {"bag of array_element",
            list(
                Group(-1, "bag", kRepeated, {LegacyLeaf(2, "array_element", Physical::INT32)})),
            [](ForeignFile& file) {
              file.Column<parquet::Int32Type>({1, 3}, {3, 2, 1, 0, 3}, {0, 1, 0, 0, 0});
            },
            ints,
            {"[1, null]", "[]", "null", "[3]"},
            ""},
           {"not in a list",
            LegacyLeaf(1, "c", Physical::INT32, ConvertedType::NONE, kRepeated),
            [](ForeignFile& file) {
              file.Column<parquet::Int32Type>({1, 2, 3}, {1, 1, 0, 1}, {0, 1, 0, 0});
            },
            ints,
            {"[1, 2]", "[]", "[3]"},
            ""},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, Maps) {
  const auto map = [](const char* repeated, const char* key, const char* value,
                      ConvertedType::type annotation, ConvertedType::type inner) {
    return Group(
        1, "c", Repetition::OPTIONAL,
        {Group(-1, repeated, Repetition::REPEATED,
               {LegacyLeaf(2, key, Physical::INT32, ConvertedType::NONE, Repetition::REQUIRED),
                LegacyLeaf(3, value, Physical::INT32)},
               inner)},
        annotation);
  };
  const Type type =
      Type::Map(Required(2, "key", TypeId::kInt), Optional(3, "value", TypeId::kInt));
  const auto write = [](ForeignFile& file) {  // {1: 10, 2: null}, {}, null
    file.Column<parquet::Int32Type>({1, 2}, {2, 2, 1, 0}, {0, 1, 0, 0});
    file.Column<parquet::Int32Type>({10}, {3, 2, 1, 0}, {0, 1, 0, 0});
  };
  const std::vector<std::string> rows = {
      "[{key:int32 = 1, value:int32 = 10}, {key:int32 = 2, value:int32 = null}]", "[]", "null"};
  for (const Encoding& test : std::vector<Encoding>{
           {"of today",
            map("key_value", "key", "value", ConvertedType::MAP, ConvertedType::NONE), write,
            type, rows, ""},
           {"inner annotation",
            map("map", "key", "value", ConvertedType::MAP, ConvertedType::MAP_KEY_VALUE), write,
            type, rows, ""},
           {"outer annotation, odd names",
            map("entries", "k", "v", ConvertedType::MAP_KEY_VALUE, ConvertedType::NONE), write,
            type, rows, ""},
       }) {
    Check(test);
  }
}

TEST(ForeignEncodings, ValuesThatDoNotFitAreRefused) {
  for (const Encoding& test : std::vector<Encoding>{
           {"beyond int",
            Leaf(1, "c", Physical::INT32, LogicalType::Int(32, false)),
            Values<parquet::Int32Type>(-1, 7),
            Type::Of(TypeId::kInt),
            {},
            ""},
           {"beyond long",
            Leaf(1, "c", Physical::INT64, LogicalType::Int(64, false)),
            Values<parquet::Int64Type>(-1, 7),
            Type::Of(TypeId::kLong),
            {},
            ""},
       }) {
    SCOPED_TRACE(test.name);
    MemoryFileIO io;
    ForeignFile file({test.column});
    test.write(file);
    file.Put(io);
    const Schema schema({{1, "c", test.type, false, "", {}}});
    for (const char* filter : {"", "c > 8", "c < 8"}) {
      const Thrown thrown = WhatThrows([&] { ReadFileRows(io, ReadOptions(schema, filter)); });
      EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
      EXPECT_EQ(thrown.details.column, "c");
    }
  }
}

TEST(ForeignEncodings, NullsOfARequiredColumnAreRefused) {
  MemoryFileIO io;
  ForeignFile({LegacyLeaf(1, "c", Physical::INT32), LegacyLeaf(2, "d", Physical::INT32)})
      .Column<parquet::Int32Type>({1, 2}, {1, 0, 1})
      .Column<parquet::Int32Type>({1, 2, 3}, {1, 1, 1})
      .Put(io);
  EXPECT_THAT(ReadFileRows(io, ReadOptions(Schema({Required(2, "d", TypeId::kInt)}))),
              ElementsAre("1", "2", "3"));
  const Thrown thrown = WhatThrows(
      [&] { ReadFileRows(io, ReadOptions(Schema({Required(1, "c", TypeId::kInt)}))); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_EQ(thrown.details.column, "c");
  EXPECT_THAT(thrown.message, HasSubstr("1 null(s)"));
}

}  // namespace
}  // namespace floe::testing
