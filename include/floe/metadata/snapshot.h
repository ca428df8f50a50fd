#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace floe::inline v0 {

/// Branch that holds a table's current state.
inline constexpr std::string_view kMainBranch = "main";

/// A string map that keeps its order.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// Value of `key`; nothing if it is not set.
std::optional<std::string_view> FindProperty(const Properties& properties,
                                             std::string_view key);
/// Sets `key`, in its old place if it has one.
void SetProperty(std::string key, std::string value, Properties* properties);

/// Throws InvalidArgumentError for a property that a snapshot's summary can't get from a
/// caller, as the commit sets it: the operation, counts and totals.
void CheckSummaryProperties(const Properties& properties);

/// What a snapshot tells about itself, but for its operation. An immutable value. Of one that
/// was read, the JSON is kept until it is asked for: tables can have very many snapshots.
class SnapshotSummary {
 public:
  SnapshotSummary() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): properties are a summary
  SnapshotSummary(Properties properties) : properties_(std::move(properties)) {}
  /// `json` is an object of texts, which `owner` keeps alive.
  SnapshotSummary(std::string_view json, std::shared_ptr<const std::string> owner)
      : json_(json), owner_(std::move(owner)) {}

  /// Costs a parse if it was read.
  Properties ToProperties() const;

 private:
  Properties properties_;
  std::string_view json_;
  std::shared_ptr<const std::string> owner_;
};

/// Value of `key`; nothing if it is not set. Costs a parse.
std::optional<std::string> FindProperty(const SnapshotSummary& summary, std::string_view key);

/// A state of a table (specification, "Snapshots"). A value.
struct Snapshot {
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;  ///< location; empty only if `manifests` stand in its place
  /// Locations of manifests, in a snapshot of version 1 without a manifest list.
  std::vector<std::string> manifests;
  std::string operation;  ///< append, overwrite, replace, delete; empty if not said
  SnapshotSummary summary;
  std::optional<int32_t> schema_id;
  /// Row lineage; both or neither. Nothing before version 3.
  std::optional<int64_t> first_row_id;  ///< of the first row that was given an id
  std::optional<int64_t> added_rows;    ///< row ids taken, at most
  std::optional<std::string> key_id;    ///< of the manifest list's encryption key
  /// The snapshot's JSON as it was read, written back as it is; empty for a new one.
  std::string_view raw_json;
  std::shared_ptr<const std::string> raw_owner;
  bool raw_has_sequence_number = false;  ///< version 1 does without
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// A name for a snapshot (specification, "Snapshot References").
struct SnapshotRef {
  enum class Kind : uint8_t { kBranch, kTag };
  int64_t snapshot_id = 0;
  Kind kind = Kind::kBranch;
  std::optional<int32_t> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;
  std::optional<int64_t> max_ref_age_ms;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  bool operator==(const SnapshotRef&) const = default;
};

}  // namespace floe::inline v0
