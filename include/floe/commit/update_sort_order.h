#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "floe/commit/change.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/sort_order_editor.h"

namespace floe::inline v0 {

/// Replaces the order that engines should sort new files by; files that are there stay as they
/// are. If someone else changed the columns first, the fields are looked for in theirs; of two
/// orders set at once, the later one holds.
class UpdateSortOrder final : public Change {
 public:
  using Edit = std::function<void(SortOrderEditor&)>;

  explicit UpdateSortOrder(Edit edit, bool case_sensitive = true)
      : edit_(std::move(edit)), case_sensitive_(case_sensitive) {}

  /// The editor that the edits are made on, for `metadata`.
  static SortOrderEditor EditorFor(const TableMetadata& metadata, bool case_sensitive);

  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const Edit edit_;
  const bool case_sensitive_;
  std::optional<SortOrder> applied_;
  bool is_new_ = false;  ///< the order, in the table
};

}  // namespace floe::inline v0
