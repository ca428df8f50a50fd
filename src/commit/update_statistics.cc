#include "floe/commit/update_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
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

/// What an update is about: a snapshot's statistics, or those of its partitions.
struct Subject {
  int64_t snapshot_id = 0;
  bool of_partitions = false;
  bool operator==(const Subject&) const = default;
};

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

/// Checks an update and tells what it is about.
class SubjectOf {
 public:
  Subject operator()(const SetStatisticsUpdate& update) const {
    const StatisticsFile& file = update.statistics;
    CheckFile(file.statistics_path, file.file_size_in_bytes, file.file_footer_size_in_bytes);
    return {file.snapshot_id, false};
  }
  Subject operator()(const RemoveStatisticsUpdate& update) const {
    return {update.snapshot_id, false};
  }
  Subject operator()(const SetPartitionStatisticsUpdate& update) const {
    const PartitionStatisticsFile& file = update.partition_statistics;
    CheckFile(file.statistics_path, file.file_size_in_bytes, /*footer_size=*/0);
    return {file.snapshot_id, true};
  }
  Subject operator()(const RemovePartitionStatisticsUpdate& update) const {
    return {update.snapshot_id, true};
  }
  template <class Other>
  Subject operator()(const Other& /*update*/) const {
    throw InvalidArgumentError(
        "an update of statistics sets or removes them, and nothing else");
  }
};

Subject About(const TableUpdate& update) { return std::visit(SubjectOf(), update); }

/// Those that no later one is about the same as.
std::vector<TableUpdate> OnlyLast(std::vector<TableUpdate> updates) {
  std::vector<TableUpdate> last;
  for (TableUpdate& update : updates) {
    const Subject subject = About(update);
    std::erase_if(last, [&](const TableUpdate& earlier) { return About(earlier) == subject; });
    last.push_back(std::move(update));
  }
  return last;
}

template <class File>
bool Has(const std::vector<File>& files, const File& wanted) {
  return std::ranges::find(files, wanted) != files.end();
}

template <class File>
bool HasNone(const std::vector<File>& files, int64_t snapshot_id) {
  return std::ranges::none_of(
      files, [&](const File& file) { return file.snapshot_id == snapshot_id; });
}

bool IsDone(const TableUpdate& update, const TableMetadata& metadata) {
  if (const auto* set = std::get_if<SetStatisticsUpdate>(&update)) {
    return Has(metadata.statistics, set->statistics);
  }
  if (const auto* set = std::get_if<SetPartitionStatisticsUpdate>(&update)) {
    return Has(metadata.partition_statistics, set->partition_statistics);
  }
  const auto [snapshot_id, of_partitions] = About(update);
  return of_partitions ? HasNone(metadata.partition_statistics, snapshot_id)
                       : HasNone(metadata.statistics, snapshot_id);
}

}  // namespace

UpdateStatistics::UpdateStatistics(std::vector<TableUpdate> updates)
    : updates_(OnlyLast(std::move(updates))) {}

AppliedChange UpdateStatistics::Apply(const Table& base) {
  AppliedChange change;
  for (const TableUpdate& update : updates_) {
    if (IsDone(update, base.metadata())) {
      continue;
    }
    const int64_t snapshot_id = About(update).snapshot_id;
    const bool removes = std::holds_alternative<RemoveStatisticsUpdate>(update) ||
                         std::holds_alternative<RemovePartitionStatisticsUpdate>(update);
    if (!removes && base.metadata().FindSnapshot(snapshot_id) == nullptr) {
      throw NoSuchSnapshotError(
          fmt::format("table {} has no snapshot {} that statistics could be of; snapshots() "
                      "lists those it has",
                      base.identifier().ToString(), snapshot_id),
          {.table = base.identifier().ToString(), .snapshot_id = snapshot_id});
    }
    change.updates.push_back(update);
  }
  return change;
}

bool UpdateStatistics::IsIn(const TableMetadata& metadata) const {
  return std::ranges::all_of(
      updates_, [&](const TableUpdate& update) { return IsDone(update, metadata); });
}

}  // namespace floe::inline v0
