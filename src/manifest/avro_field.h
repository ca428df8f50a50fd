#pragma once

#include <cstdint>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"

namespace floe::inline v0 {

/// A record field seen through its `[null, T]` union, if it is one.
struct OptionalAvroField {
  int32_t field_id = -1;               ///< −1: none
  const AvroSchema* schema = nullptr;  ///< T
  int64_t null_branch = -1;            ///< −1: not a union

  /// Resolves `field`; a union of other shape leaves `schema` the union itself.
  static OptionalAvroField Of(const AvroField& field) {
    OptionalAvroField resolved{field.field_id.value_or(-1), field.schema.get(), -1};
    const auto& branches = field.schema->branches;
    if (field.schema->kind == AvroKind::kUnion && branches.size() == 2) {
      for (size_t i = 0; i < 2; ++i) {
        if (branches[i]->kind == AvroKind::kNull) {
          resolved.null_branch = static_cast<int64_t>(i);
          resolved.schema = branches[1 - i].get();
        }
      }
    }
    return resolved;
  }

  /// Reads the union's branch, if it is one; false for null.
  bool HasValue(AvroCursor& cursor) const {
    if (null_branch < 0) {
      return true;
    }
    const int64_t branch = cursor.ReadLong();
    if (branch != 0 && branch != 1) {
      cursor.Fail("a union's branch does not exist");
    }
    return branch != null_branch;
  }

  bool is_integer() const {
    return schema->kind == AvroKind::kInt || schema->kind == AvroKind::kLong;
  }
  bool is_bytes() const {
    return schema->kind == AvroKind::kBytes || schema->kind == AvroKind::kString;
  }
};

}  // namespace floe::inline v0
