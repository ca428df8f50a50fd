#include "parquet/row_group_pruning.h"

#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "floe/expr/prune.h"
#include "parquet/arrow_status.h"
#include "parquet/bloom_filters.h"
#include "parquet/data_file_reader.h"
#include "parquet/dictionary_filter.h"
#include "parquet/file_columns.h"
#include "parquet/row_group_fetcher.h"
#include "parquet/row_group_statistics.h"

namespace floe::inline v0 {
namespace {

/// What is known of row groups is fetched for so many at once.
constexpr size_t kGroupsAtOnce = 16;

bool MayMatchByValues(const DataFileReadOptions& options, parquet::ParquetFileReader& reader,
                      int row_group, const FileColumns& columns,
                      const RowGroupFetcher& fetcher) {
  const auto group = reader.metadata()->RowGroup(row_group);
  return MayMatchByBloomFilters(*options.filter, reader.GetBloomFilterReader(), row_group,
                                *group,
                                [&](int32_t field_id) { return columns.FindLeaf(field_id); }) &&
         MayMatchByDictionaries(*options.filter, *fetcher.file(), *group, columns);
}

std::vector<int> MatchingByBounds(const DataFileReadOptions& options,
                                  const parquet::FileMetaData& footer,
                                  const FileColumns& columns) {
  std::vector<int> groups(static_cast<size_t>(footer.num_row_groups()));
  std::iota(groups.begin(), groups.end(), 0);
  std::erase_if(groups, [&](int group) {
    const auto metadata = footer.RowGroup(group);
    return !RowsMayMatch(
        *options.filter,
        RowGroupStatistics(*metadata, columns, *options.filter_schema, options.constants));
  });
  return groups;
}

}  // namespace

std::vector<int> MatchingRowGroups(const DataFileReadOptions& options,
                                   const std::string& location,
                                   parquet::ParquetFileReader& reader,
                                   const FileColumns& columns, const RowGroupFetcher& fetcher) {
  const parquet::FileMetaData& footer = *reader.metadata();
  std::vector<int> matching;
  if (!options.prune_units || options.filter->is_true()) {
    matching.resize(static_cast<size_t>(footer.num_row_groups()));
    std::iota(matching.begin(), matching.end(), 0);
    return matching;
  }
  WithParquetErrors(ArrowContext::Reading(location), [&] {
    const std::vector<int> groups = MatchingByBounds(options, footer, columns);
    for (size_t begin = 0; begin < groups.size(); begin += kGroupsAtOnce) {
      const auto some =
          std::span(groups).subspan(begin, std::min(kGroupsAtOnce, groups.size() - begin));
      std::vector<std::unique_ptr<parquet::RowGroupMetaData>> metadata;
      std::ranges::transform(some, std::back_inserter(metadata),
                             [&](int group) { return footer.RowGroup(group); });
      const auto kept = fetcher.FetchDictionaries(metadata, *options.filter, columns);
      std::ranges::copy_if(some, std::back_inserter(matching), [&](int group) {
        return MayMatchByValues(options, reader, group, columns, fetcher);
      });
    }
  });
  return matching;
}

}  // namespace floe::inline v0
