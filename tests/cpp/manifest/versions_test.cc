// What each format version writes, and what readers fill in.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/manifest_writer.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "manifest/sample_files.h"
#include "support/avro_file.h"
#include "support/golden.h"
#include "support/memory_file_io.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Kind {
  int format_version;
  ManifestContent content;

  friend std::ostream& operator<<(std::ostream& out, const Kind& kind) {
    return out << "v" << kind.format_version
               << (kind.content == ManifestContent::kData ? " data" : " deletes");
  }
};

class ManifestOfVersion : public ::testing::TestWithParam<Kind> {
 protected:
  ManifestWriteOptions options() const {
    return {.format_version = GetParam().format_version, .content = GetParam().content};
  }
};

INSTANTIATE_TEST_SUITE_P(All, ManifestOfVersion,
                         ::testing::Values(Kind{1, ManifestContent::kData},
                                           Kind{2, ManifestContent::kData},
                                           Kind{2, ManifestContent::kDeletes},
                                           Kind{3, ManifestContent::kData},
                                           Kind{3, ManifestContent::kDeletes}));

TEST_P(ManifestOfVersion, IsReadAsWritten) {
  const SampleTable table = SampleTable::OfAllTypes();
  for (const uint64_t seed : Seeds(3)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    MemoryFileIO io;
    std::vector<ManifestEntry> entries = RandomEntries(rng, table, 40, options());
    const ManifestFile manifest = PutManifest(io, table, entries, options());
    EXPECT_EQ(manifest.content, GetParam().content);
    if (GetParam().format_version == 1) {
      for (ManifestEntry& entry : entries) {
        entry.sequence_number = 0;
        entry.file_sequence_number = 0;
      }
    }
    ExpectEntries(ReadAll(io, manifest, table, {.include_deleted = true}), entries);
  }
}

TEST_P(ManifestOfVersion, SaysWhatItIsInItsHeader) {
  const SampleTable table = SampleTable::Small();
  MemoryFileIO io;
  PutManifest(io, table, {}, options());
  const std::string content = *io.Get(kManifestPath);
  const AvroContainerReader reader(content, kManifestPath);
  EXPECT_EQ(reader.Metadata("format-version"), std::to_string(GetParam().format_version));
  EXPECT_EQ(reader.Metadata("partition-spec-id"), "0");
  EXPECT_EQ(reader.Metadata("schema-id"), "0");
  const std::optional<std::string_view> content_of_manifest =
      GetParam().format_version == 1                 ? std::nullopt
      : GetParam().content == ManifestContent::kData ? std::optional<std::string_view>("data")
                                                     : "deletes";
  EXPECT_EQ(reader.Metadata("content"), content_of_manifest);
}

/// The schema, one field a line.
std::string Lines(std::string_view schema) {
  std::string lines;
  size_t at = 0;
  while (at < schema.size()) {
    const size_t next = std::min(schema.find(R"({"name":)", at + 1), schema.size());
    lines += std::string(schema.substr(at, next - at)) + "\n";
    at = next;
  }
  return lines;
}

TEST(ManifestVersions, HaveTheSchemasOfTheSpecification) {
  const SampleTable table = SampleTable::Small();
  for (const int version : {1, 2, 3}) {
    MemoryFileIO io;
    PutManifest(io, table, {}, {.format_version = version});
    const std::string manifest = *io.Get(kManifestPath);
    const std::string list = EncodeManifestList({}, {.format_version = version}, kAvroSync);
    ExpectGolden("manifest/schemas_v" + std::to_string(version) + ".txt",
                 Lines(*AvroContainerReader(manifest, kManifestPath).Metadata("avro.schema")) +
                     Lines(*AvroContainerReader(list, kListPath).Metadata("avro.schema")));
  }
}

