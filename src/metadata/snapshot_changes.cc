#include "floe/metadata/snapshot_changes.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

std::optional<std::string> FindTaken(const Snapshot& snapshot, const TableMetadata& metadata) {
  if (metadata.format_version >= 2 &&
      snapshot.sequence_number <= metadata.last_sequence_number) {
    return fmt::format("another branch has moved: sequence number {} is taken",
                       snapshot.sequence_number);
  }
  if (metadata.format_version >= 3 &&
      snapshot.first_row_id.value_or(-1) < metadata.next_row_id) {
    return fmt::format(
        "another branch has moved, or the table was upgraded: the next row id "
        "is {}, and the snapshot was made for {}",
        metadata.next_row_id,
        snapshot.first_row_id ? fmt::to_string(*snapshot.first_row_id) : "none");
  }
  return std::nullopt;
}

void AddSnapshot(SnapshotPtr snapshot, TableMetadata* metadata) {
  Check(metadata->FindSnapshot(snapshot->snapshot_id) == nullptr,
        "a snapshot id that the table has already");
  Check(!FindTaken(*snapshot, *metadata), "a snapshot with old sequence number or row ids");
  if (metadata->format_version >= 2) {
    metadata->last_sequence_number = snapshot->sequence_number;
  }
  if (metadata->format_version >= 3) {
    Check(snapshot->first_row_id && snapshot->added_rows, "a snapshot without row lineage");
    metadata->next_row_id = *snapshot->first_row_id + *snapshot->added_rows;
  }
  metadata->snapshots.push_back(std::move(snapshot));
}

void CheckFormatVersionRaise(int format_version, const TableMetadata& metadata) {
  const std::string change =
      fmt::format("can't change the table at {} from format version {} to {}",
                  metadata.location, metadata.format_version, format_version);
  if (format_version > kMaxFormatVersion) {
    throw UnsupportedError(fmt::format("{}: this version of floe knows versions {} to {}",
                                       change, kMinFormatVersion, kMaxFormatVersion));
  }
  if (format_version < metadata.format_version) {
    throw InvalidArgumentError(fmt::format("{}: a table can't go back", change));
  }
}

void RaiseFormatVersion(int format_version, TableMetadata* metadata) {
  CheckFormatVersionRaise(format_version, *metadata);
  metadata->format_version = format_version;
}

}  // namespace floe::inline v0
