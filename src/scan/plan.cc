#include "floe/scan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/datetime.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/expr/prune.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/scan/delete_file.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/metrics_reporter.h"
#include "floe/table/table.h"
#include "io/parallel_requests.h"
#include "scan/delete_index.h"
#include "scan/metadata_columns.h"
#include "scan/scan_report.h"

namespace floe::inline v0 {
namespace {

[[noreturn]] void ThrowNoSnapshot(const Table& table, const std::string& what,
                                  std::optional<int64_t> snapshot_id) {
  throw NoSuchSnapshotError(
      fmt::format("table {} has no {}", table.identifier().ToString(), what),
      {.table = table.identifier().ToString(), .snapshot_id = snapshot_id});
}

SnapshotPtr SnapshotById(const Table& table, int64_t snapshot_id) {
  SnapshotPtr snapshot = table.metadata().FindSnapshot(snapshot_id);
  if (snapshot == nullptr) {
    ThrowNoSnapshot(table,
                    fmt::format("snapshot {}; snapshots() lists those it has", snapshot_id),
                    snapshot_id);
  }
  return snapshot;
}

SnapshotPtr SnapshotAt(const Table& table, int64_t timestamp_ms) {
  const auto& log = table.metadata().snapshot_log;
  const auto found = std::find_if(log.rbegin(), log.rend(), [&](const SnapshotLogEntry& entry) {
    return entry.timestamp_ms <= timestamp_ms;
  });
  if (found == log.rend()) {
    ThrowNoSnapshot(table,
                    fmt::format("snapshot as old as {}",
                                FormatTimestamp(timestamp_ms * 1'000, /*zoned=*/true)),
                    std::nullopt);
  }
  return SnapshotById(table, found->snapshot_id);
}

SnapshotPtr SnapshotOfRef(const Table& table, const std::string& name) {
  const auto ref = table.metadata().refs.find(name);
  if (ref == table.metadata().refs.end()) {
    ThrowNoSnapshot(table, fmt::format("branch or tag '{}'", name), std::nullopt);
  }
  return SnapshotById(table, ref->second.snapshot_id);
}

SnapshotPtr FindSnapshot(const Table& table, const ScanOptions& options) {
  const int chosen =
      (options.snapshot_id ? 1 : 0) + (options.timestamp_ms ? 1 : 0) + (options.ref ? 1 : 0);
  if (chosen > 1) {
    throw InvalidArgumentError(
        "a scan takes one of snapshot_id, timestamp and ref; more than one was given");
  }
  if (options.snapshot_id) {
    return SnapshotById(table, *options.snapshot_id);
  }
  if (options.timestamp_ms) {
    return SnapshotAt(table, *options.timestamp_ms);
  }
  return options.ref ? SnapshotOfRef(table, *options.ref) : table.current_snapshot();
}

/// Time travel and tags are read with the schema of their snapshot; branches, which go on with
/// the table, with the current one.
SchemaPtr SchemaOfScan(const Table& table, const ScanOptions& options,
                       const SnapshotPtr& snapshot) {
  bool travels = options.snapshot_id || options.timestamp_ms;
  if (options.ref) {
    travels = table.metadata().refs.find(*options.ref)->second.kind == SnapshotRef::Kind::kTag;
  }
  return travels && snapshot != nullptr ? table.metadata().SchemaOf(*snapshot)
                                        : table.metadata().schema();
}

void CheckPositive(const char* name, const std::optional<int64_t>& value, int64_t least) {
  if (value && *value < least) {
    throw InvalidArgumentError(
        fmt::format("scan option {} is {}; expected at least {}", name, *value, least));
  }
}

}  // namespace

/// Filters of one partition spec, made once and used for all its manifests.
struct SpecFilters {
  Type partition_type;
  BoundExpressionPtr inclusive;
  BoundExpressionPtr strict;
};

TableScan::TableScan(Table table, ScanOptions options)
    : table_(std::move(table)), options_(std::move(options)) {
  CheckPositive("limit", options_.limit, 0);
  CheckPositive("batch_rows", options_.batch_rows, 1);
  CheckPositive("memory_bytes", options_.memory_bytes, 1);
  CheckPositive("threads", options_.parallel.max_parallelism, 0);
  if (options_.snapshot_id || options_.timestamp_ms) {
    table_ = table_.WithAllSnapshots();
  }
  snapshot_ = FindSnapshot(table_, options_);
  schema_ = SchemaOfScan(table_, options_, snapshot_);
  projection_ = options_.selected_fields
                    ? std::make_shared<const Schema>(
                          SelectScanColumns(table_.metadata(), *schema_,
                                            *options_.selected_fields, options_.case_sensitive))
                    : schema_;
  filter_ = options_.row_filter ? Bind(*options_.row_filter, *schema_, options_.case_sensitive)
                                : BoundExpression::True();
}

TableScan TableScan::WithProjection(SchemaPtr projection) const {
  TableScan scan = *this;
  scan.projection_ = std::move(projection);
  return scan;
}

/// The snapshot's manifests that may have matching files, and the filters for their specs.
struct TableScan::PrunedManifests {
  std::vector<ManifestFile> manifests;
  ScanCounts counts;
  std::map<int32_t, SpecFilters> filters;
};

const SpecFilters& TableScan::FiltersOf(int32_t spec_id, bool prunes,
                                        PrunedManifests* pruned) const {
  const auto known = pruned->filters.find(spec_id);
  if (known != pruned->filters.end()) {
    return known->second;
  }
  const TableMetadata& metadata = table_.metadata();
  const PartitionSpec& spec = *metadata.SpecById(spec_id);
  SpecFilters made{PartitionType(spec, *metadata.schema(), metadata.schemas), nullptr, nullptr};
  if (prunes) {
    made.inclusive = ProjectInclusive(*filter_, spec, made.partition_type);
    made.strict = ProjectStrict(*filter_, spec, made.partition_type);
  }
  return pruned->filters.emplace(spec_id, std::move(made)).first->second;
}

TableScan::PrunedManifests TableScan::PruneManifests(bool prunes) const {
  PrunedManifests pruned;
  for (ManifestFile& manifest : ReadManifests(*table_.io(), *snapshot_)) {
    const bool is_data = manifest.content == ManifestContent::kData;
    ++(is_data ? pruned.counts.data_manifests : pruned.counts.delete_manifests);
    if (!manifest.may_have_live_files()) {
      continue;
    }
    const SpecFilters& filters = FiltersOf(manifest.partition_spec_id, prunes, &pruned);
    if (!prunes || ManifestMayMatch(*filters.inclusive, manifest.Summaries())) {
      pruned.counts.scanned_data_manifests += is_data ? 1 : 0;
      pruned.manifests.push_back(std::move(manifest));
    }
  }
  return pruned;
}

std::vector<ManifestEntriesPtr> TableScan::ReadEntries(const PrunedManifests& pruned,
                                                       ManifestContent content, bool prunes,
                                                       bool keep_details) const {
  std::vector<const ManifestFile*> manifests;
  for (const ManifestFile& manifest : pruned.manifests) {
    if (manifest.content == content) {
      manifests.push_back(&manifest);
    }
  }
  std::vector<ManifestEntriesPtr> read(manifests.size());
  if (manifests.empty()) {
    return read;
  }
  ParallelFor(
      read.size(),
      [&](size_t i) {
        const SpecFilters& filters = pruned.filters.at(manifests[i]->partition_spec_id);
        ManifestReadOptions options{.keep_details = keep_details};
        if (prunes) {
          options.partition_filter = filters.inclusive->is_true() ? nullptr : filters.inclusive;
        }
        if (prunes && content == ManifestContent::kData) {
          options.strict_partition_filter =
              filters.strict->is_false() ? nullptr : filters.strict;
          options.row_filter = filter_;
        }
        read[i] = ReadManifest(*table_.io(), *manifests[i], filters.partition_type, options);
      },
      ParallelRequests(*table_.io(), manifests.front()->manifest_path, options_.parallel));
  return read;
}

std::vector<ScanTask> TableScan::Plan(bool keep_details) const {
  std::vector<ScanTask> tasks;
  ForEachTask([&](ScanTask task) { tasks.push_back(std::move(task)); }, keep_details);
  return tasks;
}

void TableScan::ForEachTask(const std::function<void(ScanTask)>& take,
                            bool keep_details) const {
  if (snapshot_ == nullptr || filter_->is_false()) {
    return;
  }
  const int64_t started_ms = table_.environment().clock->NowMs();
  const bool prunes = options_.prune_files && !filter_->is_true();
  const PrunedManifests pruned = PruneManifests(prunes);
  ScanCounts counts = pruned.counts;
  const auto delete_entries =
      ReadEntries(pruned, ManifestContent::kDeletes, prunes, /*keep_details=*/true);
  for (const ManifestEntriesPtr& entries : delete_entries) {
    counts.delete_files += static_cast<int64_t>(entries->size());
  }
  auto deletes = std::make_shared<const DeleteIndex>(delete_entries, table_.metadata());
  // Metrics of data files show which equality deletes are about other rows.
  keep_details = keep_details || deletes->has_equality_deletes();
  if (deletes->empty()) {
    deletes = nullptr;
  }
  const auto data_entries = ReadEntries(pruned, ManifestContent::kData, prunes, keep_details);
  MetricsReporter* const reporter = table_.catalog().metrics_reporter();
  if (reporter != nullptr) {
    for (const ManifestEntriesPtr& entries : data_entries) {
      counts.data_files += static_cast<int64_t>(entries->size());
      for (size_t i = 0; i < entries->size(); ++i) {
        counts.data_file_bytes += entries->file_size_in_bytes(i);
      }
    }
    counts.planning_ms = table_.environment().clock->NowMs() - started_ms;
    reporter->Report(table_.identifier(), MakeScanReport(*this, counts));
  }
  for (const ManifestEntriesPtr& entries : data_entries) {
    for (size_t i = 0; i < entries->size(); ++i) {
      take(ScanTask(entries, i, deletes));
    }
  }
}

std::vector<ManifestEntriesPtr> TableScan::ReadDeleteManifests() const {
  if (snapshot_ == nullptr || filter_->is_false()) {
    return {};
  }
  const bool prunes = options_.prune_files && !filter_->is_true();
  return ReadEntries(PruneManifests(prunes), ManifestContent::kDeletes, prunes,
                     /*keep_details=*/true);
}

std::vector<DeleteFilePtr> ScanTask::delete_files() const {
  return deletes_ == nullptr ? std::vector<DeleteFilePtr>() : deletes_->Find(*entries_, index_);
}

bool ScanTask::has_deletes() const {
  return deletes_ != nullptr && deletes_->Finds(*entries_, index_);
}

}  // namespace floe::inline v0
