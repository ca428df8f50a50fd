#include "floe/commit/update_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

void CheckFile(const std::string& location, int64_t size, int64_t footer_size) {
  if (location.empty() || location.find('\0') != std::string::npos) {
    throw InvalidArgumentError(fmt::format(
        "the location of a statistics file can't be '{}'; expected a path or a URI", location));
  }
  if (size < 0 || footer_size < 0 || footer_size > size) {
    throw InvalidArgumentError(
        fmt::format("statistics file {} can't have {} bytes with a footer of {}", location,
                    size, footer_size),
        {.path = location});
  }
}

void CheckSnapshot(const Table& base, int64_t snapshot_id) {
  if (base.metadata().FindSnapshot(snapshot_id) == nullptr) {
    throw NoSuchSnapshotError(
        fmt::format("table {} has no snapshot {} that statistics could be of; snapshots() "
                    "lists those it has",
                    base.identifier().ToString(), snapshot_id),
        {.table = base.identifier().ToString(), .snapshot_id = snapshot_id});
  }
}

template <class File>
std::optional<File> FileOf(const std::vector<File>& files, int64_t snapshot_id) {
  const auto found = std::ranges::find(files, snapshot_id, &File::snapshot_id);
  return found == files.end() ? std::nullopt : std::optional(*found);
}

/// The updates that make `files` what is wanted.
template <class Set, class Remove, class Wanted, class File>
void AddUpdates(const Table& base, const Wanted& wanted, const std::vector<File>& files,
                AppliedChange* change) {
  for (const auto& [snapshot_id, file] : wanted) {
    if (FileOf(files, snapshot_id) == file) {
      continue;
    }
    if (file) {
      CheckSnapshot(base, snapshot_id);
      change->updates.emplace_back(Set{*file});
    } else {
      change->updates.emplace_back(Remove{snapshot_id});
    }
  }
}

template <class Wanted, class File>
bool AreAsWanted(const Wanted& wanted, const std::vector<File>& files) {
  return std::ranges::all_of(
      wanted, [&](const auto& item) { return FileOf(files, item.first) == item.second; });
}

}  // namespace

/// Notes what an update asks for.
struct UpdateStatistics::Reader {
  UpdateStatistics& change;

  void operator()(const SetStatisticsUpdate& update) const {
    const StatisticsFile& file = update.statistics;
    CheckFile(file.statistics_path, file.file_size_in_bytes, file.file_footer_size_in_bytes);
    change.statistics_.insert_or_assign(file.snapshot_id, file);
  }
  void operator()(const RemoveStatisticsUpdate& update) const {
    change.statistics_.insert_or_assign(update.snapshot_id, std::nullopt);
  }
  void operator()(const SetPartitionStatisticsUpdate& update) const {
    const PartitionStatisticsFile& file = update.partition_statistics;
    CheckFile(file.statistics_path, file.file_size_in_bytes, /*footer_size=*/0);
    change.partition_statistics_.insert_or_assign(file.snapshot_id, file);
  }
  void operator()(const RemovePartitionStatisticsUpdate& update) const {
    change.partition_statistics_.insert_or_assign(update.snapshot_id, std::nullopt);
  }
  template <class Other>
  void operator()(const Other& /*update*/) const {
    throw InvalidArgumentError(
        "an update of statistics sets or removes them, and nothing else");
  }
};

UpdateStatistics::UpdateStatistics(const std::vector<TableUpdate>& updates) {
  for (const TableUpdate& update : updates) {
    std::visit(Reader{*this}, update);
  }
}

AppliedChange UpdateStatistics::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  AppliedChange change;
  AddUpdates<SetStatisticsUpdate, RemoveStatisticsUpdate>(base, statistics_,
                                                          metadata.statistics, &change);
  AddUpdates<SetPartitionStatisticsUpdate, RemovePartitionStatisticsUpdate>(
      base, partition_statistics_, metadata.partition_statistics, &change);
  return change;
}

bool UpdateStatistics::IsIn(const TableMetadata& metadata) const {
  return AreAsWanted(statistics_, metadata.statistics) &&
         AreAsWanted(partition_statistics_, metadata.partition_statistics);
}

}  // namespace floe::inline v0
