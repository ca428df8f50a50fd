#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// The way from a top-level column down to one primitive, which is a Parquet column.
struct LeafPath {
  size_t column = 0;                 ///< index of the top-level column
  std::vector<const Field*> fields;  ///< from the top-level column to the primitive
  std::vector<int> children;         ///< child index at each step; one less than `fields`

  const Field& leaf() const { return *fields.back(); }
  bool is_flat() const { return fields.size() == 1; }
  /// A list or map lies on the way.
  bool is_repeated() const;
};

/// All primitives of a schema, in the order of their Parquet columns; of a variant the two
/// that it is stored in, which have no ids. The fields belong to `schema`.
std::vector<LeafPath> LeafPathsOf(const Schema& schema);

/// The values of one primitive with what Parquet needs to put them back in their places
/// (Dremel encoding). `rep_levels` is empty without lists, `def_levels` if nothing on the way
/// is optional; `values` has a slot for each level at or below the last list.
struct LeafValues {
  std::vector<int16_t> def_levels;
  std::vector<int16_t> rep_levels;
  int64_t level_count = 0;
  std::shared_ptr<arrow::Array> values;
};

/// Takes the primitive at `path` out of its top-level column.
LeafValues ShredLeaf(const std::shared_ptr<arrow::Array>& column, const LeafPath& path);

}  // namespace floe::inline v0
