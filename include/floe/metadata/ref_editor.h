#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

/// A snapshot and those it was made from, latest first, as far as the table has them; nothing
/// if the table does not have it.
std::vector<SnapshotPtr> AncestorsOf(const TableMetadata& metadata, int64_t snapshot_id);

/// The branch that a write adds its snapshot to. Nothing: to none, so that the snapshot is in
/// the table, for cherry-picking, and not seen.
using WriteBranch = std::optional<std::string>;

/// What a snapshot that is written to `branch` follows: the branch's head; that of main for a
/// branch that is not there, which the write makes, and for none; nullptr in a table that has
/// never been written. Throws InvalidArgumentError for a tag.
SnapshotPtr HeadForWriting(const TableMetadata& metadata, const WriteBranch& branch);

/// How long a branch or tag, and the snapshots of a branch, are kept by whoever expires
/// snapshots. Nothing: as the table's properties say.
struct RefRetention {
  std::optional<int32_t> min_snapshots_to_keep;  ///< branches only
  std::optional<int64_t> max_snapshot_age_ms;    ///< branches only
  std::optional<int64_t> max_ref_age_ms;
};

/// Changes of a table's branches and tags, made one after the other on a copy of its refs.
///
/// Members throw NoSuchSnapshotError for a snapshot, branch or tag that is not there,
/// AlreadyExistsError for one that is, and InvalidArgumentError for what can't be. One thread
/// at a time.
class RefEditor {
 public:
  /// The metadata must outlive the editor.
  explicit RefEditor(const TableMetadata& metadata);

  void CreateBranch(const std::string& name, int64_t snapshot_id,
                    const RefRetention& retention = {});
  void CreateTag(const std::string& name, int64_t snapshot_id,
                 const RefRetention& retention = {});
  /// Not main.
  void RemoveBranch(const std::string& name);
  void RemoveTag(const std::string& name);
  /// Not main.
  void RenameBranch(const std::string& name, const std::string& new_name);
  /// Moves a branch (or tag) to any snapshot; its retention stays.
  void ReplaceBranch(const std::string& name, int64_t snapshot_id);
  void ReplaceTag(const std::string& name, int64_t snapshot_id);
  /// Moves branch `name` to where `to` points; its head must be among the ancestors of that.
  /// A branch that is not there is made.
  void FastForwardBranch(const std::string& name, const std::string& to);
  /// Sets what `retention` says, and leaves the rest.
  void SetRetention(const std::string& name, const RefRetention& retention);
  /// Moves main to any snapshot.
  void SetCurrentSnapshot(int64_t snapshot_id);
  /// Moves main back to one of its ancestors.
  void RollBackTo(int64_t snapshot_id);
  /// Moves main back to the latest of its ancestors that is older than `timestamp_ms`.
  void RollBackToTime(int64_t timestamp_ms);

  const std::map<std::string, SnapshotRef, std::less<>>& refs() const { return refs_; }

 private:
  SnapshotPtr Require(const std::string& change, int64_t snapshot_id) const;
  SnapshotRef& RequireRef(const std::string& change, const std::string& name,
                          std::optional<SnapshotRef::Kind> kind);
  void Create(const std::string& name, SnapshotRef::Kind kind, int64_t snapshot_id,
              const RefRetention& retention);
  void Replace(const std::string& name, SnapshotRef::Kind kind, int64_t snapshot_id);
  bool IsAncestor(int64_t snapshot_id, int64_t of) const;

  const TableMetadata* metadata_;
  std::map<std::string, SnapshotRef, std::less<>> refs_;
};

}  // namespace floe::inline v0
