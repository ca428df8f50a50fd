#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "floe/commit/change.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

class SnapshotWriter;

/// Makes what another snapshot of the table did part of `main`. A snapshot that follows the
/// head of main becomes the head as it is. Of others, an append is made again, with its files,
/// and so is a replacement of whole partitions (`replace-partitions` in its summary) that
/// nobody has changed since; the new snapshot names the old one as its `source-snapshot-id`.
class CherryPick final : public Change {
 public:
  /// Throws what Validate() does, as far as it can be told without I/O; and
  /// NoSuchSnapshotError.
  CherryPick(const Table& table, int64_t snapshot_id);
  ~CherryPick() override;

  /// Throws AlreadyExistsError if main has the snapshot, has picked it, or has its `wap.id`;
  /// InvalidArgumentError for a snapshot that is none of those above, or whose partitions were
  /// changed; UnsupportedError for one with row-level deletes.
  void Validate(const Table& base) override;
  bool NeedsAllSnapshots() const override { return true; }
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;
  void DiscardUnused() noexcept override;
  void DiscardAll() noexcept override;

 private:
  void CheckMetadata(const TableMetadata& metadata) const;
  bool IsNext(const TableMetadata& metadata) const;
  void ReadPicked(const Table& base);
  void CheckPartitions(const Table& base) const;

  const SnapshotPtr picked_;
  const bool replaces_partitions_;
  std::unique_ptr<SnapshotWriter> writer_;
  bool is_read_ = false;
  std::vector<DataFile> added_;
  std::vector<DataFile> deleted_;
  bool was_next_ = false;  ///< when it was applied last
};

}  // namespace floe::inline v0
