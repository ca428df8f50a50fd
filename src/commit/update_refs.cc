#include "floe/commit/update_refs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

template <class Refs>
std::optional<SnapshotRef> Find(const Refs& refs, const std::string& name) {
  const auto found = refs.find(name);
  return found == refs.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int64_t> Target(const std::optional<SnapshotRef>& ref) {
  return ref ? std::optional(ref->snapshot_id) : std::nullopt;
}

}  // namespace

UpdateRefs::UpdateRefs(const Table& table, Edit edit)
    : planned_on_(table.metadata().refs), edit_(std::move(edit)) {}

AppliedChange UpdateRefs::Apply(const Table& base) {
  RefEditor editor(base.metadata());
  edit_(editor);
  const Refs& before = base.metadata().refs;
  std::set<std::string> names;
  for (const Refs* refs : {&before, &editor.refs()}) {
    for (const auto& [name, ref] : *refs) {
      names.insert(name);
    }
  }
  AppliedChange change;
  for (const std::string& name : names) {
    const auto from = Find(before, name);
    const auto to = Find(editor.refs(), name);
    if (from == to) {
      continue;
    }
    if (Target(from) != Target(Find(planned_on_, name))) {
      throw CommitConflictError(
          fmt::format(
              "branch or tag '{}' of table {} was moved by others meanwhile; nothing of "
              "this change is in the table: refresh and try again",
              name, base.identifier().ToString()),
          {.table = base.identifier().ToString()});
    }
    change.requirements.emplace_back(AssertRefSnapshotId{name, Target(from), from});
    if (to) {
      change.updates.emplace_back(SetSnapshotRefUpdate{name, *to});
    } else {
      change.updates.emplace_back(RemoveSnapshotRefUpdate{name});
    }
  }
  applied_ = change.updates;
  return change;
}

bool UpdateRefs::IsIn(const TableMetadata& metadata) const {
  return std::ranges::all_of(applied_, [&](const TableUpdate& update) {
    if (const auto* set = std::get_if<SetSnapshotRefUpdate>(&update)) {
      return Find(metadata.refs, set->ref_name) == set->ref;
    }
    return !metadata.refs.contains(std::get<RemoveSnapshotRefUpdate>(update).ref_name);
  });
}

}  // namespace floe::inline v0
