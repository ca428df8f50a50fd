#include "manifest/sample_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
#include "support/avro_file.h"
#include "support/memory_file_io.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {

SampleTable SampleTable::OfAllTypes() {
  std::vector<Field> fields;
  std::vector<PartitionField> partition_fields;
  for (const Type& type : AllPrimitiveTypes()) {
    const auto n = static_cast<int32_t>(fields.size());
    const std::string name = "c " + std::to_string(n);
    fields.push_back({n + 1, name, type, false, "", {}});
    partition_fields.push_back({n + 1, 1000 + n, name, Transform::Identity(), {}});
  }
  Schema schema(std::move(fields));
  PartitionSpec spec(7, std::move(partition_fields));
  Type type = PartitionType(spec, schema);
  return {std::move(schema), std::move(spec), std::move(type)};
}

SampleTable SampleTable::Small() {
  Schema schema({{1, "id", Type::Of(TypeId::kLong), false, "", {}},
                 {2, "region", Type::Of(TypeId::kString), false, "", {}}});
  PartitionSpec spec(0, {{2, 1000, "region", Transform::Identity(), {}}});
  Type type = PartitionType(spec, schema);
  return {std::move(schema), std::move(spec), std::move(type)};
}

namespace {

std::optional<int64_t> MaybeCount(Rng& rng) {
  switch (rng.Below(4)) {
    case 0:
      return std::nullopt;
    case 1:
      return 0;
    case 2:
      return std::numeric_limits<int64_t>::max();
    default:
      return rng.Between(0, 1'000'000);
  }
}

}  // namespace

