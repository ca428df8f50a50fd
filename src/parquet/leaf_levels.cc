#include "parquet/leaf_levels.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/variant_columns.h"

namespace floe::inline v0 {

bool LeafPath::is_repeated() const {
  return std::ranges::any_of(fields, [](const Field* field) {
    return field->type.id() == TypeId::kList || field->type.id() == TypeId::kMap;
  });
}

namespace {

/// The fields that a group for `type` has in a file.
const std::vector<Field>& StoredFields(const Type& type) {
  return type.id() == TypeId::kVariant ? VariantParts() : type.fields();
}

void CollectLeaves(const Field& field, LeafPath path, std::vector<LeafPath>* leaves) {
  if (field.type.id() == TypeId::kUnknown) {
    return;  // is not stored
  }
  path.fields.push_back(&field);
  if (field.type.is_primitive()) {
    leaves->push_back(std::move(path));
    return;
  }
  const std::vector<Field>& stored = StoredFields(field.type);
  for (size_t i = 0; i < stored.size(); ++i) {
    LeafPath child = path;
    child.children.push_back(static_cast<int>(i));
    CollectLeaves(stored[i], std::move(child), leaves);
  }
}

/// Positions on the way down: one for each value, null or empty list so far.
struct Slots {
  static constexpr int64_t kDead = -1;  ///< ended in a null or an empty list above

  std::vector<int16_t> def;
  std::vector<int16_t> rep;
  std::vector<int64_t> index;  ///< in the current array, or kDead

  explicit Slots(int64_t rows) : def(Size(rows)), rep(Size(rows)), index(Size(rows)) {
    for (size_t i = 0; i < index.size(); ++i) {
      index[i] = static_cast<int64_t>(i);
    }
  }
  size_t size() const { return index.size(); }

  /// Ends slots whose value is null; the others have one more level defined.
  void PassOptional(const arrow::Array& array) {
    for (size_t i = 0; i < size(); ++i) {
      if (index[i] == kDead) {
        continue;
      }
      if (array.IsNull(index[i])) {
        index[i] = kDead;
      } else {
        ++def[i];
      }
    }
  }

  /// Replaces each list by its elements, the first of which keeps the list's repetition level.
  void Expand(const arrow::ListArray& lists, int16_t rep_level) {
    Slots expanded(0);
    for (size_t i = 0; i < size(); ++i) {
      const int64_t at = index[i];
      const int64_t count = at == kDead ? 0 : lists.value_length(at);
      if (count == 0) {
        expanded.Push(def[i], rep[i], kDead);
        continue;
      }
      for (int64_t k = 0; k < count; ++k) {
        expanded.Push(static_cast<int16_t>(def[i] + 1), k == 0 ? rep[i] : rep_level,
                      lists.value_offset(at) + k);
      }
    }
    *this = std::move(expanded);
  }

 private:
  static size_t Size(int64_t rows) { return static_cast<size_t>(rows); }
  void Push(int16_t def_level, int16_t rep_level, int64_t at) {
    def.push_back(def_level);
    rep.push_back(rep_level);
    index.push_back(at);
  }
};

/// Values at the slots whose definition level reaches `min_def`; dead ones are null.
std::shared_ptr<arrow::Array> Gather(const std::shared_ptr<arrow::Array>& values,
                                     const Slots& slots, int16_t min_def) {
  arrow::Int64Builder indices(BufferPool());
  const ArrowContext context = ArrowContext::Internal("flattening nested values");
  ThrowIfNotOk(indices.Reserve(static_cast<int64_t>(slots.size())), context);
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots.def[i] < min_def) {
      continue;
    }
    if (slots.index[i] == Slots::kDead) {
      indices.UnsafeAppendNull();
    } else {
      indices.UnsafeAppend(slots.index[i]);
    }
  }
  const auto index_array = ValueOrThrow(indices.Finish(), context);
  return ValueOrThrow(
      arrow::compute::Take(*values, *index_array, arrow::compute::TakeOptions::Defaults(),
                           BufferContext()),
      context);
}

LeafValues ShredFlat(const std::shared_ptr<arrow::Array>& column, bool required) {
  LeafValues leaf;
  leaf.values = column;
  leaf.level_count = column->length();
  if (!required) {
    leaf.def_levels.assign(static_cast<size_t>(column->length()), 1);
    if (column->null_count() > 0) {
      for (int64_t i = 0; i < column->length(); ++i) {
        leaf.def_levels[static_cast<size_t>(i)] = column->IsValid(i) ? 1 : 0;
      }
    }
  }
  return leaf;
}

}  // namespace

std::vector<LeafPath> LeafPathsOf(const Schema& schema) {
  std::vector<LeafPath> leaves;
  for (size_t i = 0; i < schema.fields().size(); ++i) {
    LeafPath path;
    path.column = i;
    CollectLeaves(schema.fields()[i], std::move(path), &leaves);
  }
  return leaves;
}

LeafValues ShredLeaf(const std::shared_ptr<arrow::Array>& column, const LeafPath& path) {
  if (path.is_flat()) {
    return ShredFlat(column, path.leaf().required);
  }
  Slots slots(column->length());
  std::shared_ptr<arrow::Array> array = column;
  int16_t rep_level = 0;
  int16_t max_def = 0;
  int16_t list_def = 0;  // definition level of elements of the last list
  for (size_t step = 0; step < path.fields.size(); ++step) {
    const Field& field = *path.fields[step];
    if (!field.required) {
      slots.PassOptional(*array);
      ++max_def;
    }
    if (field.type.is_primitive()) {
      break;
    }
    const int child = path.children[step];
    if (field.type.id() == TypeId::kStruct || field.type.id() == TypeId::kVariant) {
      array = static_cast<const arrow::StructArray&>(*array).field(child);
      continue;
    }
    const auto& lists = static_cast<const arrow::ListArray&>(*array);  // a map is one, too
    slots.Expand(lists, ++rep_level);
    list_def = ++max_def;
    array = lists.values();
    if (field.type.id() == TypeId::kMap) {
      const auto& pairs = static_cast<const arrow::StructArray&>(*array);
      array = pairs.field(child);
    }
  }
  LeafValues leaf;
  leaf.level_count = static_cast<int64_t>(slots.size());
  leaf.values = Gather(array, slots, list_def);
  if (max_def > 0) {
    leaf.def_levels = std::move(slots.def);
  }
  if (rep_level > 0) {
    leaf.rep_levels = std::move(slots.rep);
  }
  return leaf;
}

}  // namespace floe::inline v0
