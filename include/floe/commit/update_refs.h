#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "floe/commit/change.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Changes branches and tags, with them the table's current snapshot. A branch or tag that is
/// moved or removed must be as it was in the table that the change was planned on, or it is a
/// conflict: what others did in it meanwhile would be lost.
class UpdateRefs final : public Change {
 public:
  using Edit = std::function<void(RefEditor&)>;

  UpdateRefs(const Table& table, Edit edit);

  /// Throws CommitConflictError for a ref that others have moved.
  bool NeedsAllSnapshots() const override { return true; }
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  using Refs = std::map<std::string, SnapshotRef, std::less<>>;

  const Refs planned_on_;
  const Edit edit_;
  std::vector<TableUpdate> applied_;
};

}  // namespace floe::inline v0
