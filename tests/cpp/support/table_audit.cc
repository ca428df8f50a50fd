#include "support/table_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"

namespace floe::testing {
namespace {

std::set<std::string> Without(const std::set<std::string>& all,
                              const std::set<std::string>& some) {
  std::set<std::string> rest;
  std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
  return rest;
}

/// Entries of a manifest, deleted ones included.
std::vector<ManifestEntry> EntriesOf(const Table& table, const ManifestFile& manifest) {
  const TableMetadata& metadata = table.metadata();
  const Type type = PartitionType(*metadata.SpecById(manifest.partition_spec_id),
                                  *metadata.schema(), metadata.schemas);
  ManifestReadOptions options;
  options.include_deleted = true;
  const auto read = ReadManifest(*table.io(), manifest, type, options);
  std::vector<ManifestEntry> entries;
  for (size_t i = 0; i < read->size(); ++i) {
    entries.push_back({read->status(i), read->snapshot_id(i), read->sequence_number(i),
                       read->file_sequence_number(i), read->ToDataFile(i)});
  }
  return entries;
}

struct Sums {
  int64_t files = 0;
  int64_t records = 0;
  int64_t delete_files = 0;
  int64_t vectors = 0;
  int64_t position_deletes = 0;
  int64_t bytes = 0;
};

std::string TextOf(int64_t value) { return value == 0 ? "" : std::to_string(value); }

std::string Find(const Snapshot& snapshot, const std::string& key) {
  return std::string(FindProperty(snapshot.summary, key).value_or(""));
}

/// Several deletion vectors may lie in one file, at different places.
using FilesByPath = std::map<std::pair<std::string, int64_t>, DataFile>;

FilesByPath FilesOf(const Table& table, const Snapshot& snapshot) {
  FilesByPath files;
  for (const ManifestEntry& entry : LiveEntries(table, snapshot)) {
    const DataFile& file = entry.data_file;
    const bool is_new =
        files.emplace(std::pair(file.file_path, file.content_offset.value_or(0)), file).second;
    EXPECT_TRUE(is_new) << file.file_path << " is in the table twice";
  }
  for (const auto& [path, file] : files) {
    if (file.content_offset) {
      EXPECT_TRUE(files.contains({*file.referenced_data_file, 0}))
          << path.first << " has deletes of a file that is not there";
    }
  }
  return files;
}

Sums SumOf(const FilesByPath& files, const FilesByPath& but) {
  Sums sums;
  for (const auto& [path, file] : files) {
    if (but.contains(path)) {
      continue;
    }
    const bool is_data = file.content == FileContent::kData;
    (is_data ? sums.files : sums.delete_files) += 1;
    (is_data ? sums.records : sums.position_deletes) += file.record_count;
    sums.vectors += file.content_offset ? 1 : 0;
    sums.bytes += file.content_size_in_bytes.value_or(file.file_size_in_bytes);
  }
  return sums;
}

void CheckChange(const Snapshot& snapshot, const std::string& added_or_removed,
                 const Sums& sums) {
  EXPECT_EQ(Find(snapshot, added_or_removed + "-delete-files"), TextOf(sums.delete_files));
  EXPECT_EQ(Find(snapshot, added_or_removed + "-dvs"), TextOf(sums.vectors));
  EXPECT_EQ(Find(snapshot, added_or_removed + "-position-delete-files"),
            TextOf(sums.delete_files - sums.vectors));
  EXPECT_EQ(Find(snapshot, added_or_removed + "-position-deletes"),
            TextOf(sums.position_deletes));
  EXPECT_EQ(Find(snapshot, added_or_removed + "-files-size"), TextOf(sums.bytes));
}

void CheckSummary(const Snapshot& snapshot, const FilesByPath& before,
                  const FilesByPath& after) {
  const Sums added = SumOf(after, before);
  const Sums deleted = SumOf(before, after);
  const Sums total = SumOf(after, {});
  EXPECT_EQ(Find(snapshot, "added-data-files"), TextOf(added.files));
  EXPECT_EQ(Find(snapshot, "added-records"), TextOf(added.records));
  EXPECT_EQ(Find(snapshot, "deleted-data-files"), TextOf(deleted.files));
  EXPECT_EQ(Find(snapshot, "deleted-records"), TextOf(deleted.records));
  CheckChange(snapshot, "added", added);
  CheckChange(snapshot, "removed", deleted);
  EXPECT_EQ(Find(snapshot, "total-data-files"), std::to_string(total.files));
  EXPECT_EQ(Find(snapshot, "total-records"), std::to_string(total.records));
  EXPECT_EQ(Find(snapshot, "total-delete-files"), std::to_string(total.delete_files));
  EXPECT_EQ(Find(snapshot, "total-position-deletes"), std::to_string(total.position_deletes));
  EXPECT_EQ(Find(snapshot, "total-files-size"), std::to_string(total.bytes));
}

}  // namespace

std::set<std::string> TableFiles::missing() const { return Without(referenced, present); }
std::set<std::string> TableFiles::orphans() const { return Without(present, referenced); }

std::set<std::string> FilesIn(const std::filesystem::path& folder) {
  std::set<std::string> found;
  if (!std::filesystem::exists(folder)) {
    return found;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      found.insert("file://" + entry.path().string());
    }
  }
  return found;
}

