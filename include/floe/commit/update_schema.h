#pragma once

#include <functional>
#include <optional>

#include "floe/commit/change.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/schema.h"
#include "floe/schema/schema_editor.h"

namespace floe::inline v0 {

/// Changes the columns of a table. If someone else changed them first, the edits are made again
/// on what they left: both changes hold, or the edits throw what is wrong with them now.
///
/// Beyond what SchemaEditor refuses, a column that the default partition spec or sort order is
/// made from can't be deleted, and no column can have the name of a partition field that is
/// something else. A `schema.name-mapping.default` of the table follows the changes.
class UpdateSchema final : public Change {
 public:
  using Edit = std::function<void(SchemaEditor&)>;
  struct Options {
    bool allow_incompatible = false;
    bool case_sensitive = true;
  };

  explicit UpdateSchema(Edit edit) : UpdateSchema(std::move(edit), Options()) {}
  UpdateSchema(Edit edit, Options options) : edit_(std::move(edit)), options_(options) {}

  /// The editor that the edits are made on, for `metadata`.
  static SchemaEditor EditorFor(const TableMetadata& metadata, const Options& options);

  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const Edit edit_;
  const Options options_;
  SchemaPtr applied_;
  bool is_new_ = false;  ///< the schema, in the table
};

}  // namespace floe::inline v0
