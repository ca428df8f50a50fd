#include "floe/metadata/ref_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {
namespace {

constexpr SnapshotRef::Kind kBranch = SnapshotRef::Kind::kBranch;
constexpr SnapshotRef::Kind kTag = SnapshotRef::Kind::kTag;

std::string_view KindName(SnapshotRef::Kind kind) { return kind == kBranch ? "branch" : "tag"; }

[[noreturn]] void Refuse(std::string_view change, std::string_view why) {
  throw InvalidArgumentError(fmt::format("{}: {}", change, why));
}

template <class Number>
void CheckPositive(std::string_view change, std::string_view name,
                   const std::optional<Number>& value) {
  if (value.value_or(1) < 1) {
    Refuse(change, fmt::format("{} is {}; expected at least 1", name, *value));
  }
}

void SetRetentionOf(const std::string& change, const RefRetention& retention,
                    SnapshotRef* ref) {
  CheckPositive(change, "min_snapshots_to_keep", retention.min_snapshots_to_keep);
  CheckPositive(change, "max_snapshot_age_ms", retention.max_snapshot_age_ms);
  CheckPositive(change, "max_ref_age_ms", retention.max_ref_age_ms);
  if (ref->kind == kTag && (retention.min_snapshots_to_keep || retention.max_snapshot_age_ms)) {
    Refuse(change,
           "a tag is one snapshot and has no min_snapshots_to_keep or "
           "max_snapshot_age_ms; branches have");
  }
  const auto set = [](const auto& value, auto* target) {
    if (value) {
      *target = value;
    }
  };
  set(retention.min_snapshots_to_keep, &ref->min_snapshots_to_keep);
  set(retention.max_snapshot_age_ms, &ref->max_snapshot_age_ms);
  set(retention.max_ref_age_ms, &ref->max_ref_age_ms);
}

}  // namespace

std::vector<SnapshotPtr> AncestorsOf(const TableMetadata& metadata, int64_t snapshot_id) {
  std::unordered_map<int64_t, SnapshotPtr> by_id;
  for (const SnapshotPtr& snapshot : metadata.snapshots) {
    by_id.emplace(snapshot->snapshot_id, snapshot);
  }
  std::vector<SnapshotPtr> ancestors;
  std::optional<int64_t> at = snapshot_id;
  while (at) {
    // Each is taken once: damaged metadata may go round in circles.
    const auto found = by_id.extract(*at);
    at.reset();
    if (!found.empty()) {
      at = found.mapped()->parent_snapshot_id;
      ancestors.push_back(found.mapped());
    }
  }
  return ancestors;
}

SnapshotPtr HeadForWriting(const TableMetadata& metadata, const WriteBranch& branch) {
  const auto found = branch ? metadata.refs.find(*branch) : metadata.refs.end();
  if (found == metadata.refs.end()) {
    if (branch && branch->empty()) {
      throw InvalidArgumentError("can't write to a branch without a name");
    }
    return metadata.current_snapshot();
  }
  if (found->second.kind != kBranch) {
    throw InvalidArgumentError(fmt::format(
        "can't write to '{}': it is a tag, which stays at its snapshot; name a branch",
        *branch));
  }
  return metadata.FindSnapshot(found->second.snapshot_id);
}

RefEditor::RefEditor(const TableMetadata& metadata)
    : metadata_(&metadata), refs_(metadata.refs) {}

SnapshotPtr RefEditor::Require(const std::string& change, int64_t snapshot_id) const {
  SnapshotPtr snapshot = metadata_->FindSnapshot(snapshot_id);
  if (snapshot == nullptr) {
    throw NoSuchSnapshotError(
        fmt::format("{}: the table has no snapshot {}", change, snapshot_id),
        {.snapshot_id = snapshot_id});
  }
  return snapshot;
}

SnapshotRef& RefEditor::RequireRef(const std::string& change, const std::string& name,
                                   std::optional<SnapshotRef::Kind> kind) {
  const auto found = refs_.find(name);
  if (found == refs_.end()) {
    throw NoSuchSnapshotError(fmt::format("{}: there is no {} of that name", change,
                                          kind ? KindName(*kind) : "branch or tag"));
  }
  if (kind && found->second.kind != *kind) {
    Refuse(change,
           fmt::format("it is a {}, no {}", KindName(found->second.kind), KindName(*kind)));
  }
  return found->second;
}

void RefEditor::Create(const std::string& name, SnapshotRef::Kind kind, int64_t snapshot_id,
                       const RefRetention& retention) {
  const std::string change = fmt::format("can't create {} '{}'", KindName(kind), name);
  if (name.empty()) {
    Refuse(change, "it needs a name");
  }
  if (name == kMainBranch && kind == kTag) {
    Refuse(change, "main is the branch of the table's current state");
  }
  if (const auto found = refs_.find(name); found != refs_.end()) {
    throw AlreadyExistsError(
        fmt::format("{}: a {} of that name exists", change, KindName(found->second.kind)));
  }
  SnapshotRef ref;
  ref.snapshot_id = Require(change, snapshot_id)->snapshot_id;
  ref.kind = kind;
  SetRetentionOf(change, retention, &ref);
  refs_.emplace(name, std::move(ref));
}

