#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// First id of a partition field (specification, "Partition Evolution").
inline constexpr int32_t kFirstPartitionFieldId = 1000;

struct PartitionField {
  int32_t source_id;  ///< id of the column
  int32_t field_id;   ///< 1000 and up
  std::string name;
  Transform transform;
  /// Members of its JSON that floe does not know.
  std::vector<std::pair<std::string, std::string>> extras;
  /// All columns of a transform of several, which is unknown to floe; `source_id` is the first.
  /// Empty for the others.
  std::vector<int32_t> source_ids = {};
  bool operator==(const PartitionField&) const = default;
};

/// Partition values of a file or row, one for each field of the spec; nothing is null.
using PartitionValues = std::vector<std::optional<Literal>>;

/// Bytes that two tuples of one spec share exactly if they are the same partition.
std::string PartitionKey(const PartitionValues& values);

/// How a table is cut into partitions. Immutable; share it by shared_ptr. Thread-safe.
class PartitionSpec {
 public:
  PartitionSpec() = default;
  PartitionSpec(int32_t spec_id, std::vector<PartitionField> fields,
                std::vector<std::pair<std::string, std::string>> extras = {})
      : spec_id_(spec_id), fields_(std::move(fields)), extras_(std::move(extras)) {}

  int32_t spec_id() const { return spec_id_; }
  const std::vector<PartitionField>& fields() const { return fields_; }
  /// Members of its JSON that floe does not know.
  const std::vector<std::pair<std::string, std::string>>& extras() const { return extras_; }
  bool is_unpartitioned() const;
  int32_t highest_field_id() const;
  /// Same fields; the ids of the specs aside.
  bool SameFields(const PartitionSpec& other) const { return fields_ == other.fields_; }

  /// The folder of a partition: `month=2024-01/bucket=3`, names and values URL-encoded.
  std::string PathOf(const PartitionValues& values) const;

 private:
  int32_t spec_id_ = 0;
  std::vector<PartitionField> fields_;
  std::vector<std::pair<std::string, std::string>> extras_;
};

using PartitionSpecPtr = std::shared_ptr<const PartitionSpec>;

/// The struct of partition values: fields with the spec's ids and names, all optional.
/// A source column is looked for in `schema`, then in `older` (it may have been dropped). Where
/// the type can't be told, as the transform is unknown or keeps the type of a column that is
/// nowhere, the field is of type unknown: its values are not read, and prune nothing.
Type PartitionType(const PartitionSpec& spec, const Schema& schema,
                   const std::vector<SchemaPtr>& older = {});

/// Checks a new table's spec against its schema and gives fields without an id (0) theirs.
/// Throws InvalidArgumentError: unknown column, transform that does not apply, name used
/// twice or taken by a column that is not the identity source.
PartitionSpec MakePartitionSpec(const PartitionSpec& wanted, const Schema& schema);

/// Throws UnsupportedError naming the field, and what to do, if files can't be written under
/// `spec`, as values of one of its fields can be neither computed nor kept. `type` is that of
/// its values.
void CheckWritable(const PartitionSpec& spec, const Schema& schema, const Type& type);

std::string PartitionSpecToJson(const PartitionSpec& spec);
PartitionSpec PartitionSpecFromJson(std::string text);

}  // namespace floe::inline v0
