#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Changes of a table's default partition spec, gathered and made together (specification,
/// "Partition Evolution"). Files keep the spec they were written with.
///
/// Every member throws InvalidArgumentError for what can't be, naming the field and the rule.
/// One thread at a time.
class SpecEditor {
 public:
  struct Options {
    int format_version = 2;
    int32_t last_partition_id = kFirstPartitionFieldId - 1;  ///< new fields have ids after it
    bool case_sensitive = true;                              ///< how columns are found by name
  };

  /// `specs` are all of the table's, `base` among them, over columns of `schema`.
  SpecEditor(PartitionSpecPtr base, SchemaPtr schema, std::vector<PartitionSpecPtr> specs,
             Options options);

  /// Adds a field. Without a name it gets one such as `ts_day`, `id_bucket_16`, `s_trunc_4`. A
  /// field that an older spec had, of the same column, transform and name, is that one: it gets
  /// its id (and its name, if none is given).
  void AddField(const std::string& column, const Transform& transform,
                const std::optional<std::string>& name = std::nullopt);
  /// Removes a field. In version 1 it stays, with the transform void.
  void RemoveField(const std::string& name);
  void RenameField(const std::string& name, const std::string& new_name);

  /// The spec with all changes made. If the table has had one with the same fields, it is that
  /// one; else its id is a new one.
  PartitionSpec Build() const;

 private:
  const PartitionField* FindInBase(std::string_view name) const;
  bool IsAdded(std::string_view name) const;
  bool IsRemoved(const PartitionField& field) const;
  PartitionField MakeField(const Schema::Place& source, const Transform& transform,
                           const std::optional<std::string>& name);
  void FreeName(const std::string& change, const PartitionField& added);

  PartitionSpecPtr base_;
  SchemaPtr schema_;
  std::vector<PartitionSpecPtr> specs_;
  Options options_;
  int32_t last_id_;
  std::vector<PartitionField> added_;
  std::vector<int32_t> removed_;                              ///< positions in the base
  std::vector<std::pair<std::string, std::string>> renamed_;  ///< from, to
};

}  // namespace floe::inline v0
