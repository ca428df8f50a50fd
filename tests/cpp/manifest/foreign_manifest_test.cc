// Manifests as other writers make them, and as none should.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "manifest/avro_writing.h"
#include "manifest/sample_files.h"
#include "support/avro_file.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

/// A field of a record: its schema and the bytes of its value.
struct Part {
  std::string schema;
  std::string value;
};

Part Make(const std::string& name, int id, const std::string& type, const std::string& value) {
  return {R"({"name":")" + name + R"(","type":)" + type +
              (id < 0 ? "" : R"(,"field-id":)" + std::to_string(id)) + "}",
          value};
}

std::string Number(int64_t value) {
  std::string out;
  PutLong(value, &out);
  return out;
}

std::string Text(std::string_view text) {
  std::string out;
  PutBytes(text, &out);
  return out;
}

Part Record(const std::string& name, int id, const std::vector<Part>& parts) {
  std::string schema = R"({"type":"record","name":"r_)" + name + R"(","fields":[)";
  std::string value;
  for (const Part& part : parts) {
    schema += (value.empty() && schema.ends_with('[') ? "" : ",") + part.schema;
    value += part.value;
  }
  return Make(name, id, schema + "]}", value);
}

constexpr const char* kLong = "\"long\"";
constexpr const char* kString = "\"string\"";

std::string MapType(const std::string& name, const std::string& value_type,
                    const std::string& logical_type) {
  return R"({"type":"array",)" + logical_type + R"("items":{"type":"record","name":")" + name +
         R"(","fields":[{"name":"key","type":"int","field-id":1},{"name":"value","type":)" +
         value_type + R"(,"field-id":2}]}})";
}

/// The parts of a data file that every manifest has.
std::vector<Part> PlainFile() {
  return {Make("file_path", 100, kString, Text("memory:///f.parquet")),
          Make("file_format", 101, kString, Text("parquet")),
          Record("partition", 102,
                 {Make("region", 1000, R"(["null","string"])", Number(1) + Text("eu"))}),
          Make("record_count", 103, kLong, Number(10)),
          Make("file_size_in_bytes", 104, kLong, Number(100))};
}

std::string FileOf(const std::vector<Part>& entry, int64_t objects = 1) {
  const Part record = Record("manifest_entry", -1, entry);
  // The schema of the record itself stands between the name and the end.
  const size_t start = record.schema.find(R"({"type":"record")");
  const std::string schema = record.schema.substr(start, record.schema.size() - start - 1);
  std::string data;
  for (int64_t i = 0; i < objects; ++i) {
    data += record.value;
  }
  return MakeAvroFile(schema, "deflate", {{objects, data}});
}

std::vector<ReadEntry> Read(const std::string& content) {
  MemoryFileIO io;
  io.Put(kManifestPath, content);
  ManifestFile manifest;
  manifest.manifest_path = kManifestPath;
  manifest.sequence_number = 6;
  manifest.added_snapshot_id = 66;
  return ReadAll(io, manifest, SampleTable::Small(), {.include_deleted = true});
}

TEST(ForeignManifest, OfTheFewestFieldsIsRead) {
  const auto read = Read(FileOf(
      {Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, PlainFile())}, 3));
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[2].status, EntryStatus::kAdded);
  EXPECT_EQ(read[2].snapshot_id, 66);
  EXPECT_EQ(read[2].sequence_number, 6);
  DataFile expected;
  expected.file_path = "memory:///f.parquet";
  expected.partition = {Literal::String("eu")};
  expected.record_count = 10;
  expected.file_size_in_bytes = 100;
  ExpectSameFile(read[2].file, expected);
}

