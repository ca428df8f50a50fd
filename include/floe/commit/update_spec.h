#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/partition/spec_editor.h"

namespace floe::inline v0 {

/// Changes how new files are partitioned; files that are there stay as they are, and are read
/// by the spec they were written with. If someone else changed the spec first, the edits are
/// made again on theirs.
class UpdateSpec final : public Change {
 public:
  using Edit = std::function<void(SpecEditor&)>;

  explicit UpdateSpec(Edit edit, bool case_sensitive = true)
      : edit_(std::move(edit)), case_sensitive_(case_sensitive) {}

  /// The editor that the edits are made on, for `metadata`.
  static SpecEditor EditorFor(const TableMetadata& metadata, bool case_sensitive);

  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const Edit edit_;
  const bool case_sensitive_;
  std::optional<PartitionSpec> applied_;
  bool is_new_ = false;  ///< the spec, in the table
};

}  // namespace floe::inline v0