TEST(ManifestVersions, MismatchesAreOurBug) {
  const SampleTable table = SampleTable::Small();
  MemoryFileIO io;
  const auto write = [&](int version, ManifestContent content, FileContent file_content,
                         std::optional<int64_t> content_offset) {
    Rng rng(1);
    DataFile file = RandomDataFile(rng, table);
    file.content = file_content;
    file.content_offset = content_offset;
    return WhatThrows([&] {
             PutManifest(io, table, {{EntryStatus::kAdded, 1, {}, {}, file}},
                         {.format_version = version, .content = content});
           })
        .class_name;
  };
  using enum ManifestContent;
  constexpr auto kPositions = FileContent::kPositionDeletes;
  EXPECT_EQ(write(1, kDeletes, kPositions, {}), "InternalError");
  EXPECT_EQ(write(2, kData, kPositions, {}), "InternalError");
  EXPECT_EQ(write(2, kDeletes, FileContent::kData, {}), "InternalError");
  EXPECT_EQ(write(2, kDeletes, kPositions, 4), "InternalError");
  EXPECT_EQ(write(4, kData, FileContent::kData, {}), "InternalError");
  EXPECT_EQ(write(3, kDeletes, kPositions, 4), "");
}

TEST(ManifestVersions, PartitionsOfUnknownTypeAreNull) {
  const Type type = Type::Struct({{1000, "p", Type::Of(TypeId::kUnknown), false, "", {}},
                                  {1001, "q", Type::Of(TypeId::kLong), false, "", {}}});
  const SampleTable table{Schema({{1, "a", Type::Of(TypeId::kLong), false, "", {}}}),
                          PartitionSpec(0, {{1, 1000, "p", Transform::Void(), {}},
                                            {1, 1001, "q", Transform::Identity(), {}}}),
                          type};
  MemoryFileIO io;
  DataFile file;
  file.file_path = "memory:///f";
  file.partition = {std::nullopt, Literal::Long(5)};
  const ManifestFile manifest = PutManifest(io, table, {{EntryStatus::kAdded, 1, 1, 1, file}});
  ExpectSameFile(ReadAll(io, manifest, table, {}).at(0).file, file);
  file.partition = {Literal::Long(4), Literal::Long(5)};
  EXPECT_EQ(WhatThrows([&] {
              PutManifest(io, table, {{EntryStatus::kAdded, 1, 1, 1, file}});
            }).class_name,
            "UnsupportedError");
}

/// Row ids that the files of a manifest with `first_row_id` get; −1: none.
std::vector<int64_t> RowIds(const std::vector<ManifestEntry>& entries,
                            std::optional<int64_t> first_row_id,
                            const ManifestReadOptions& options) {
  const SampleTable table = SampleTable::Small();
  MemoryFileIO io;
  ManifestFile manifest = PutManifest(io, table, entries, {.format_version = 3});
  manifest.first_row_id = first_row_id;
  std::vector<int64_t> ids;
  for (const ReadEntry& entry : ReadAll(io, manifest, table, options)) {
    ids.push_back(entry.file.first_row_id.value_or(-1));
  }
  return ids;
}

std::vector<ManifestEntry> FilesOfTenRows(
    const std::vector<std::pair<EntryStatus, std::optional<int64_t>>>& files) {
  const SampleTable table = SampleTable::Small();
  Rng rng(1);
  std::vector<ManifestEntry> entries;
  for (const auto& [status, first_row_id] : files) {
    DataFile file = RandomDataFile(rng, table);
    file.record_count = 10;
    file.first_row_id = first_row_id;
    entries.push_back({status, 1, 1, 1, file});
  }
  return entries;
}

TEST(FirstRowId, IsInheritedInTheOrderOfTheManifest) {
  using enum EntryStatus;
  const auto entries = FilesOfTenRows({{kAdded, {}},
                                       {kExisting, 7},
                                       {kDeleted, {}},
                                       {kExisting, {}},
                                       {kDeleted, 90},
                                       {kAdded, {}}});
  EXPECT_THAT(RowIds(entries, 100, {.include_deleted = true}),
              ElementsAre(100, 7, -1, 110, 90, 120));
  EXPECT_THAT(RowIds(entries, 100, {}), ElementsAre(100, 7, 110, 120));
  EXPECT_THAT(RowIds(entries, {}, {}), ElementsAre(-1, 7, -1, -1))
      << "the manifest is older than row lineage";
}

