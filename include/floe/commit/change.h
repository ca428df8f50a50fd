#pragma once

#include <string>
#include <vector>

#include "floe/metadata/update.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// What a change asks of the catalog, made from one base.
struct AppliedChange {
  std::vector<TableRequirement> requirements;
  std::vector<TableUpdate> updates;
  /// Files written for it, which must be durable before the commit.
  std::vector<std::string> new_files;
};

/// A change to a table that can be made again from another base when a commit meets a
/// conflict. Knows files, schemas and refs, but no rows. One thread at a time.
class Change {
 public:
  virtual ~Change() = default;

  /// Checks that the change still means the same on `base`, which may be newer than what it
  /// was planned on. Throws CommitConflictError if not.
  virtual void Validate(const Table& /*base*/) {}
  /// Whether it looks at snapshots that no branch or tag points at. Its bases have all then.
  virtual bool NeedsAllSnapshots() const { return false; }
  /// Writes what is needed (manifests, never data) and says what to commit. Without updates
  /// there is nothing to do. What an earlier call wrote is used again where it still stands.
  virtual AppliedChange Apply(const Table& base) = 0;
  /// Whether `metadata` has this change, as applied last.
  virtual bool IsIn(const TableMetadata& metadata) const = 0;
  /// Removes files of earlier calls of Apply() that the last one does not use. Never throws.
  virtual void DiscardUnused() noexcept {}
  /// Removes all files that Apply() wrote: the commit is known to have failed. Never throws.
  virtual void DiscardAll() noexcept {}
};

}  // namespace floe::inline v0
