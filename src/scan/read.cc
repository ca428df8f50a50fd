#include "floe/scan/read.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/scan/plan.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_reader.h"
#include "scan/task_opener.h"
#include "scan/task_reader.h"

namespace floe::inline v0 {

namespace {

/// Whether every row of the file is known to be in the result.
bool TakesAllRows(const TableScan& scan, const ScanTask& task) {
  return (scan.filter()->is_true() || task.all_rows_match()) && !task.has_deletes();
}

}  // namespace

std::vector<ScanTask> PlanWithinLimit(const TableScan& scan) {
  std::vector<ScanTask> tasks = scan.Plan();
  if (!scan.options().limit) {
    return tasks;
  }
  int64_t rows = 0;
  size_t needed = 0;
  while (needed < tasks.size() && rows < *scan.options().limit) {
    const ScanTask& task = tasks[needed++];
    rows += TakesAllRows(scan, task) ? task.record_count() : 0;
  }
  tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(needed), tasks.end());
  return tasks;
}

int ColumnParallelism(const TableScan& scan, size_t unit_count) {
  const ParallelOptions& parallel = scan.options().parallel;
  const ThreadPool& pool = parallel.pool != nullptr ? *parallel.pool : ThreadPool::Shared();
  const int threads =
      parallel.max_parallelism > 0 ? parallel.max_parallelism : pool.thread_count();
  return unit_count >= static_cast<size_t>(threads) ? 1 : threads;
}

std::shared_ptr<arrow::Schema> ArrowSchemaOf(const TableScan& scan) {
  return ToArrowSchema(*scan.projection());
}

namespace {

bool AnyIsFar(const TableScan& scan, const std::vector<ScanTask>& tasks) {
  return std::ranges::any_of(tasks, [&](const ScanTask& task) {
    return scan.table().io()->IsFar(std::string(task.file_path()));
  });
}

/// Counts the matching rows of files that are far, many at once.
int64_t CountFarRows(const TableScan& scan, const std::vector<ScanTask>& tasks) {
  ParallelOptions many = scan.options().parallel;
  many.pool = &ThreadPool::ForRequests();
  many.max_parallelism = 0;
  TaskOpener opener(scan);
  std::atomic<int64_t> count{0};
  ParallelFor(
      tasks.size(),
      [&](size_t i) {
        const auto file = opener.Open(tasks[i]);
        ParallelFor(
            file->units().size(),
            [&](size_t unit) {
              count += file->CountUnit(file->units()[unit], scan.options().parallel.stop);
            },
            many);
      },
      many);
  return count;
}

/// One unit of one file.
struct Unit {
  const DataFileReader* file;
  int index;
};

/// Opens the files of `tasks` side by side.
std::vector<std::unique_ptr<DataFileReader>> OpenAll(const TableScan& scan,
                                                     const std::vector<ScanTask>& tasks) {
  std::vector<std::unique_ptr<DataFileReader>> files(tasks.size());
  if (tasks.empty()) {
    return files;
  }
  TaskOpener opener(scan);
  ParallelFor(
      tasks.size(), [&](size_t i) { files[i] = opener.Open(tasks[i]); },
      scan.options().parallel);
  return files;
}

std::vector<Unit> UnitsOf(const std::vector<std::unique_ptr<DataFileReader>>& files) {
  std::vector<Unit> units;
  for (const auto& file : files) {
    for (const int unit : file->units()) {
      units.push_back({file.get(), unit});
    }
  }
  return units;
}

}  // namespace

std::shared_ptr<arrow::Table> ReadTable(const TableScan& scan) {
  const auto putting_together = ArrowContext::Internal("putting batches together");
  if (scan.options().limit) {
    // Where a filter or deletes hide how many files that takes, a stream opens few too many.
    return ValueOrThrow(arrow::Table::FromRecordBatchReader(OpenReader(scan).get()),
                        putting_together);
  }
  std::vector<ScanTask> tasks = scan.Plan();
  if (AnyIsFar(scan, tasks)) {
    const auto reader = OpenTaskReader(scan, std::move(tasks));
    return ValueOrThrow(arrow::Table::FromRecordBatchReader(reader.get()), putting_together);
  }
  const auto files = OpenAll(scan, tasks);
  const std::vector<Unit> units = UnitsOf(files);
  ParallelOptions columns = scan.options().parallel;
  columns.max_parallelism = ColumnParallelism(scan, units.size());
  std::vector<arrow::RecordBatchVector> read(units.size());
  ParallelFor(
      units.size(),
      [&](size_t i) {
        units[i].file->ReadUnit(units[i].index, columns,
                                [&](std::shared_ptr<arrow::RecordBatch> batch) {
                                  read[i].push_back(std::move(batch));
                                  return true;
                                });
      },
      scan.options().parallel);
  arrow::RecordBatchVector batches;
  for (arrow::RecordBatchVector& unit : read) {
    std::ranges::move(unit, std::back_inserter(batches));
  }
  return ValueOrThrow(arrow::Table::FromRecordBatches(ArrowSchemaOf(scan), batches),
                      putting_together);
}

int64_t CountRows(const TableScan& scan) {
  std::atomic<int64_t> count{0};
  std::vector<ScanTask> to_read;
  scan.ForEachTask([&](ScanTask task) {
    if (TakesAllRows(scan, task)) {
      count += task.record_count();
    } else {
      to_read.push_back(std::move(task));
    }
  });
  if (AnyIsFar(scan, to_read)) {
    count += CountFarRows(scan, to_read);
  } else {
    const auto files = OpenAll(scan, to_read);
    const std::vector<Unit> units = UnitsOf(files);
    ParallelFor(
        units.size(),
        [&](size_t i) {
          count += units[i].file->CountUnit(units[i].index, scan.options().parallel.stop);
        },
        scan.options().parallel);
  }
  return std::min(count.load(),
                  scan.options().limit.value_or(std::numeric_limits<int64_t>::max()));
}

}  // namespace floe::inline v0
