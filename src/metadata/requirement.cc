#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/snapshot_changes.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"

namespace floe::inline v0 {
namespace {

std::string SnapshotText(const std::optional<int64_t>& id) {
  return id ? fmt::format("snapshot {}", *id) : "nothing";
}

std::optional<int64_t> RefTarget(const TableMetadata& metadata, const std::string& name) {
  const auto ref = metadata.refs.find(name);
  return ref == metadata.refs.end() ? std::nullopt : std::optional(ref->second.snapshot_id);
}

/// Says why a requirement does not hold; nothing if it does.
class Checker {
 public:
  explicit Checker(const TableMetadata& metadata) : metadata_(metadata) {}

  using Answer = std::optional<std::string>;

  Answer operator()(const AssertCreate& /*requirement*/) const {
    return fmt::format("the table exists already, with uuid {}", metadata_.table_uuid);
  }
  Answer operator()(const AssertTableUuid& requirement) const {
    if (metadata_.table_uuid == requirement.uuid) {
      return std::nullopt;
    }
    return fmt::format("the table was replaced: its uuid is {}, expected {}",
                       metadata_.table_uuid, requirement.uuid);
  }
  Answer operator()(const AssertRefSnapshotId& requirement) const {
    const auto found = RefTarget(metadata_, requirement.ref);
    if (found == requirement.snapshot_id) {
      const auto ref = metadata_.refs.find(requirement.ref);
      const bool is_same = !requirement.ref_before || ref == metadata_.refs.end() ||
                           ref->second == *requirement.ref_before;
      return is_same ? std::nullopt
                     : Answer(fmt::format("the retention of {} was changed", requirement.ref));
    }
    return fmt::format("{} has moved: it points to {}, expected {}", requirement.ref,
                       SnapshotText(found), SnapshotText(requirement.snapshot_id));
  }
  Answer operator()(const AssertLastAssignedFieldId& requirement) const {
    return Compare("columns were added: the last id is", metadata_.last_column_id,
                   requirement.last_assigned_field_id);
  }
  Answer operator()(const AssertCurrentSchemaId& requirement) const {
    return Compare("the schema changed: its id is", metadata_.current_schema_id,
                   requirement.current_schema_id);
  }
  Answer operator()(const AssertLastAssignedPartitionId& requirement) const {
    return Compare("partition fields were added: the last id is", metadata_.last_partition_id,
                   requirement.last_assigned_partition_id);
  }
  Answer operator()(const AssertDefaultSpecId& requirement) const {
    return Compare("the partition spec changed: its id is", metadata_.default_spec_id,
                   requirement.default_spec_id);
  }
  Answer operator()(const AssertDefaultSortOrderId& requirement) const {
    return Compare("the sort order changed: its id is", metadata_.default_sort_order_id,
                   requirement.default_sort_order_id);
  }

 private:
  static Answer Compare(std::string_view what, int32_t found, int32_t expected) {
    return found == expected
               ? std::nullopt
               : std::optional(fmt::format("{} {}, expected {}", what, found, expected));
  }

  const TableMetadata& metadata_;
};

}  // namespace

std::optional<std::string> FindConflict(const TableMetadata& metadata,
                                        const std::vector<TableRequirement>& requirements,
                                        const std::vector<TableUpdate>& updates) {
  for (const TableRequirement& requirement : requirements) {
    if (auto broken = std::visit(Checker(metadata), requirement)) {
      return broken;
    }
  }
  for (const TableUpdate& update : updates) {
    if (const auto* add = std::get_if<AddSnapshotUpdate>(&update)) {
      if (auto taken = FindTaken(*add->snapshot, metadata)) {
        return taken;
      }
    }
  }
  return std::nullopt;
}

}  // namespace floe::inline v0