TEST(FirstRowId, BeyondSixtyFourBitsIsCorrupt) {
  using enum EntryStatus;
  const auto entries = FilesOfTenRows({{kAdded, {}}, {kAdded, {}}});
  const Thrown thrown =
      WhatThrows([&] { RowIds(entries, std::numeric_limits<int64_t>::max() - 5, {}); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("row ids beyond 64 bits"));
}

ManifestFile Counted(std::optional<int64_t> added, std::optional<int64_t> existing) {
  ManifestFile manifest;
  manifest.manifest_path = "memory:///m.avro";
  manifest.added_rows_count = added;
  manifest.existing_rows_count = existing;
  return manifest;
}

TEST(FirstRowId, IsAssignedToDataManifestsThatHaveNone) {
  ManifestFile deletes = Counted(5, 5);
  deletes.content = ManifestContent::kDeletes;
  ManifestFile assigned = Counted(1'000, 0);
  assigned.first_row_id = 3;
  std::vector<ManifestFile> manifests = {Counted(10, 20), deletes, assigned, Counted(0, 1)};
  EXPECT_EQ(AssignFirstRowIds(50, &manifests), 81);
  EXPECT_EQ(manifests[0].first_row_id, 50);
  EXPECT_EQ(manifests[1].first_row_id, std::nullopt);
  EXPECT_EQ(manifests[2].first_row_id, 3);
  EXPECT_EQ(manifests[3].first_row_id, 80);
}

TEST(FirstRowId, BeyondTheLastIsRefused) {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  std::vector<ManifestFile> manifests = {Counted(kLast - 3, 2)};
  EXPECT_EQ(AssignFirstRowIds(1, &manifests), kLast);
  for (ManifestFile& manifest : manifests) {
    manifest.first_row_id.reset();
  }
  const Thrown thrown = WhatThrows([&] { AssignFirstRowIds(2, &manifests); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("no row ids are left"));
}

TEST(ManifestListVersions, KeepWhatTheyCanTell) {
  ManifestFile manifest = Counted(10, 20);
  manifest.added_files_count = 1;
  manifest.existing_files_count = 2;
  manifest.deleted_files_count = 3;
  manifest.deleted_rows_count = 4;
  manifest.sequence_number = 8;
  manifest.min_sequence_number = 6;
  manifest.added_snapshot_id = 99;
  manifest.first_row_id = 1'000;
  for (const int version : {1, 2, 3}) {
    MemoryFileIO io;
    io.Put(kListPath, EncodeManifestList({manifest}, {.format_version = version}, kAvroSync));
    const ManifestFile read = ReadManifestList(io, kListPath).at(0);
    EXPECT_EQ(read.added_files_count, 1);
    EXPECT_EQ(read.deleted_rows_count, 4);
    EXPECT_EQ(read.added_snapshot_id, 99);
    EXPECT_EQ(read.sequence_number, version == 1 ? std::nullopt : std::optional<int64_t>(8));
    EXPECT_EQ(read.min_sequence_number,
              version == 1 ? std::nullopt : std::optional<int64_t>(6));
    EXPECT_EQ(read.first_row_id, version < 3 ? std::nullopt : std::optional<int64_t>(1'000));
  }
}

TEST(ManifestListVersions, OneLeavesUnknownCountsUnset) {
  MemoryFileIO io;
  io.Put(kListPath,
         EncodeManifestList({Counted(std::nullopt, 2)}, {.format_version = 1}, kAvroSync));
  const ManifestFile read = ReadManifestList(io, kListPath).at(0);
  EXPECT_EQ(read.added_rows_count, std::nullopt);
  EXPECT_EQ(read.existing_rows_count, 2);
  EXPECT_TRUE(read.may_have_live_files());
}

TEST(ManifestListVersions, HaveTheirHeaders) {
  const ManifestListHeader header{.format_version = 3,
                                  .snapshot_id = 5,
                                  .parent_snapshot_id = 4,
                                  .sequence_number = 12,
                                  .first_row_id = 77};
  for (const int version : {1, 2, 3}) {
    ManifestListHeader of_version = header;
    of_version.format_version = version;
    const std::string list = EncodeManifestList({}, of_version, kAvroSync);
    const AvroContainerReader reader(list, kListPath);
    EXPECT_EQ(reader.Metadata("format-version"), std::to_string(version));
    EXPECT_EQ(reader.Metadata("snapshot-id"), "5");
    EXPECT_EQ(reader.Metadata("parent-snapshot-id"), "4");
    EXPECT_EQ(reader.Metadata("sequence-number").value_or("-"), version < 2 ? "-" : "12");
    EXPECT_EQ(reader.Metadata("first-row-id").value_or("-"), version < 3 ? "-" : "77");
  }
}

}  // namespace
}  // namespace floe::testing
