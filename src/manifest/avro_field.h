#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "manifest/manifest_schema.h"

namespace floe::inline v0 {

/// A record field seen through its union of null and a type, if it is one.
struct OptionalAvroField {
  int32_t field_id = -1;               ///< −1: none
  const AvroSchema* schema = nullptr;  ///< the type
  int64_t value_branch = -1;           ///< −1: not a union
  int64_t branch_count = 0;

  bool is_union() const { return value_branch >= 0; }

  /// Resolves `field`; a union of several types leaves `schema` the union itself.
  static OptionalAvroField Of(const AvroField& field) {
    OptionalAvroField resolved{field.field_id.value_or(-1), field.schema.get(), -1, 0};
    if (field.schema->kind != AvroKind::kUnion) {
      return resolved;
    }
    const auto& branches = field.schema->branches;
    const auto is_value = [](const AvroSchemaPtr& branch) {
      return branch->kind != AvroKind::kNull;
    };
    if (std::ranges::count_if(branches, is_value) == 1) {
      const auto value = std::ranges::find_if(branches, is_value);
      resolved.schema = value->get();
      resolved.value_branch = value - branches.begin();
      resolved.branch_count = static_cast<int64_t>(branches.size());
    }
    return resolved;
  }

  /// Reads the union's branch, if it is one; false for null.
  bool HasValue(AvroCursor& cursor) const {
    if (value_branch < 0) {
      return true;
    }
    const int64_t branch = cursor.ReadLong();
    if (branch < 0 || branch >= branch_count) {
      cursor.Fail("a union's branch does not exist");
    }
    return branch == value_branch;
  }

  bool is_integer() const {
    return schema->kind == AvroKind::kInt || schema->kind == AvroKind::kLong;
  }
  bool is_bytes() const {
    return schema->kind == AvroKind::kBytes || schema->kind == AvroKind::kString;
  }
};

/// The fields of a record. Those that have no id, as old writers left them out, are known by
/// their names in `known`, unless another field has that id.
std::vector<OptionalAvroField> FieldsOf(const AvroSchema& record,
                                        std::span<const ManifestField> known);

}  // namespace floe::inline v0
