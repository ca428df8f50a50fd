#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/default_arrays.h"

namespace floe::inline v0 {

/// Columns with one value in all rows, by field id; it may be null.
using ConstantColumns = std::map<int32_t, std::optional<Literal>>;

/// How one column, or part of one, is turned into a column of an Iceberg schema.
struct ColumnConversion {
  const Field* target;                     ///< belongs to the schema it was planned for
  std::string path;                        ///< full dotted name
  int source = -1;                         ///< index among the fields given; −1: none
  std::shared_ptr<arrow::DataType> type;   ///< to have at the end
  bool cast = false;                       ///< the types differ
  std::vector<ColumnConversion> children;  ///< nested types
  /// Of all rows, without a source; unset: the field's default, or null.
  std::optional<Literal> constant = {};
};

/// What to do about values that can't be converted.
class ConversionRules {
 public:
  virtual ~ConversionRules() = default;
  /// Whether nulls in a required column are looked for.
  virtual bool checks_nulls() const = 0;
  /// Whether times may lose what is finer than a microsecond.
  virtual bool truncates_times() const = 0;
  /// Which default stands for a column that is not given.
  virtual DefaultKind defaults() const = 0;
  /// Throws the error for a column that has `found`.
  [[noreturn]] virtual void Fail(const ColumnConversion& column, const std::string& found,
                                 std::string_view advice) const = 0;
};

/// The batch with the converted columns, in their order.
std::shared_ptr<arrow::RecordBatch> ConvertBatch(const arrow::RecordBatch& batch,
                                                 const std::vector<ColumnConversion>& columns,
                                                 const ConversionRules& rules);

/// The Iceberg type that an Arrow type stands for; nothing if there is none.
std::optional<Type> IcebergTypeOf(const std::shared_ptr<arrow::DataType>& type);

/// Whether an Arrow type is nested in the way of an Iceberg type.
bool IsSameNesting(const arrow::DataType& type, TypeId nested);

/// The inner fields of an Arrow struct, list or map, named as Iceberg names them.
std::vector<std::shared_ptr<arrow::Field>> InnerFields(const arrow::DataType& type);

}  // namespace floe::inline v0
