#pragma once

#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/expr/prune.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "parquet/column_conversion.h"
#include "parquet/file_columns.h"

namespace floe::inline v0 {

/// Bounds in single-value form. What it hands out lives as long as it does.
class BoundBytes {
 public:
  std::optional<std::string_view> Keep(const std::optional<Literal>& bound) const;

 private:
  mutable std::vector<std::unique_ptr<std::string>> kept_;
};

/// Statistics of one row group of a Parquet file, by the ids of fields of `schema`. A column
/// that the file lacks is all null, unless it is constant or has a default. All that is given
/// must outlive this; one thread at a time.
class RowGroupStatistics final : public StatisticsSource {
 public:
  RowGroupStatistics(const parquet::RowGroupMetaData& group, const FileColumns& columns,
                     const Schema& schema, const ConstantColumns& constants)
      : group_(group), columns_(columns), schema_(schema), constants_(constants) {}

  int64_t row_count() const override { return group_.num_rows(); }
  ColumnStatistics OfColumn(int32_t field_id) const override;

 private:
  bool HasDefault(int32_t field_id) const;

  const parquet::RowGroupMetaData& group_;
  const FileColumns& columns_;
  const Schema& schema_;
  const ConstantColumns& constants_;
  BoundBytes bounds_;
};

}  // namespace floe::inline v0