TEST(ForeignManifest, IsReadByFieldIdsWhateverElseThereIs) {
  const auto metrics = [](const std::string& name, const std::string& value_type,
                          const std::string& logical) {
    return R"([)" + MapType(name, value_type, logical) + R"(,"null"])";
  };
  const std::string some = Number(0);  // the union's first branch
  const std::vector<Part> file = {
      Make(
          "unknown record", 590,
          R"({"type":"record","name":"u","fields":[{"name":"a","type":"null"},{"name":"b","type":["null","string"]}]})",
          Number(1) + Text("x")),
      Make("upper", 128, metrics("k128", "\"bytes\"", ""),
           some + Number(1) + Number(1) + Text("\x09") + Number(0)),
      Make("size", 104, R"(["long","null"])", some + Number(100)),
      Make("unknown enum", 591, R"({"type":"enum","name":"e","symbols":["A","B"]})", Number(1)),
      Record("part", 102,
             {Make("gone", 1001, R"(["null",{"type":"array","items":"double"}])",
                   Number(1) + Number(1) + std::string(8, '\0') + Number(0)),
              Make("renamed", 1000, R"(["string","null"])", Number(0) + Text("eu"))}),
      Make("value_counts", 109, metrics("k109", kLong, R"("logicalType":"map",)"),
           // two blocks, the second with its size
           some + Number(1) + Number(1) + Number(10) + Number(-1) + Number(2) + Number(2) +
               Number(11) + Number(0)),
      Make("nulls", 110, metrics("k110", "\"int\"", ""), Number(1)),
      Make("format", 101, R"(["null","string"])", Number(1) + Text("PARQUET")),
      Make("first_row_id", 142, R"(["null","long"])", Number(1) + Number(7)),
      Make("referenced_data_file", 143, R"(["null","string"])", Number(0)),
      Make("path", 100, "\"bytes\"", Text("memory:///f.parquet")),
      Make("no id", -1, R"({"type":"map","values":"bytes"})", Number(0)),
      Make("count", 103, "\"int\"", Number(10)),
      Make("splits", 132, R"(["null",{"type":"array","items":"long","element-id":133}])",
           Number(1) + Number(2) + Number(4) + Number(50) + Number(0)),
      Make("sort", 140, R"(["int","null"])", some + Number(3))};
  const auto read = Read(FileOf(
      {Make("unknown fixed", 595, R"({"type":"fixed","name":"f","size":4})", "abcd"),
       Record("file", 2, file), Make("number", 3, R"(["long","null"])", some + Number(4)),
       Make("state", 0, kLong, Number(0)),
       Make("snapshot", 1, R"(["null","long"])", Number(1) + Number(5)),
       Make("file_number", 4, kLong, Number(2))}));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].status, EntryStatus::kExisting);
  EXPECT_EQ(read[0].snapshot_id, 5);
  EXPECT_EQ(read[0].sequence_number, 4);
  EXPECT_EQ(read[0].file_sequence_number, 2);
  DataFile expected;
  expected.file_path = "memory:///f.parquet";
  expected.partition = {Literal::String("eu")};
  expected.record_count = 10;
  expected.file_size_in_bytes = 100;
  expected.metrics[1].value_count = 10;
  expected.metrics[1].upper_bound = "\x09";
  expected.metrics[2].value_count = 11;
  expected.split_offsets = {4, 50};
  expected.sort_order_id = 3;
  expected.first_row_id = 7;
  ExpectSameFile(read[0].file, expected);
}

TEST(ForeignManifest, PartitionFieldsAreMatchedByIdThenByName) {
  std::vector<Part> file = PlainFile();
  file[2] = Record("partition", 102, {Make("region", -1, kString, Text("by name"))});
  const auto by_name =
      Read(FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
  EXPECT_EQ(by_name[0].file.partition[0], Literal::String("by name"));
  file[2] = Record("partition", 102, {Make("region", 1007, kString, Text("another"))});
  const auto absent =
      Read(FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
  EXPECT_EQ(absent[0].file.partition[0], std::nullopt);
}

TEST(ForeignManifest, WithoutFieldIdsIsReadByNames) {
  const std::string some = Number(1);
  const std::vector<Part> file = {
      Make("content", -1, "\"int\"", Number(0)),
      Make("file_path", -1, kString, Text("memory:///f.parquet")),
      Make("file_format", -1, kString, Text("ORC")),
      Record("partition", -1, {Make("region", -1, R"(["null","string"])", some + Text("eu"))}),
      Make("record_count", -1, kLong, Number(10)),
      Make("file_size_in_bytes", -1, kLong, Number(100)),
      Make("value_counts", -1, MapType("k109", kLong, ""),
           Number(1) + Number(2) + Number(9) + Number(0)),
      Make("referenced_data_file", -1, R"(["null","string"])", Number(0)),
      Make("another", -1, kLong, Number(3))};
  const auto read =
      Read(FileOf({Make("status", -1, "\"int\"", Number(1)),
                   Make("snapshot_id", -1, R"(["null","long"])", some + Number(5)),
                   Record("data_file", -1, file)}));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].snapshot_id, 5);
  DataFile expected;
  expected.file_path = "memory:///f.parquet";
  expected.file_format = FileFormat::kOrc;
  expected.partition = {Literal::String("eu")};
  expected.record_count = 10;
  expected.file_size_in_bytes = 100;
  expected.metrics[2].value_count = 9;
  ExpectSameFile(read[0].file, expected);
}

