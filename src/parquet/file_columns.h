#pragma once

#include <arrow/type_fwd.h>
#include <parquet/arrow/schema.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/schema/name_mapping.h"
#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

/// The columns of a Parquet file by field id. Immutable.
class FileColumns {
 public:
  /// `mapping` gives ids to fields without one; may be null. Throws UnsupportedError naming the
  /// file if it has no field ids, and there is no mapping.
  FileColumns(const parquet::arrow::SchemaManifest& manifest, const NameMapping* mapping,
              std::string location);

  /// A column of the file, which may be nested; null if it does not have it.
  const parquet::arrow::SchemaField* Find(int32_t field_id) const;

  /// The Parquet column that holds a primitive outside of lists and maps; nothing if the file
  /// does not have it.
  std::optional<int> FindLeaf(int32_t field_id) const;

  /// Parquet columns that hold the primitives of `schema`, in the file's order. A struct that
  /// has none of the wanted fields in the file is represented by one of its columns, as its
  /// nulls are needed.
  std::vector<int> FindLeaves(const Schema& schema) const;

 private:
  const std::vector<parquet::arrow::SchemaField> fields_;
  const std::string location_;
  const std::unordered_map<int32_t, size_t> positions_;
  std::unordered_map<int32_t, int> leaves_;  ///< outside of lists and maps
};

/// Values in data files are taken as they come, times without what is finer than the table's;
/// what can't be read at all is a CorruptFileError.
class DataFileRules final : public ConversionRules {
 public:
  explicit DataFileRules(std::string location) : location_(std::move(location)) {}
  bool checks_nulls() const override { return true; }
  DefaultKind defaults() const override { return DefaultKind::kInitial; }
  bool truncates_times() const override { return true; }
  [[noreturn]] void Fail(const ColumnConversion& column, const std::string& found,
                         std::string_view advice) const override;

 private:
  std::string location_;
};

/// Throws the UnsupportedError for a file whose columns can't be told.
[[noreturn]] void ThrowNoIds(const std::string& location);

/// Columns of `schema` that `filter` reads.
SchemaPtr ColumnsOfFilter(const Schema& schema, const BoundExpression& filter);

/// How batches that were read with schema `read` (field ids in its metadata) become rows of
/// `schema`; columns that it lacks are among `constants`, or null. Throws CorruptFileError if a
/// column's type can't be promoted or a required one is missing.
std::vector<ColumnConversion> PlanFileConversion(const arrow::Schema& read,
                                                 const Schema& schema,
                                                 const ConstantColumns& constants,
                                                 const std::string& location);

}  // namespace floe::inline v0
