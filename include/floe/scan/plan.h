#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/scan/delete_file.h"
#include "floe/schema/schema.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// What to read of a table. Of `snapshot_id`, `timestamp_ms` and `ref` at most one is set.
struct ScanOptions {
  ExpressionPtr row_filter;  ///< null: all rows
  /// Full names of columns, in the table's order in the result; nothing: all. Metadata columns
  /// among them come last: `_file`, `_pos`, `_spec_id`, `_partition`, `_row_id`,
  /// `_last_updated_sequence_number`. `*` stands for all of the table's.
  std::optional<std::vector<std::string>> selected_fields;
  bool case_sensitive = true;
  std::optional<int64_t> snapshot_id;
  /// The snapshot that was current at this time (milliseconds since 1970, UTC).
  std::optional<int64_t> timestamp_ms;
  std::optional<std::string> ref;  ///< branch or tag
  std::optional<int64_t> limit;    ///< rows at most

  int64_t batch_rows = int64_t{1} << 16U;  ///< rows of a batch at most
  /// Decoded rows that wait for the caller may take about this much memory.
  int64_t memory_bytes = int64_t{512} << 20U;
  /// @name Off switches, for tests and diagnosis; results are the same
  /// @{
  bool prune_files = true;       ///< by partitions and metrics
  bool prune_row_groups = true;  ///< by Parquet statistics
  /// @}
  ParallelOptions parallel;
};

class DeleteIndex;

/// One data file to be read. Small, immutable and cheap to copy; shares its manifest's memory.
class ScanTask {
 public:
  ScanTask(ManifestEntriesPtr entries, size_t index,
           std::shared_ptr<const DeleteIndex> deletes = nullptr)
      : entries_(std::move(entries)), index_(index), deletes_(std::move(deletes)) {}

  std::string_view file_path() const { return entries_->file_path(index_); }
  FileFormat file_format() const { return entries_->file_format(index_); }
  int64_t record_count() const { return entries_->record_count(index_); }
  int64_t file_size_in_bytes() const { return entries_->file_size_in_bytes(index_); }
  int32_t spec_id() const { return entries_->spec_id(); }
  int64_t sequence_number() const { return entries_->sequence_number(index_); }
  PartitionValues partition() const { return entries_->partition(index_); }
  /// `_row_id` of the first row; nothing in tables without row lineage.
  std::optional<int64_t> first_row_id() const { return entries_->first_row_id(index_); }
  /// Statistics prove that every row matches the filter. Some may be deleted all the same.
  bool all_rows_match() const { return entries_->all_rows_match(index_); }
  DataFile data_file() const { return entries_->ToDataFile(index_); }
  /// The delete files that may delete some of its rows; looked up at each call.
  std::vector<DeleteFilePtr> delete_files() const;
  bool has_deletes() const;

 private:
  ManifestEntriesPtr entries_;
  size_t index_;
  std::shared_ptr<const DeleteIndex> deletes_;  ///< of the snapshot; null: it has none
};

struct SpecFilters;

/// A planned read of one snapshot. Immutable and thread-safe; cheap to copy.
class TableScan {
 public:
  /// Does no I/O, but for the past of a table that was loaded without all snapshots. An option
  /// that can't be met throws here, never in the middle of a read: NoSuchSnapshotError,
  /// InvalidArgumentError naming the option.
  explicit TableScan(Table table, ScanOptions options = {});

  /// The same read with these columns of its schema and metadata columns, by their ids.
  TableScan WithProjection(SchemaPtr projection) const;

  const Table& table() const { return table_; }
  const ScanOptions& options() const { return options_; }
  /// The snapshot that is read; null for a table that has none.
  const SnapshotPtr& snapshot() const { return snapshot_; }
  /// Columns of the result.
  const SchemaPtr& projection() const { return projection_; }
  /// Schema of the snapshot that filters are bound to.
  const SchemaPtr& schema() const { return schema_; }
  const BoundExpressionPtr& filter() const { return filter_; }

  /// Reads manifests, in parallel, and returns the files that may hold matching rows. Never
  /// drops a file that could match. Order is deterministic for a given snapshot and options.
  /// Throws CorruptFileError naming the manifest, IoError, UnsupportedError, CancelledError.
  std::vector<ScanTask> Plan(bool keep_details = false) const;
  /// Plan() without a list of all: hands each task to `take`, in order, on this thread.
  void ForEachTask(const std::function<void(ScanTask)>& take, bool keep_details = false) const;
  /// The live delete files, with details; those of partitions that can't match are left out.
  std::vector<ManifestEntriesPtr> ReadDeleteManifests() const;

 private:
  struct PrunedManifests;
  const SpecFilters& FiltersOf(int32_t spec_id, bool prunes, PrunedManifests* pruned) const;
  PrunedManifests PruneManifests(bool prunes) const;
  std::vector<ManifestEntriesPtr> ReadEntries(const PrunedManifests& pruned,
                                              ManifestContent content, bool prunes,
                                              bool keep_details) const;

  Table table_;
  ScanOptions options_;
  SnapshotPtr snapshot_;
  SchemaPtr schema_;
  SchemaPtr projection_;
  BoundExpressionPtr filter_;
};

}  // namespace floe::inline v0