TableFiles AuditTable(const Table& table) {
  TableFiles files;
  files.present = FilesIn(*LocalPath(table.metadata().location));
  files.referenced.insert(table.metadata_location());
  for (const MetadataLogEntry& old : table.metadata().metadata_log) {
    files.referenced.insert(old.metadata_file);
  }
  const auto size_of = [](const std::string& location) {
    return static_cast<int64_t>(std::filesystem::file_size(*LocalPath(location)));
  };
  for (const SnapshotPtr& snapshot : table.metadata().snapshots) {
    files.referenced.insert(snapshot->manifest_list);
    for (const ManifestFile& manifest : ReadManifests(*table.io(), *snapshot)) {
      files.referenced.insert(manifest.manifest_path);
      EXPECT_EQ(manifest.manifest_length, size_of(manifest.manifest_path));
    }
    for (const ManifestEntry& entry : LiveEntries(table, *snapshot)) {
      files.referenced.insert(entry.data_file.file_path);
      EXPECT_EQ(entry.data_file.file_size_in_bytes, size_of(entry.data_file.file_path));
    }
  }
  return files;
}

std::vector<ManifestEntry> LiveEntries(const Table& table, const Snapshot& snapshot) {
  std::vector<ManifestEntry> live;
  for (const ManifestFile& manifest : ReadManifests(*table.io(), snapshot)) {
    int64_t added = 0;
    int64_t existing = 0;
    int64_t deleted = 0;
    for (ManifestEntry& entry : EntriesOf(table, manifest)) {
      added += entry.status == EntryStatus::kAdded ? 1 : 0;
      existing += entry.status == EntryStatus::kExisting ? 1 : 0;
      deleted += entry.status == EntryStatus::kDeleted ? 1 : 0;
      EXPECT_LE(*entry.sequence_number, snapshot.sequence_number);
      if (entry.status != EntryStatus::kDeleted) {
        EXPECT_GE(*entry.sequence_number, *manifest.min_sequence_number);
        live.push_back(std::move(entry));
      }
    }
    EXPECT_EQ(manifest.added_files_count, added);
    EXPECT_EQ(manifest.existing_files_count, existing);
    EXPECT_EQ(manifest.deleted_files_count, deleted);
  }
  return live;
}

void CheckSummaries(const Table& table) {
  for (const SnapshotPtr& snapshot : table.metadata().snapshots) {
    SCOPED_TRACE("snapshot " + std::to_string(snapshot->snapshot_id));
    FilesByPath before;
    if (snapshot->parent_snapshot_id) {
      const SnapshotPtr parent = table.metadata().FindSnapshot(*snapshot->parent_snapshot_id);
      ASSERT_NE(parent, nullptr);
      before = FilesOf(table, *parent);
    }
    CheckSummary(*snapshot, before, FilesOf(table, *snapshot));
  }
}

}  // namespace floe::testing
