#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/partition/spec.h"

namespace floe::inline v0 {

/// What a filter on columns says about partition values, as a filter on the partition struct
/// (paths are indexes of the spec's fields). Inclusive: true for every partition that may
/// hold a matching row.
BoundExpressionPtr ProjectInclusive(const BoundExpression& filter, const PartitionSpec& spec,
                                    const Type& partition_type);

/// Strict: true only for partitions all of whose rows match.
BoundExpressionPtr ProjectStrict(const BoundExpression& filter, const PartitionSpec& spec,
                                 const Type& partition_type);

/// The truth of a projected filter for one partition.
bool EvaluatePartition(const BoundExpression& filter, const PartitionValues& values);

/// What a manifest list says about one partition field of a manifest's files.
struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string_view> lower_bound;  ///< single-value binary form
  std::optional<std::string_view> upper_bound;
};

/// False only if no file of the manifest can be in a matching partition. `filter` is an
/// inclusive projection; `summaries` follow the spec's fields (empty: not known).
bool ManifestMayMatch(const BoundExpression& filter,
                      const std::vector<FieldSummary>& summaries);

/// False only if no file of the manifest can be in the partition of these values.
bool ManifestMayContain(const std::vector<FieldSummary>& summaries,
                        const PartitionValues& partition);

/// Statistics of one column over some rows: a file, a row group. Unset is unknown. Bounds are
/// in single-value binary form and may be wider than the values.
struct ColumnStatistics {
  std::optional<int64_t> value_count;
  std::optional<int64_t> null_count;
  std::optional<int64_t> nan_count;
  std::optional<std::string_view> lower_bound;
  std::optional<std::string_view> upper_bound;
};

/// Where the evaluators below take statistics from.
class StatisticsSource {
 public:
  virtual ~StatisticsSource() = default;
  /// Rows altogether; negative if unknown.
  virtual int64_t row_count() const = 0;
  virtual ColumnStatistics OfColumn(int32_t field_id) const = 0;
};

/// False only if statistics rule out that any row matches.
bool RowsMayMatch(const BoundExpression& filter, const StatisticsSource& statistics);

/// True only if statistics prove that every row matches.
bool AllRowsMatch(const BoundExpression& filter, const StatisticsSource& statistics);

}  // namespace floe::inline v0
