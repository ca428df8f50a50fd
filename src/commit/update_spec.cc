#include "floe/commit/update_spec.h"

#include <algorithm>
#include <memory>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "floe/partition/spec.h"
#include "floe/partition/spec_editor.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

SpecEditor UpdateSpec::EditorFor(const TableMetadata& metadata, bool case_sensitive) {
  return {metadata.spec(),
          metadata.schema(),
          metadata.partition_specs,
          {.format_version = metadata.format_version,
           .last_partition_id = metadata.last_partition_id,
           .case_sensitive = case_sensitive}};
}

AppliedChange UpdateSpec::Apply(const Table& base) {
  const TableMetadata& metadata = base.metadata();
  SpecEditor editor = EditorFor(metadata, case_sensitive_);
  edit_(editor);
  applied_ = editor.Build();
  is_new_ = false;
  if (applied_->spec_id() == metadata.default_spec_id) {
    return {};
  }
  AppliedChange change;
  change.requirements.emplace_back(AssertDefaultSpecId{metadata.default_spec_id});
  // The columns that its fields are made from are those of this schema.
  change.requirements.emplace_back(AssertCurrentSchemaId{metadata.current_schema_id});
  is_new_ = std::ranges::none_of(metadata.partition_specs, [&](const PartitionSpecPtr& spec) {
    return spec->spec_id() == applied_->spec_id();
  });
  if (!is_new_) {
    change.updates.emplace_back(SetDefaultSpecUpdate{applied_->spec_id()});
    return change;
  }
  change.requirements.emplace_back(AssertLastAssignedPartitionId{metadata.last_partition_id});
  change.updates.emplace_back(AddSpecUpdate{std::make_shared<const PartitionSpec>(*applied_)});
  change.updates.emplace_back(SetDefaultSpecUpdate{kLastAdded});
  return change;
}

bool UpdateSpec::IsIn(const TableMetadata& metadata) const {
  if (!applied_ || !is_new_) {
    return !applied_ || metadata.default_spec_id == applied_->spec_id();
  }
  return std::ranges::any_of(metadata.partition_specs, [&](const PartitionSpecPtr& spec) {
    return spec->spec_id() == applied_->spec_id() && spec->SameFields(*applied_);
  });
}

}  // namespace floe::inline v0