void RefEditor::CreateBranch(const std::string& name, int64_t snapshot_id,
                             const RefRetention& retention) {
  Create(name, kBranch, snapshot_id, retention);
}

void RefEditor::CreateTag(const std::string& name, int64_t snapshot_id,
                          const RefRetention& retention) {
  Create(name, kTag, snapshot_id, retention);
}

void RefEditor::RemoveBranch(const std::string& name) {
  const std::string change = fmt::format("can't remove branch '{}'", name);
  RequireRef(change, name, kBranch);
  if (name == kMainBranch) {
    Refuse(change, "it is the table's current state");
  }
  refs_.erase(name);
}

void RefEditor::RemoveTag(const std::string& name) {
  RequireRef(fmt::format("can't remove tag '{}'", name), name, kTag);
  refs_.erase(name);
}

void RefEditor::RenameBranch(const std::string& name, const std::string& new_name) {
  const std::string change = fmt::format("can't rename branch '{}' to '{}'", name, new_name);
  SnapshotRef ref = RequireRef(change, name, kBranch);
  if (name == kMainBranch || new_name.empty()) {
    Refuse(change, new_name.empty() ? "it needs a name" : "it is the table's current state");
  }
  if (refs_.contains(new_name)) {
    throw AlreadyExistsError(fmt::format("{}: a branch or tag of that name exists", change));
  }
  refs_.erase(name);
  refs_.emplace(new_name, std::move(ref));
}

void RefEditor::Replace(const std::string& name, SnapshotRef::Kind kind, int64_t snapshot_id) {
  const std::string change =
      fmt::format("can't move {} '{}' to snapshot {}", KindName(kind), name, snapshot_id);
  SnapshotRef& ref = RequireRef(change, name, kind);
  ref.snapshot_id = Require(change, snapshot_id)->snapshot_id;
}

void RefEditor::ReplaceBranch(const std::string& name, int64_t snapshot_id) {
  Replace(name, kBranch, snapshot_id);
}

void RefEditor::ReplaceTag(const std::string& name, int64_t snapshot_id) {
  Replace(name, kTag, snapshot_id);
}

bool RefEditor::IsAncestor(int64_t snapshot_id, int64_t of) const {
  return std::ranges::any_of(AncestorsOf(*metadata_, of), [&](const SnapshotPtr& snapshot) {
    return snapshot->snapshot_id == snapshot_id;
  });
}

void RefEditor::FastForwardBranch(const std::string& name, const std::string& to) {
  const std::string change = fmt::format("can't fast-forward branch '{}' to '{}'", name, to);
  const int64_t target = RequireRef(change, to, std::nullopt).snapshot_id;
  if (!refs_.contains(name)) {
    CreateBranch(name, target);
    return;
  }
  SnapshotRef& ref = RequireRef(change, name, kBranch);
  if (!IsAncestor(ref.snapshot_id, target)) {
    Refuse(change, fmt::format("snapshot {}, the head of '{}', is no ancestor of snapshot {}, "
                               "so that its changes would be lost; replace the branch if that "
                               "is meant",
                               ref.snapshot_id, name, target));
  }
  ref.snapshot_id = target;
}

void RefEditor::SetRetention(const std::string& name, const RefRetention& retention) {
  const std::string change = fmt::format("can't set the retention of '{}'", name);
  SnapshotRef changed = RequireRef(change, name, std::nullopt);
  SetRetentionOf(change, retention, &changed);
  refs_.find(name)->second = std::move(changed);
}

void RefEditor::SetCurrentSnapshot(int64_t snapshot_id) {
  const std::string change = fmt::format("can't make snapshot {} the current one", snapshot_id);
  Require(change, snapshot_id);
  refs_[std::string(kMainBranch)].snapshot_id = snapshot_id;  // a branch, with its retention
}

void RefEditor::RollBackTo(int64_t snapshot_id) {
  const std::string change = fmt::format("can't roll back to snapshot {}", snapshot_id);
  Require(change, snapshot_id);
  const auto main = refs_.find(kMainBranch);
  if (main == refs_.end() || !IsAncestor(snapshot_id, main->second.snapshot_id)) {
    Refuse(change,
           "it is no ancestor of the current one; set the current snapshot if that is meant");
  }
  main->second.snapshot_id = snapshot_id;
}

void RefEditor::RollBackToTime(int64_t timestamp_ms) {
  const auto main = refs_.find(kMainBranch);
  for (const SnapshotPtr& snapshot : main == refs_.end()
                                         ? std::vector<SnapshotPtr>{}
                                         : AncestorsOf(*metadata_, main->second.snapshot_id)) {
    if (snapshot->timestamp_ms < timestamp_ms) {
      main->second.snapshot_id = snapshot->snapshot_id;
      return;
    }
  }
  throw NoSuchSnapshotError(fmt::format(
      "can't roll back to {} ms: the current snapshot has no ancestor that is older",
      timestamp_ms));
}

}  // namespace floe::inline v0
