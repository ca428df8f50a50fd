#include "parquet/page_filter.h"

#include <arrow/io/interfaces.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/prune.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/column_bounds.h"
#include "parquet/data_pages.h"
#include "parquet/file_columns.h"
#include "parquet/row_group_statistics.h"
#include "parquet/row_run.h"

namespace floe::inline v0 {
namespace {

/// One column's pages, with what is known of their values.
struct ColumnPages {
  std::vector<DataPage> pages;
  std::vector<ColumnStatistics> statistics;
  size_t at = 0;  ///< the page that has the current rows
};

/// Statistics of rows that lie in one page of each column.
class RowsOfPages final : public StatisticsSource {
 public:
  RowsOfPages(const std::map<int32_t, ColumnPages>& columns, const StatisticsSource& row_group)
      : columns_(columns), row_group_(row_group) {}

  int64_t row_count() const override { return row_group_.row_count(); }
  ColumnStatistics OfColumn(int32_t field_id) const override {
    const auto found = columns_.find(field_id);
    return found == columns_.end() ? row_group_.OfColumn(field_id)
                                   : found->second.statistics[found->second.at];
  }

 private:
  const std::map<int32_t, ColumnPages>& columns_;
  const StatisticsSource& row_group_;
};

std::optional<ColumnPages> ReadColumn(arrow::io::RandomAccessFile& file,
                                      const parquet::RowGroupMetaData& group, int leaf,
                                      const Type& type, const BoundBytes& bounds) {
  auto chunk = ReadPages(file, group, leaf);
  if (!chunk || chunk->pages.size() == 1) {
    return std::nullopt;  // one page has what the row group has
  }
  const auto statistics = ReadPageStatistics(file, group, leaf, type, chunk->pages);
  if (!statistics) {
    return std::nullopt;
  }
  ColumnPages column{std::move(chunk->pages), {}};
  for (size_t i = 0; i < column.pages.size(); ++i) {
    const ChunkStatistics& page = (*statistics)[i];
    column.statistics.push_back({.value_count = column.pages[i].row_count,
                                 .null_count = page.null_count,
                                 .lower_bound = bounds.Keep(page.lower),
                                 .upper_bound = bounds.Keep(page.upper)});
  }
  return column;
}

}  // namespace

std::optional<std::vector<RowRun>> RowsLeftByPages(arrow::io::RandomAccessFile& file,
                                                   const parquet::RowGroupMetaData& group,
                                                   const BoundExpression& filter,
                                                   const Schema& schema,
                                                   const FileColumns& columns,
                                                   const StatisticsSource& statistics) {
  const BoundBytes bounds;
  std::map<int32_t, ColumnPages> paged;
  for (const Schema::Place& place : schema.places()) {
    const Field& field = *place.field;
    const auto leaf =
        field.type.is_primitive() ? columns.FindLeaf(field.id) : std::optional<int>();
    if (auto pages = leaf ? ReadColumn(file, group, *leaf, field.type, bounds) : std::nullopt) {
      paged.emplace(field.id, std::move(*pages));
    }
  }
  if (paged.empty()) {
    return std::nullopt;
  }
  const RowsOfPages source(paged, statistics);
  std::vector<RowRun> left;
  int64_t kept_end = 0;
  for (int64_t row = 0; row < group.num_rows();) {
    int64_t end = group.num_rows();  // of the rows that lie in one page of each column
    for (auto& [id, column] : paged) {
      while (column.pages[column.at].end_row() <= row) {
        ++column.at;
      }
      end = std::min(end, column.pages[column.at].end_row());
    }
    if (RowsMayMatch(filter, source)) {
      if (!left.empty() && kept_end == row) {
        left.back().take += end - row;
      } else {
        left.push_back({row - kept_end, end - row});
      }
      kept_end = end;
    }
    row = end;
  }
  return left;
}

}  // namespace floe::inline v0