TEST(ForeignManifest, AnIdStandsAboveAName) {
  std::vector<Part> file = PlainFile();
  file.push_back(Make("file_path", -1, kString, Text("memory:///other.parquet")));
  file[3] = Make("sort_order_id", 103, kLong, Number(10));
  const auto read =
      Read(FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
  EXPECT_EQ(read[0].file.file_path, "memory:///f.parquet");
  EXPECT_EQ(read[0].file.record_count, 10);
  EXPECT_EQ(read[0].file.sort_order_id, std::nullopt);
}

TEST(ForeignManifest, WithMapsOfAvroIsRead) {
  std::vector<Part> file = PlainFile();
  file.push_back(Make(
      "value_counts", 109, R"(["null",{"type":"map","values":"long"}])",
      Number(1) + Number(2) + Text("1") + Number(10) + Text("2") + Number(11) + Number(0)));
  file.push_back(Make("lower_bounds", 125, R"({"type":"map","values":"bytes"})",
                      Number(-1) + Number(4) + Text("2") + Text("x") + Number(0)));
  const auto read =
      Read(FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
  EXPECT_EQ(read[0].file.metrics.at(1).value_count, 10);
  EXPECT_EQ(read[0].file.metrics.at(2).value_count, 11);
  EXPECT_EQ(read[0].file.metrics.at(2).lower_bound, "x");
}

TEST(ForeignManifest, UnionsOfAnyOrderAndOfOneTypeAreRead) {
  std::vector<Part> file = PlainFile();
  file[0] = Make("file_path", 100, R"(["string"])", Number(0) + Text("memory:///f.parquet"));
  file[1] = Make("file_format", 101, R"(["string","null"])", Number(0) + Text("avro"));
  file.push_back(Make("sort_order_id", 140, R"(["int","null"])", Number(1)));
  const auto read =
      Read(FileOf({Make("status", 0, R"(["int"])", Number(0) + Number(1)),
                   Make("unknown", 700, R"(["null","int",{"type":"array","items":"string"}])",
                        Number(2) + Number(1) + Text("x") + Number(0)),
                   Record("data_file", 2, file)}));
  EXPECT_EQ(read[0].file.file_path, "memory:///f.parquet");
  EXPECT_EQ(read[0].file.file_format, FileFormat::kAvro);
  EXPECT_EQ(read[0].file.sort_order_id, std::nullopt);
}

TEST(ForeignManifest, NamedTypesAreFoundWithAndWithoutTheirNamespace) {
  const auto read = Read(FileOf(
      {Make("status", 0, "\"int\"", Number(1)),
       Make("a", 700, R"({"type":"fixed","name":"f","namespace":"n.s","size":2})", "ab"),
       Make("b", 701, R"(["null","n.s.f"])", Number(1) + "cd"), Make("c", 702, R"("f")", "ef"),
       Make("d", 703, R"({"type":"enum","name":"x.y.E","aliases":["F"],"symbols":["A","B"]})",
            Number(1)),
       Make("e", 704, R"({"type":"array","items":"E"})", Number(1) + Number(0) + Number(0)),
       Record("data_file", 2, PlainFile())}));
  EXPECT_EQ(read[0].file.file_path, "memory:///f.parquet");
}

TEST(ForeignManifest, OfVersionOneIsOlderThanAllSequenceNumbers) {
  const auto numbers_of = [](const std::string& format_version) {
    MemoryFileIO io;
    const std::string content =
        FileOf({Make("status", 0, "\"int\"", Number(0)), Record("data_file", 2, PlainFile())});
    const std::vector<AvroBlock> blocks = ObjectsOf(content);
    const AvroContainerReader reader(content, kManifestPath);
    io.Put(kManifestPath, MakeAvroFile(std::string(*reader.Metadata("avro.schema")), "null",
                                       blocks, {{"format-version", format_version}}));
    ManifestFile manifest;
    manifest.manifest_path = kManifestPath;
    manifest.sequence_number = 6;
    return ReadAll(io, manifest, SampleTable::Small(), {}).at(0).sequence_number;
  };
  EXPECT_EQ(numbers_of("1"), 0) << "though a later commit lists it";
  EXPECT_EQ(WhatThrows([&] { numbers_of("2"); }).class_name, "CorruptFileError")
      << "an existing file must have its own";
}

/// A manifest of one plain file after `change`.
std::string Changed(const std::function<void(std::vector<Part>&)>& change,
                    const std::string& status = Number(1)) {
  std::vector<Part> file = PlainFile();
  change(file);
  return FileOf({Make("status", 0, "\"int\"", status), Record("data_file", 2, file)});
}

struct Bad {
  const char* name;
  std::string content;
  const char* problem;
};

TEST(ForeignManifest, ThatIsNoneIsCorrupt) {
  const auto nothing = [](std::vector<Part>&) {};
  const auto replaced = [](size_t at, Part part) {
    return Changed([&](std::vector<Part>& file) { file[at] = std::move(part); });
  };
  const auto added = [](Part part) {
    return Changed([&](std::vector<Part>& file) { file.push_back(std::move(part)); });
  };
  const auto without = [](size_t at) {
    return Changed([&](std::vector<Part>& file) {
      file.erase(file.begin() + static_cast<std::ptrdiff_t>(at));
    });
  };
  constexpr int64_t kHuge = int64_t{1} << 60;
  for (
      const Bad& bad : std::vector<Bad>{
          {"status 3", Changed(nothing, Number(3)), "without a status"},
          {"status -1", Changed(nothing, Number(-1)), "without a status"},
          {"no status", FileOf({Record("data_file", 2, PlainFile())}), "without a status"},
          {"no file", FileOf({Make("status", 0, kLong, Number(1))}), "not that of manifest"},
          {"file that is no record",
           FileOf({Make("status", 0, kLong, Number(1)), Make("f", 2, kLong, Number(1))}),
           "not that of manifest"},
          {"status of texts",
           FileOf({Make("status", 0, kString, Text("1")), Record("data_file", 2, PlainFile())}),
           "not that of manifest"},
          {"no path", without(0), "lack the field with id 100"},
          {"no format", without(1), "lack the field with id 101"},
          {"no record count", without(3), "lack the field with id 103"},
          {"no file size", without(4), "lack the field with id 104"},
          {"path of numbers", replaced(0, Make("file_path", 100, kLong, Number(1))),
           "field 'file_path' (id 100)"},
          {"null path", replaced(0, Make("p", 100, R"(["null","string"])", Number(0))),
           "without a path"},
          {"empty path", replaced(0, Make("p", 100, kString, Text(""))), "without a path"},
          {"unknown format", replaced(1, Make("f", 101, kString, Text("csv"))),
           "file format that floe does not know"},
          {"unknown content", added(Make("content", 134, kLong, Number(3))),
           "file content that floe does not know"},
          {"negative record count", replaced(3, Make("c", 103, kLong, Number(-1))), "negative"},
          {"negative size", replaced(4, Make("c", 104, kLong, Number(-5))), "negative"},
          {"partition that is no record", replaced(2, Make("p", 102, kLong, Number(1))),
           "field 'p' (id 102)"},
          {"partition value of another type",
           replaced(
               2, Record("p", 102, {Make("region", 1000, "\"double\"", std::string(8, '\0'))})),
           "partition field 'region' has an Avro type that can't hold string"},
          {"counts that are no map",
           added(Make("m", 109, R"({"type":"array","items":"long"})", Number(0))),
           "field 'm' (id 109)"},
          {"counts of texts", added(Make("m", 109, MapType("k", kString, ""), Number(0))),
           "field 'm' (id 109)"},
          {"bounds of numbers", added(Make("m", 125, MapType("k", kLong, ""), Number(0))),
           "field 'm' (id 125)"},
          {"a map with value before key",
           added(Make(
               "m",
               109,
               R"({"type":"array","items":{"type":"record","name":"k","fields":[{"name":"value","type":"long"},{"name":"key","type":"int"}]}})",
               Number(0))),
           "field 'm' (id 109)"},
          {"a map of Avro with keys that are no ids",
           added(Make("m", 109, R"({"type":"map","values":"long"})",
                      Number(1) + Text("id") + Number(1) + Number(0))),
           "a key that is no id"},
          {"a record that contains itself",
           added(Make(
               "m", 900,
               R"({"type":"record","name":"x","fields":[{"name":"x","type":["null","x"]}]})",
               Number(0))),
           "'x' is neither a primitive nor a type named before"},
          {"2^60 counts",
           added(
               Make("m", 109, MapType("k", kLong, ""), Number(kHuge) + Number(1) + Number(1))),
           "past the end"},
          {"2^60 split offsets",
           added(Make("s", 132, R"({"type":"array","items":"long"})", Number(kHuge))),
           "past the end"},
          {"-2^63 split offsets",
           added(Make("s", 132, R"({"type":"array","items":"long"})",
                      Number(INT64_MIN) + Number(0))),
           "past the end"},
          {"bound of 2^60 bytes",
           added(Make("m", 125, MapType("k", "\"bytes\"", ""),
                      Number(1) + Number(1) + Number(kHuge))),
           "past the end"},
      }) {
    const Thrown thrown = WhatThrows([&] { Read(bad.content); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << bad.name << ": " << thrown;
    EXPECT_EQ(thrown.details.path, kManifestPath) << bad.name;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem)) << bad.name;
    EXPECT_THAT(thrown.message, HasSubstr(kManifestPath)) << bad.name;
  }
}

TEST(ForeignManifest, PartitionValuesOfUnknownTypeAreReadByTheFilesOwn) {
  const Type type = Type::Struct({{1000, "p", Type::Of(TypeId::kUnknown), false, "", {}}});
  const SampleTable table{Schema({}), PartitionSpec(), type};
  const auto value_of = [&](const std::string& avro_type, const std::string& value) {
    std::vector<Part> file = PlainFile();
    file[2] = Record("partition", 102, {Make("p", 1000, avro_type, value)});
    MemoryFileIO io;
    io.Put(kManifestPath,
           FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
    ManifestFile manifest;
    manifest.manifest_path = kManifestPath;
    return ReadAll(io, manifest, table, {}).at(0).file.partition.at(0);
  };
  EXPECT_EQ(value_of(R"("null")", ""), std::nullopt);
  EXPECT_EQ(value_of(R"(["null","long"])", Number(1) + Number(7)), Literal::Long(7));
  EXPECT_EQ(value_of(kString, Text("x")), Literal::Binary("x"));
  EXPECT_EQ(value_of("\"double\"", std::string(8, '\0')), Literal::Double(0));
  EXPECT_EQ(value_of(R"({"type":"array","items":"long"})", Number(0)), std::nullopt);
}

TEST(ForeignManifest, PartitionValuesBeyondTheirTypeAreCorrupt) {
  const Schema schema({{1, "i", Type::Of(TypeId::kInt), false, "", {}}});
  const PartitionSpec spec(0, {{1, 1000, "i", Transform::Identity(), {}}});
  const SampleTable table{schema, spec, PartitionType(spec, schema)};
  std::vector<Part> file = PlainFile();
  file[2] = Record("partition", 102, {Make("i", 1000, "\"int\"", Number(int64_t{1} << 40))});
  MemoryFileIO io;
  io.Put(kManifestPath,
         FileOf({Make("status", 0, "\"int\"", Number(1)), Record("data_file", 2, file)}));
  ManifestFile manifest;
  manifest.manifest_path = kManifestPath;
  const Thrown thrown = WhatThrows([&] { ReadAll(io, manifest, table, {}); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError") << thrown;
  EXPECT_THAT(thrown.message, HasSubstr("32 bits"));
}

/// Reads a manifest and a list that may be damaged: refused with their names, or read.
void ReadDamaged(const std::string& content, const ManifestFile& manifest,
                 const SampleTable& table, bool is_list, const std::string& what) {
  MemoryFileIO io;
  const std::string path = is_list ? kListPath : kManifestPath;
  io.Put(path, content);
  const Thrown thrown = WhatThrows([&] {
    if (is_list) {
      ReadManifestList(io, path);
    } else {
      ReadAll(io, manifest, table, {.include_deleted = true});
    }
  });
  if (!thrown.class_name.empty()) {
    ASSERT_TRUE(thrown.class_name == "CorruptFileError" ||
                thrown.class_name == "UnsupportedError")
        << thrown << " after " << what;
    ASSERT_EQ(thrown.details.path, path) << thrown << " after " << what;
    ASSERT_THAT(thrown.message, HasSubstr(path)) << what;
  }
}

struct Damageable {
  SampleTable table = SampleTable::Small();
  ManifestFile manifest;
  std::string content;
  std::string list;
};

Damageable MakeDamageable() {
  Damageable made;
  Rng rng(3);
  MemoryFileIO io;
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < 2; ++i) {
    entries.push_back({EntryStatus::kAdded, 1, {}, {}, RandomDataFile(rng, made.table)});
  }
  made.manifest = PutManifest(io, made.table, entries);
  made.content = *io.Get(kManifestPath);
  made.list = EncodeManifestList({made.manifest, made.manifest},
                                 {.snapshot_id = 1, .sequence_number = 1}, kAvroSync);
  return made;
}

TEST(DamagedManifest, CutOffAnywhereIsCorrupt) {
  const Damageable made = MakeDamageable();
  for (size_t size = 0; size < made.content.size(); ++size) {
    MemoryFileIO io;
    io.Put(kManifestPath, made.content.substr(0, size));
    const Thrown thrown =
        WhatThrows([&] { ReadAll(io, made.manifest, made.table, {.include_deleted = true}); });
    ASSERT_EQ(thrown.class_name, "CorruptFileError") << "cut to " << size;
    ASSERT_EQ(thrown.details.path, kManifestPath);
    ASSERT_THAT(thrown.message, HasSubstr(kManifestPath));
  }
}

TEST(DamagedManifest, AListCutOffAnywhereButAfterItsHeaderIsCorrupt) {
  const Damageable made = MakeDamageable();
  size_t readable = 0;
  for (size_t size = 0; size < made.list.size(); ++size) {
    MemoryFileIO io;
    io.Put(kListPath, made.list.substr(0, size));
    const Thrown thrown = WhatThrows([&] { ReadManifestList(io, kListPath); });
    readable += thrown.class_name.empty() ? 1 : 0;
    ASSERT_TRUE(thrown.class_name.empty() || thrown.class_name == "CorruptFileError") << thrown;
  }
  EXPECT_EQ(readable, 1U);
}

TEST(DamagedManifest, WithAnyBitFlippedIsRefusedOrRead) {
  const Damageable made = MakeDamageable();
  for (const bool is_list : {false, true}) {
    const std::string& deflated = is_list ? made.list : made.content;
    for (const std::string& whole : {deflated, Repacked(deflated, "null", 1)}) {
      // The header is mostly the schema, text that takes long to parse.
      const size_t header = whole.find(kAvroSync);
      for (size_t bit = 0; bit < whole.size() * 8; bit += bit / 8 < header ? 11 : 3) {
        std::string damaged = whole;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1U << (bit % 8)));
        ReadDamaged(damaged, made.manifest, made.table, is_list, "bit " + std::to_string(bit));
      }
    }
  }
}

TEST(DamagedManifest, OfRandomObjectsIsRefusedOrRead) {
  const Damageable made = MakeDamageable();
  const std::string plain = Repacked(made.content, "null", 1);
  const size_t header = plain.size() - ObjectsOf(plain)[1].data.size() - kAvroSync.size();
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (int i = 0; i < 1'000; ++i) {
      std::string damaged = plain;
      for (size_t left = 1 + rng.Index(4); left > 0; --left) {
        damaged[header + rng.Index(damaged.size() - header)] = static_cast<char>(rng.Next());
      }
      ReadDamaged(damaged, made.manifest, made.table, false,
                  "round " + std::to_string(i) + " of seed " + std::to_string(seed));
    }
  }
}

}  // namespace
}  // namespace floe::testing
