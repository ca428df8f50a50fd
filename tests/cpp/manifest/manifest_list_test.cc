#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "avro/avro_container.h"
#include "base/bytes.h"
#include "floe/manifest/manifest_file.h"
#include "manifest/avro_writing.h"
#include "manifest/sample_files.h"
#include "support/avro_file.h"
#include "support/golden.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

ManifestFile RandomManifestFile(Rng& rng) {
  ManifestFile manifest;
  manifest.manifest_path = "memory:///t/metadata/" + std::to_string(rng.Next()) + ".avro";
  manifest.manifest_length = rng.Between(1, 1'000'000'000'000);
  manifest.partition_spec_id = static_cast<int32_t>(rng.Below(9));
  manifest.content = static_cast<ManifestContent>(rng.Below(2));
  manifest.sequence_number = rng.Between(0, 100);
  manifest.min_sequence_number = rng.Between(0, 100);
  manifest.added_snapshot_id = static_cast<int64_t>(rng.Next() >> 1U);
  for (auto* count : {&manifest.added_files_count, &manifest.existing_files_count,
                      &manifest.deleted_files_count, &manifest.added_rows_count,
                      &manifest.existing_rows_count, &manifest.deleted_rows_count}) {
    *count = rng.Between(0, 1'000'000'000);
  }
  for (size_t left = rng.Index(4); left > 0; --left) {
    OwnedFieldSummary summary;
    summary.contains_null = rng.OneIn(2);
    if (rng.OneIn(2)) {
      summary.contains_nan = rng.OneIn(2);
    }
    if (rng.OneIn(2)) {
      summary.lower_bound = rng.Bytes(rng.Index(10));
      summary.upper_bound = rng.Bytes(rng.Index(10));
    }
    manifest.partitions.push_back(summary);
  }
  if (rng.OneIn(3)) {
    manifest.key_metadata = rng.Bytes(rng.Index(6));
  }
  return manifest;
}

/// Every member as text.
std::string Describe(const ManifestFile& m) {
  std::string text = m.manifest_path;
  const auto add = [&](const std::optional<int64_t>& value) {
    text += " " + (value ? std::to_string(*value) : "-");
  };
  for (const auto& value :
       {std::optional(m.manifest_length), std::optional(int64_t{m.partition_spec_id}),
        std::optional(static_cast<int64_t>(m.content)), m.sequence_number,
        m.min_sequence_number, std::optional(m.added_snapshot_id), m.added_files_count,
        m.existing_files_count, m.deleted_files_count, m.added_rows_count,
        m.existing_rows_count, m.deleted_rows_count}) {
    add(value);
  }
  for (const OwnedFieldSummary& summary : m.partitions) {
    text += summary.contains_null ? " null" : " full";
    add(summary.contains_nan ? std::optional(int64_t{*summary.contains_nan}) : std::nullopt);
    text += " " + (summary.lower_bound ? ToHex(*summary.lower_bound) : "-");
    text += " " + (summary.upper_bound ? ToHex(*summary.upper_bound) : "-");
  }
  return text + " key " + (m.key_metadata ? ToHex(*m.key_metadata) : "-");
}

std::vector<std::string> Described(const std::vector<ManifestFile>& manifests) {
  std::vector<std::string> all;
  for (const ManifestFile& manifest : manifests) {
    all.push_back(Describe(manifest));
  }
  return all;
}

std::string Encoded(const std::vector<ManifestFile>& manifests) {
  return EncodeManifestList(
      manifests, {.snapshot_id = 5, .parent_snapshot_id = 4, .sequence_number = 12}, kAvroSync);
}

std::vector<ManifestFile> Read(const std::string& content) {
  MemoryFileIO io;
  io.Put(kListPath, content);
  return ReadManifestList(io, kListPath);
}

TEST(ManifestList, ReadsWhatItWritesWithEveryCodec) {
  for (const uint64_t seed : Seeds(5)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    std::vector<ManifestFile> manifests;
    for (size_t left = rng.Index(40); left > 0; --left) {
      manifests.push_back(RandomManifestFile(rng));
    }
    const std::string content = Encoded(manifests);
    EXPECT_EQ(Described(Read(content)), Described(manifests));
    for (const char* codec : kAvroCodecs) {
      EXPECT_EQ(Described(Read(Repacked(content, codec, 3))), Described(manifests));
    }
  }
}

TEST(ManifestList, GivesNewManifestsTheCommitsSequenceNumber) {
  Rng rng(1);
  ManifestFile manifest = RandomManifestFile(rng);
  manifest.sequence_number.reset();
  manifest.min_sequence_number.reset();
  const ManifestFile read = Read(Encoded({manifest}))[0];
  EXPECT_EQ(read.sequence_number, 12);
  EXPECT_EQ(read.min_sequence_number, 12);
}

TEST(ManifestList, UnknownCountsCantBeWrittenAsZero) {
  Rng rng(1);
  ManifestFile manifest = RandomManifestFile(rng);
  manifest.existing_files_count.reset();
  const Thrown thrown = WhatThrows([&] { Encoded({manifest}); });
  EXPECT_EQ(thrown.class_name, "InternalError");
}

TEST(ManifestList, IsWrittenInTheCanonicalForm) {
  Rng rng(3);
  const std::string content = Encoded({RandomManifestFile(rng), RandomManifestFile(rng)});
  const AvroContainerReader reader(content, kListPath);
  std::string text;
  for (const char* key : {"format-version", "snapshot-id", "parent-snapshot-id",
                          "sequence-number", "avro.codec", "avro.schema"}) {
    text += std::string(key) + ": " + std::string(reader.Metadata(key).value_or("-")) + "\n";
  }
  for (const AvroBlock& object : ObjectsOf(content)) {
    text += ToHex(object.data) + "\n";
  }
  ExpectGolden("manifest/list.txt", text);
  const std::string first =
      EncodeManifestList({}, {.snapshot_id = 5, .sequence_number = 1}, kAvroSync);
  EXPECT_EQ(AvroContainerReader(first, kListPath).Metadata("parent-snapshot-id"), "null");
  EXPECT_TRUE(Read(first).empty());
}

TEST(ManifestList, SaysWhetherAManifestMayHaveLiveFiles) {
  ManifestFile manifest;
  EXPECT_TRUE(manifest.may_have_live_files()) << "nothing is known";
  manifest.added_files_count = 0;
  EXPECT_TRUE(manifest.may_have_live_files());
  manifest.existing_files_count = 0;
  EXPECT_FALSE(manifest.may_have_live_files());
}

/// A record schema of fields given as JSON.
std::string RecordOf(const std::vector<std::string>& fields) {
  std::string text = R"({"type":"record","name":"manifest_file","fields":[)";
  for (const std::string& field : fields) {
    text += (text.ends_with('[') ? "" : ",") + field;
  }
  return text + "]}";
}

std::string FieldOf(const std::string& name, int id, const std::string& type) {
  return R"({"name":")" + name + R"(","type":)" + type + R"(,"field-id":)" +
         std::to_string(id) + "}";
}

TEST(ManifestList, OfVersionOneLeavesUnknownCountsUnset) {
  // Without content, sequence numbers and counts; the partitions are null.
  const std::string schema = RecordOf(
      {FieldOf("manifest_path", 500, "\"string\""), FieldOf("manifest_length", 501, "\"long\""),
       FieldOf("partition_spec_id", 502, "\"int\""),
       FieldOf("added_snapshot_id", 503, R"(["null","long"])"),
       FieldOf("added_data_files_count", 504, R"(["null","int"])"),
       FieldOf("partitions", 507,
               R"(["null",{"type":"array","items":)" +
                   RecordOf({FieldOf("contains_null", 509, "\"boolean\"")}) + "}]")});
  std::string object;
  PutBytes("memory:///m.avro", &object);
  PutLong(123, &object);
  PutLong(2, &object);
  PutSome(&object);
  PutLong(77, &object);
  PutNull(&object);
  PutNull(&object);
  const ManifestFile read = Read(MakeAvroFile(schema, "null", {{1, object}}))[0];
  EXPECT_EQ(Describe(read), "memory:///m.avro 123 2 0 - - 77 - - - - - - key -");
  EXPECT_TRUE(read.may_have_live_files());
}

TEST(ManifestList, OfAnotherWriterIsReadByFieldIds) {
  // Other names, another order, unions the other way round, ints as longs, unknown fields.
  const std::string summary =
      RecordOf({FieldOf("hi", 511, R"(["bytes","null"])"),
                FieldOf("x", 599, R"({"type":"map","values":"long"})"),
                FieldOf("lo", 510, R"(["null","bytes"])"), FieldOf("n", 509, "\"boolean\""),
                FieldOf("nan", 518, R"(["boolean","null"])")});
  const std::string schema =
      RecordOf({FieldOf("first_row_id", 520, R"(["null","long"])"),
                FieldOf("sums", 507, R"([{"type":"array","items":)" + summary + R"(},"null"])"),
                FieldOf("kind", 517, "\"long\""),
                R"({"name":"no id","type":{"type":"fixed","name":"f","size":3}})",
                FieldOf("spec", 502, "\"long\""), FieldOf("path", 500, R"(["string","null"])"),
                FieldOf("unknown", 580, R"(["null","int","string"])"),
                FieldOf("added", 504, "\"long\""), FieldOf("seq", 515, R"(["long","null"])")});
  std::string object;
  PutSome(&object);
  PutLong(1'000, &object);  // first_row_id
  PutLong(0, &object);      // the array
  PutLong(-1, &object);     // one summary, with its size in bytes
  std::string inner;
  PutLong(1, &inner);  // no upper bound
  PutLong(1, &inner);  // a map of one pair
  PutBytes("key", &inner);
  PutLong(5, &inner);
  PutLong(0, &inner);
  PutLong(1, &inner);
  PutBytes("low", &inner);
  PutBoolean(true, &inner);
  PutLong(0, &inner);
  PutBoolean(false, &inner);
  PutLong(static_cast<int64_t>(inner.size()), &object);
  object += inner;
  PutLong(0, &object);
  PutLong(1, &object);  // deletes
  object += "fix";
  PutLong(3, &object);
  PutLong(0, &object);
  PutBytes("memory:///m.avro", &object);
  PutLong(2, &object);
  PutBytes("text", &object);
  PutLong(4, &object);
  PutLong(0, &object);
  PutLong(8, &object);
  const auto read = Read(MakeAvroFile(schema, "deflate", {{2, object + object}}));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(Describe(read[1]),
            "memory:///m.avro 0 3 1 8 - 0 4 - - - - - null 0 6c6f77 - key -");
}

struct BadList {
  const char* name;
  std::vector<std::string> fields;
  std::string object;
  const char* problem;
};

TEST(ManifestList, ThatIsNoneIsCorrupt) {
  const std::string path = FieldOf("manifest_path", 500, "\"string\"");
  const std::string spec = FieldOf("partition_spec_id", 502, "\"int\"");
  const auto numbers = [](const std::vector<int64_t>& values) {
    std::string out;
    for (const int64_t value : values) {
      PutLong(value, &out);
    }
    return out;
  };
  const std::string empty_summaries =
      FieldOf("partitions", 507, R"({"type":"array","items":)" + RecordOf({}) + "}");
  constexpr int64_t kHuge = int64_t{1} << 60;
  for (const BadList& bad : std::vector<BadList>{
           {"no path", {spec}, numbers({1}), "not that of a manifest list"},
           {"no spec id", {path}, "\x02p", "not that of a manifest list"},
           {"path of ints",
            {FieldOf("manifest_path", 500, "\"int\""), spec},
            numbers({1, 1}),
            "not that of a manifest list"},
           {"spec id of texts",
            {path, FieldOf("s", 502, "\"string\"")},
            "\x02p\x02q",
            "not that of a manifest list"},
           {"partitions that are no list",
            {path, spec, FieldOf("partitions", 507, "\"int\"")},
            numbers({0, 0, 0}),
            "not that of a manifest list"},
           {"content 2",
            {path, spec, FieldOf("content", 517, "\"int\"")},
            "\x02p" + numbers({0, 2}),
            "neither data (0) nor deletes (1)"},
           {"spec id beyond an int",
            {path, FieldOf("s", 502, "\"long\"")},
            "\x02p" + numbers({kHuge}),
            "more than 32 bits"},
           {"union branch 5",
            {path, spec, FieldOf("seq", 515, R"(["null","long"])")},
            "\x02p" + numbers({0, 5}),
            "branch does not exist"},
           {"empty path", {path, spec}, numbers({0, 0}), "without a path"},
           {"2^60 summaries of no bytes",
            {path, spec, empty_summaries},
            "\x02p" + numbers({0, kHuge, 0}),
            "not that of a manifest list"},
           {"a negative count of files",
            {path, spec, FieldOf("added", 504, "\"int\"")},
            "\x02p" + numbers({0, -1}),
            "negative"},
       }) {
    const Thrown thrown = WhatThrows(
        [&] { Read(MakeAvroFile(RecordOf(bad.fields), "null", {{1, bad.object}})); });
    EXPECT_EQ(thrown.class_name, "CorruptFileError") << bad.name << ": " << thrown;
    EXPECT_EQ(thrown.details.path, kListPath) << bad.name;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem)) << bad.name;
  }
  const Thrown text = WhatThrows([&] { Read("not Avro"); });
  EXPECT_EQ(text.class_name, "CorruptFileError");
}

}  // namespace
}  // namespace floe::testing
