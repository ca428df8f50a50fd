#include "catalog/purge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/partition/spec.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "io/parallel_requests.h"

namespace floe::inline v0 {
namespace {

/// A location as it can be compared: local ones have several forms.
std::string Comparable(const std::string& location) {
  return LocalPath(location).value_or(location);
}

/// The folder of a table, from where its metadata file is.
std::string FolderOf(const std::string& metadata_location) {
  std::string folder = Comparable(metadata_location);
  folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'));
  constexpr std::string_view kMetadata = "/metadata";
  if (folder.ends_with(kMetadata)) {
    folder.resize(folder.size() - kMetadata.size());
  }
  return folder;
}

bool IsIn(std::string_view path, std::string_view folder) {
  return !folder.empty() && path.size() > folder.size() && path.starts_with(folder) &&
         path[folder.size()] == '/';
}

/// Tells whose a file is, by the folders of the tables.
class Owners {
 public:
  Owners(const Table& table, const std::vector<std::string>& other_metadata)
      : own_(Comparable(table.metadata().location)) {
    while (own_.ends_with('/')) {
      own_.pop_back();
    }
    for (const std::string& location : other_metadata) {
      others_.insert(FolderOf(location));
    }
  }

  /// Of folders within each other the inner one counts. Tables that share a folder, as one that
  /// is registered twice does, share its files.
  bool IsOthers(const std::string& location) const {
    const std::string path = Comparable(location);
    const size_t own = IsIn(path, own_) ? own_.size() : 0;
    return std::ranges::any_of(others_, [&](const std::string& folder) {
      return IsIn(path, folder) && folder.size() >= own;
    });
  }

 private:
  std::string own_;
  std::set<std::string> others_;
};

/// Data and delete files that are in the table in any of its snapshots.
std::set<std::string> LiveFiles(const Table& table,
                                const std::vector<ManifestFile>& manifests) {
  const TableMetadata& metadata = table.metadata();
  std::mutex mutex;
  std::set<std::string> files;
  const auto read = [&](size_t i) {
    const PartitionSpec& spec = *metadata.SpecById(manifests[i].partition_spec_id);
    const auto entries =
        ReadManifest(*table.io(), manifests[i],
                     PartitionType(spec, *metadata.schema(), metadata.schemas), {});
    const std::lock_guard lock(mutex);
    for (size_t entry = 0; entry < entries->size(); ++entry) {
      files.emplace(entries->file_path(entry));
    }
  };
  ParallelFor(manifests.size(), read, ParallelRequests(*table.io(), metadata.location));
  return files;
}

}  // namespace

std::vector<std::vector<std::string>> FilesToPurge(
    const Table& table, const std::vector<std::string>& other_metadata) {
  const TableMetadata& metadata = table.metadata();
  std::map<std::string, ManifestFile> manifests;
  std::set<std::string> lists;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    if (!snapshot->manifest_list.empty()) {
      lists.insert(snapshot->manifest_list);
    }
    for (ManifestFile& manifest : ReadManifests(*table.io(), *snapshot)) {
      std::string path = manifest.manifest_path;
      manifests.emplace(std::move(path), std::move(manifest));
    }
  }
  std::vector<std::vector<std::string>> groups(4);
  if (BooleanProperty(metadata.properties, table_properties::kGcEnabled)) {
    std::vector<ManifestFile> all;
    std::ranges::transform(manifests, std::back_inserter(all),
                           [](const auto& item) { return item.second; });
    const std::set<std::string> live = LiveFiles(table, all);
    groups[0].assign(live.begin(), live.end());
  }
  for (const auto& [path, manifest] : manifests) {
    groups[1].push_back(path);
  }
  groups[2].assign(lists.begin(), lists.end());
  for (const StatisticsFile& file : metadata.statistics) {
    groups[2].push_back(file.statistics_path);
  }
  for (const PartitionStatisticsFile& file : metadata.partition_statistics) {
    groups[2].push_back(file.statistics_path);
  }
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    groups[3].push_back(entry.metadata_file);
  }
  groups[3].push_back(table.metadata_location());
  const Owners owners(table, other_metadata);
  for (std::vector<std::string>& group : groups) {
    std::erase_if(group, [&](const std::string& file) { return owners.IsOthers(file); });
  }
  return groups;
}

void DeletePurged(FileIO& io, const TableIdentifier& identifier,
                  const std::vector<std::vector<std::string>>& groups) {
  size_t failures = 0;
  std::string first;
  for (const std::vector<std::string>& group : groups) {
    const std::vector<UndeletedFile> left = io.DeleteAll(group);
    if (failures == 0 && !left.empty()) {
      first = left.front().message;
    }
    failures += left.size();
  }
  if (failures != 0) {
    throw IoError(
        fmt::format("table {} is dropped, but {} of its files could not be deleted: {}",
                    identifier.ToString(), failures, first),
        {.table = identifier.ToString()});
  }
}

}  // namespace floe::inline v0