DataFile RandomDataFile(Rng& rng, const SampleTable& table, const ManifestWriteOptions& kind) {
  DataFile file;
  const bool is_data = kind.content == ManifestContent::kData;
  file.content = static_cast<FileContent>(is_data ? 0 : 1 + rng.Below(2));
  file.file_path = "memory:///t/data/" + RandomText(rng, 12) + ".parquet";
  file.file_format = static_cast<FileFormat>(rng.Below(4));
  file.spec_id = table.spec.spec_id();
  for (const Field& field : table.partition_type.fields()) {
    file.partition.push_back(rng.OneIn(4) ? std::nullopt
                                          : std::optional(RandomLiteral(rng, field.type)));
  }
  file.record_count = rng.Between(1, 1'000'000'000'000);
  file.file_size_in_bytes = rng.Between(1, 1'000'000'000'000);
  for (const Schema::Place& place : table.schema.places()) {
    if (rng.OneIn(4)) {
      continue;
    }
    const auto bound = [&]() -> std::optional<std::string> {
      return rng.OneIn(4) ? std::nullopt
                          : std::optional(RandomLiteral(rng, place.field->type).ToBytes());
    };
    const ColumnMetrics metrics{MaybeCount(rng), MaybeCount(rng), MaybeCount(rng),
                                MaybeCount(rng), bound(),         bound()};
    if (!(metrics == ColumnMetrics{})) {
      file.metrics[place.field->id] = metrics;
    }
  }
  if (rng.OneIn(2)) {
    file.key_metadata = rng.Bytes(rng.Index(10));
  }
  for (size_t left = rng.Index(4); left > 0; --left) {
    file.split_offsets.push_back(rng.Between(0, 1'000'000'000'000));
    if (file.content == FileContent::kEqualityDeletes) {
      file.equality_ids.push_back(static_cast<int32_t>(rng.Between(1, 100)));
    }
  }
  if (file.content == FileContent::kPositionDeletes && rng.OneIn(2)) {
    file.referenced_data_file = "memory:///t/data/" + RandomText(rng, 12) + ".parquet";
    if (kind.format_version >= 3 && rng.OneIn(2)) {
      file.content_offset = rng.Between(0, 1'000'000'000'000);
      file.content_size_in_bytes = rng.Between(0, 1'000'000'000);
    }
  }
  if (is_data && kind.format_version >= 3 && rng.OneIn(2)) {
    file.first_row_id = rng.Between(0, 1'000'000'000'000);
  }
  if (rng.OneIn(2)) {
    file.sort_order_id = static_cast<int32_t>(rng.Below(5));
  }
  return file;
}

std::vector<ManifestEntry> RandomEntries(Rng& rng, const SampleTable& table, size_t count,
                                         const ManifestWriteOptions& kind) {
  std::vector<ManifestEntry> entries;
  for (size_t i = 0; i < count; ++i) {
    entries.push_back({static_cast<EntryStatus>(rng.Below(3)), rng.Between(1, 1'000),
                       rng.Between(0, 50), rng.Between(0, 50),
                       RandomDataFile(rng, table, kind)});
  }
  return entries;
}

ManifestFile PutManifest(MemoryFileIO& io, const SampleTable& table,
                         const std::vector<ManifestEntry>& entries,
                         const ManifestWriteOptions& options) {
  ManifestWriter writer(table.schema, table.spec, table.partition_type, /*snapshot_id=*/99,
                        kAvroSync, options);
  for (const ManifestEntry& entry : entries) {
    writer.Add(entry);
  }
  ManifestWriter::Finished finished = std::move(writer).Finish();
  io.Put(kManifestPath, finished.content);
  finished.manifest.manifest_path = kManifestPath;
  return finished.manifest;
}

std::vector<ReadEntry> ReadAll(MemoryFileIO& io, const ManifestFile& manifest,
                               const SampleTable& table, const ManifestReadOptions& options) {
  const ManifestEntriesPtr entries = ReadManifest(io, manifest, table.partition_type, options);
  std::vector<ReadEntry> all;
  for (size_t i = 0; i < entries->size(); ++i) {
    DataFile file = entries->ToDataFile(i);
    EXPECT_EQ(entries->file_path(i), file.file_path);
    EXPECT_EQ(entries->content(i), file.content);
    EXPECT_EQ(entries->file_format(i), file.file_format);
    EXPECT_EQ(entries->record_count(i), file.record_count);
    EXPECT_EQ(entries->file_size_in_bytes(i), file.file_size_in_bytes);
    EXPECT_EQ(entries->partition(i), file.partition);
    EXPECT_EQ(entries->first_row_id(i), file.first_row_id);
    EXPECT_EQ(entries->referenced_data_file(i), file.referenced_data_file);
    EXPECT_EQ(entries->content_offset(i), file.content_offset);
    EXPECT_EQ(entries->content_size_in_bytes(i), file.content_size_in_bytes);
    EXPECT_TRUE(std::ranges::equal(entries->equality_ids(i), file.equality_ids));
    all.push_back({entries->status(i), entries->snapshot_id(i), entries->sequence_number(i),
                   entries->file_sequence_number(i), std::move(file)});
  }
  return all;
}

void ExpectSameFile(const DataFile& found, const DataFile& expected) {
  EXPECT_EQ(found.content, expected.content);
  EXPECT_EQ(found.file_path, expected.file_path);
  EXPECT_EQ(found.file_format, expected.file_format);
  EXPECT_EQ(found.spec_id, expected.spec_id);
  EXPECT_EQ(found.partition, expected.partition);
  EXPECT_EQ(found.record_count, expected.record_count);
  EXPECT_EQ(found.file_size_in_bytes, expected.file_size_in_bytes);
  EXPECT_EQ(found.metrics, expected.metrics);
  EXPECT_EQ(found.key_metadata, expected.key_metadata);
  EXPECT_EQ(found.split_offsets, expected.split_offsets);
  EXPECT_EQ(found.equality_ids, expected.equality_ids);
  EXPECT_EQ(found.sort_order_id, expected.sort_order_id);
  EXPECT_EQ(found.first_row_id, expected.first_row_id);
  EXPECT_EQ(found.referenced_data_file, expected.referenced_data_file);
  EXPECT_EQ(found.content_offset, expected.content_offset);
  EXPECT_EQ(found.content_size_in_bytes, expected.content_size_in_bytes);
}

void ExpectEntries(const std::vector<ReadEntry>& found,
                   const std::vector<ManifestEntry>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].status, expected[i].status);
    EXPECT_EQ(found[i].snapshot_id, expected[i].snapshot_id);
    EXPECT_EQ(found[i].sequence_number, expected[i].sequence_number);
    EXPECT_EQ(found[i].file_sequence_number, expected[i].file_sequence_number);
    ExpectSameFile(found[i].file, expected[i].data_file);
  }
}

}  // namespace floe::testing
