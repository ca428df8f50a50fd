#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "floe/commit/change.h"
#include "floe/metadata/statistics_file.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Sets and removes the statistics files of snapshots (specification, "Table Statistics",
/// "Partition Statistics"). The files are the caller's: floe neither reads nor removes them.
class UpdateStatistics final : public Change {
 public:
  /// Updates of statistics, in their order; the last about a snapshot counts. Throws
  /// InvalidArgumentError for other updates, and for sizes and locations that can't be.
  explicit UpdateStatistics(const std::vector<TableUpdate>& updates);

  /// Snapshots may be of the past.
  bool NeedsAllSnapshots() const override { return true; }
  /// Throws NoSuchSnapshotError for statistics of a snapshot that the table does not have.
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  struct Reader;

  // By snapshot; nothing: removed.
  std::map<int64_t, std::optional<StatisticsFile>> statistics_;
  std::map<int64_t, std::optional<PartitionStatisticsFile>> partition_statistics_;
};

}  // namespace floe::inline v0
