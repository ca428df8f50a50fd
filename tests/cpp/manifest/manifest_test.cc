#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "base/bytes.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/manifest_writer.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "manifest/sample_files.h"
#include "support/avro_file.h"
#include "support/golden.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

TEST(Manifest, ReadsWhatItWritesWithEveryCodecAndBlockSize) {
  const SampleTable table = SampleTable::OfAllTypes();
  for (const uint64_t seed : Seeds(4)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    MemoryFileIO io;
    const std::vector<ManifestEntry> entries = RandomEntries(rng, table, 40);
    ManifestFile manifest = PutManifest(io, table, entries);
    EXPECT_EQ(manifest.manifest_length, static_cast<int64_t>(io.Get(kManifestPath)->size()));
    const ManifestReadOptions all{.include_deleted = true};
    ExpectEntries(ReadAll(io, manifest, table, all), entries);
    const std::string content = *io.Get(kManifestPath);
    for (const char* codec : kAvroCodecs) {
      for (const int64_t per_block : {1, 7, 1'000}) {
        io.Put(kManifestPath, Repacked(content, codec, per_block));
        manifest.manifest_length = static_cast<int64_t>(io.Get(kManifestPath)->size());
        ExpectEntries(ReadAll(io, manifest, table, all), entries);
      }
    }
  }
}

TEST(Manifest, OfManyFilesAndLargeMetricsIsReadWhole) {
  const SampleTable table = SampleTable::Small();
  Rng rng(1);
  MemoryFileIO io;
  std::vector<ManifestEntry> entries = RandomEntries(rng, table, 3'000);
  for (size_t i = 0; i < entries.size(); i += 100) {
    entries[i].data_file.metrics[1].lower_bound = rng.Bytes(100'000);  // megabytes in all
  }
  const ManifestFile manifest = PutManifest(io, table, entries);
  ExpectEntries(ReadAll(io, manifest, table, {.include_deleted = true}), entries);
}

TEST(Manifest, CountsItsFilesAndSummarizesItsPartitions) {
  const SampleTable table = SampleTable::Small();
  MemoryFileIO io;
  const auto entry = [](EntryStatus status, std::optional<std::string> region, int64_t rows,
                        std::optional<int64_t> sequence_number) {
    DataFile file;
    file.file_path = "memory:///f";
    file.partition = {region ? std::optional(Literal::String(*region)) : std::nullopt};
    file.record_count = rows;
    file.file_size_in_bytes = 10;
    return ManifestEntry{status, 5, sequence_number, sequence_number, file};
  };
  const ManifestFile manifest = PutManifest(
      io, table,
      {entry(EntryStatus::kAdded, "b", 1, std::nullopt),
       entry(EntryStatus::kAdded, std::nullopt, 2, std::nullopt),
       entry(EntryStatus::kExisting, "a", 4, 9), entry(EntryStatus::kExisting, "z", 8, 3),
       entry(EntryStatus::kDeleted, "zz", 16, 1)});
  EXPECT_EQ(manifest.added_files_count, 2);
  EXPECT_EQ(manifest.existing_files_count, 2);
  EXPECT_EQ(manifest.deleted_files_count, 1);
  EXPECT_EQ(manifest.added_rows_count, 3);
  EXPECT_EQ(manifest.existing_rows_count, 12);
  EXPECT_EQ(manifest.deleted_rows_count, 16);
  EXPECT_EQ(manifest.min_sequence_number, 3) << "of live files that have one";
  EXPECT_EQ(manifest.added_snapshot_id, 99);
  ASSERT_EQ(manifest.partitions.size(), 1U);
  EXPECT_TRUE(manifest.partitions[0].contains_null);
  EXPECT_EQ(manifest.partitions[0].lower_bound, "a");
  EXPECT_EQ(manifest.partitions[0].upper_bound, "zz");
}

TEST(Manifest, NumbersThatAreMissingAreInherited) {
  const SampleTable table = SampleTable::Small();
  struct Case {
    EntryStatus status;
    std::optional<int64_t> written;
    std::optional<int64_t> of_manifest;
    std::optional<int64_t> read;  // nothing: refused
  };
  using enum EntryStatus;
  for (const Case& test :
       {Case{kAdded, std::nullopt, 7, 7}, Case{kAdded, 3, 7, 3}, Case{kExisting, 3, 7, 3},
        Case{kDeleted, 3, 7, 3}, Case{kExisting, std::nullopt, 7, std::nullopt},
        Case{kDeleted, std::nullopt, 7, 7},  // nobody needs the number of a file that is gone
        // Tables that were of version 1: there are no numbers, which is 0.
        Case{kExisting, std::nullopt, 0, 0}, Case{kAdded, std::nullopt, std::nullopt, 0}}) {
    Rng rng(1);
    MemoryFileIO io;
    ManifestFile manifest = PutManifest(
        io, table, {{test.status, 5, test.written, test.written, RandomDataFile(rng, table)}});
    manifest.sequence_number = test.of_manifest;
    std::vector<ReadEntry> read;
    const Thrown thrown =
        WhatThrows([&] { read = ReadAll(io, manifest, table, {.include_deleted = true}); });
    if (test.read) {
      ASSERT_EQ(thrown.class_name, "") << thrown;
      EXPECT_EQ(read[0].sequence_number, *test.read);
      EXPECT_EQ(read[0].file_sequence_number, *test.read);
    } else {
      EXPECT_EQ(thrown.class_name, "CorruptFileError");
      EXPECT_EQ(thrown.details.path, kManifestPath);
    }
  }
}

TEST(Manifest, DeletedEntriesAreLeftOutUnlessAskedFor) {
  const SampleTable table = SampleTable::Small();
  Rng rng(1);
  MemoryFileIO io;
  const std::vector<ManifestEntry> entries = RandomEntries(rng, table, 60);
  const ManifestFile manifest = PutManifest(io, table, entries);
  std::vector<ManifestEntry> live;
  for (const ManifestEntry& entry : entries) {
    if (entry.status != EntryStatus::kDeleted) {
      live.push_back(entry);
    }
  }
  ExpectEntries(ReadAll(io, manifest, table, {}), live);
}

TEST(Manifest, WithoutDetailsTakesLittleMemory) {
  const SampleTable table = SampleTable::Small();
  Rng rng(1);
  MemoryFileIO io;
  std::vector<ManifestEntry> entries;
  for (int i = 0; i < 2'000; ++i) {
    DataFile file = RandomDataFile(rng, table);
    file.file_path = "s3://bucket/warehouse/db/table/data/region=eu/00000-" +
                     std::to_string(1'000'000 + i) + "-0123456789abcdef.parquet";
    file.partition = {Literal::String("eu")};
    file.metrics[1].lower_bound = rng.Bytes(500);
    entries.push_back({EntryStatus::kAdded, 1, {}, {}, std::move(file)});
  }
  const ManifestFile manifest = PutManifest(io, table, entries);
  const auto read = ReadManifest(io, manifest, table.partition_type, {.keep_details = false});
  EXPECT_LE(read->memory_bytes(), 150 * entries.size()) << "they are of one commit";
  const auto whole = ReadManifest(io, manifest, table.partition_type, {});
  EXPECT_GE(whole->memory_bytes(), 500 * entries.size()) << "the metrics are counted";
}

class ManifestWithoutDetails : public ::testing::TestWithParam<ManifestContent> {};

TEST_P(ManifestWithoutDetails, TellsWhatPlanningNeeds) {
  const SampleTable table = SampleTable::OfAllTypes();
  const ManifestWriteOptions kind{.format_version = 3, .content = GetParam()};
  Rng rng(1);
  MemoryFileIO io;
  const std::vector<ManifestEntry> entries = RandomEntries(rng, table, 30, kind);
  const ManifestFile manifest = PutManifest(io, table, entries, kind);
  const auto read = ReadManifest(io, manifest, table.partition_type,
                                 {.include_deleted = true, .keep_details = false});
  EXPECT_FALSE(read->has_details());
  ASSERT_EQ(read->size(), entries.size());
  for (size_t i = 0; i < read->size(); ++i) {
    DataFile expected = entries[i].data_file;
    expected.metrics.clear();
    expected.key_metadata.reset();
    expected.split_offsets.clear();
    expected.sort_order_id.reset();
    ExpectSameFile(read->ToDataFile(i), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ManifestWithoutDetails,
                         ::testing::Values(ManifestContent::kData, ManifestContent::kDeletes),
                         [](const auto& content) {
                           return content.param == ManifestContent::kData ? "Data" : "Deletes";
                         });

/// Statistics of a file for a filter.
class FileStatistics final : public StatisticsSource {
 public:
  explicit FileStatistics(const DataFile& file) : file_(file) {}
  int64_t row_count() const override { return file_.record_count; }
  ColumnStatistics OfColumn(int32_t id) const override {
    const auto found = file_.metrics.find(id);
    if (found == file_.metrics.end()) {
      return {};
    }
    const ColumnMetrics& m = found->second;
    return {m.value_count, m.null_count, m.nan_count, m.lower_bound, m.upper_bound};
  }

 private:
  const DataFile& file_;
};

TEST(Manifest, FiltersWhileReadingAsAfterwards) {
  const SampleTable table = SampleTable::OfAllTypes();
  for (const uint64_t seed : Seeds(3)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    MemoryFileIO io;
    const std::vector<ManifestEntry> entries = RandomEntries(rng, table, 40);
    const ManifestFile manifest = PutManifest(io, table, entries);
    for (int i = 0; i < 60; ++i) {
      std::vector<ExpressionPtr> parts;
      for (size_t left = 1 + rng.Index(2); left > 0; --left) {
        parts.push_back(RandomFilter(rng, rng.Pick(table.schema.fields()), {}));
      }
      const auto filter = Bind(*Expression::And(std::move(parts)), table.schema);
      const ManifestReadOptions options{
          .include_deleted = true,
          .keep_details = rng.OneIn(2),
          .partition_filter = ProjectInclusive(*filter, table.spec, table.partition_type),
          .strict_partition_filter = ProjectStrict(*filter, table.spec, table.partition_type),
          .row_filter = filter};
      const auto read = ReadManifest(io, manifest, table.partition_type, options);
      size_t at = 0;
      for (const ManifestEntry& entry : entries) {
        const FileStatistics statistics(entry.data_file);
        const PartitionValues& partition = entry.data_file.partition;
        if (!EvaluatePartition(*options.partition_filter, partition) ||
            !RowsMayMatch(*filter, statistics)) {
          continue;
        }
        ASSERT_LT(at, read->size()) << filter->ToString();
        EXPECT_EQ(read->file_path(at), entry.data_file.file_path);
        EXPECT_EQ(read->all_rows_match(at),
                  EvaluatePartition(*options.strict_partition_filter, partition) ||
                      AllRowsMatch(*filter, statistics))
            << filter->ToString();
        ++at;
      }
      EXPECT_EQ(at, read->size()) << filter->ToString();
    }
  }
}

TEST(Manifest, FilesOfAnotherSpecThanTheWritersAreOurBug) {
  const SampleTable table = SampleTable::Small();
  Rng rng(1);
  DataFile file = RandomDataFile(rng, table);
  file.partition.clear();
  MemoryFileIO io;
  EXPECT_EQ(WhatThrows([&] {
              PutManifest(io, table, {{EntryStatus::kAdded, 1, {}, {}, file}});
            }).class_name,
            "InternalError");
}

TEST(Manifest, ADecimalThatItsTruncationMadeTooLargeIsRefused) {
  const Schema schema({{1, "d", Type::Decimal(2, 0), false, "", {}}});
  const PartitionSpec spec(0, {{1, 1000, "d_trunc", Transform::Truncate(1'000), {}}});
  const SampleTable table{schema, spec, PartitionType(spec, schema)};
  DataFile file;
  file.file_path = "memory:///f";
  file.partition = {Transform::Truncate(1'000).Apply(Literal::Decimal(-99, 2, 0))};
  MemoryFileIO io;
  const Thrown thrown =
      WhatThrows([&] { PutManifest(io, table, {{EntryStatus::kAdded, 1, {}, {}, file}}); });
  EXPECT_EQ(thrown.class_name, "UnsupportedError") << thrown;
  EXPECT_THAT(thrown.message, ::testing::HasSubstr("more digits than decimal(2, 0)"));
}

TEST(Manifest, IsWrittenInTheCanonicalForm) {
  const SampleTable table = SampleTable::OfAllTypes();
  Rng rng(1);
  MemoryFileIO io;
  PutManifest(io, table, RandomEntries(rng, table, 2));
  const std::string content = *io.Get(kManifestPath);
  const AvroContainerReader reader(content, kManifestPath);
  std::string text;
  for (const char* key : {"format-version", "content", "partition-spec-id", "partition-spec",
                          "schema-id", "schema", "avro.codec", "avro.schema"}) {
    text += std::string(key) + ": " + std::string(reader.Metadata(key).value_or("-")) + "\n";
  }
  for (const AvroBlock& object : ObjectsOf(content)) {
    text += ToHex(object.data) + "\n";
  }
  ExpectGolden("manifest/all_types.txt", text);
}

}  // namespace
}  // namespace floe::testing
