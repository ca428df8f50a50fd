#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "floe/base/parallel.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_reader.h"
#include "scan/task_opener.h"
#include "scan/task_reader.h"

namespace floe::inline v0 {
namespace {

/// Work ahead of the consumer, in the order of the result: files to open, each of which then
/// gives way to its units. Shared by the reader and the tasks in the pool.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  explicit Pipeline(TableScan scan)
      : scan_(std::move(scan)),
        pool_(scan_.options().parallel.pool != nullptr ? *scan_.options().parallel.pool
                                                       : ThreadPool::Shared()),
        limit_(scan_.options().limit.value_or(std::numeric_limits<int64_t>::max())) {
    for (ScanTask& task : PlanWithinLimit(scan_)) {
      steps_.push_back(MakeStep(std::move(task), nullptr, 0));
    }
    if (!steps_.empty()) {
      opener_.emplace(scan_);
    }
  }

  /// The next batch; null at the end. Called by one thread.
  std::shared_ptr<arrow::RecordBatch> Next() {
    std::unique_lock lock(mutex_);
    bool waited = false;
    while (true) {
      stop().ThrowIfStopped();
      if (failure_) {
        std::rethrow_exception(failure_);
      }
      if (steps_.empty() || rows_out_ >= limit_) {
        closed_ = true;
        return nullptr;
      }
      Schedule();
      const std::shared_ptr<Step> head = steps_.front();
      if (!head->batches.empty()) {
        return Pop(*head);
      }
      if (head->state == State::kDone) {
        Finish(*head);
      } else if (head->state == State::kWaiting || (waited && head->state == State::kQueued)) {
        // No thread has come to it: the consumer does the work itself.
        head->state = State::kRunning;
        lock.unlock();
        Run(*head);
        lock.lock();
      } else {
        changed_.wait_for(lock, std::chrono::milliseconds(50));
        waited = true;
        lock.unlock();
        stop().Poll();
        lock.lock();
      }
    }
  }

  /// No more work is begun; what runs ends at its next batch.
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  enum class State : uint8_t { kWaiting, kQueued, kRunning, kDone };
  /// A file to open (`file` is null) or a unit to read.
  struct Step {
    ScanTask task;
    std::shared_ptr<const DataFileReader> file;
    int unit;
    std::deque<std::shared_ptr<arrow::RecordBatch>> batches;
    State state;
    int64_t bytes;  ///< of the budget
    std::exception_ptr error;
  };

  static std::shared_ptr<Step> MakeStep(ScanTask task,
                                        std::shared_ptr<const DataFileReader> file, int unit) {
    return std::make_shared<Step>(
        Step{std::move(task), std::move(file), unit, {}, State::kWaiting, 0, nullptr});
  }

  const StopToken& stop() const { return scan_.options().parallel.stop; }

  std::shared_ptr<arrow::RecordBatch> Pop(Step& head) {
    auto batch = std::move(head.batches.front());
    head.batches.pop_front();
    const int64_t left = limit_ - rows_out_;
    if (batch->num_rows() > left) {
      batch = batch->Slice(0, left);
    }
    rows_out_ += batch->num_rows();
    return batch;
  }

  /// Ends the first step: notes its error, or lets what follows it come up. mutex_ is held.
  void Finish(const Step& head) {
    bytes_in_use_ -= head.bytes;
    if (head.error) {
      closed_ = true;
      failure_ = head.error;
    }
    steps_.pop_front();
  }

  /// Queues waiting steps, as many as threads and memory allow. mutex_ is held.
  void Schedule() {
    const auto threads = static_cast<size_t>(pool_.thread_count());
    size_t ahead = 0;
    for (const std::shared_ptr<Step>& step : steps_) {
      if (closed_ || active_ >= threads || ahead > 2 * threads) {
        return;
      }
      ++ahead;
      if (step->state != State::kWaiting) {
        continue;
      }
      const int64_t bytes = step->file == nullptr ? 0 : step->file->DecodedBytes(step->unit);
      if (bytes_in_use_ > 0 && bytes_in_use_ + bytes > scan_.options().memory_bytes) {
        return;
      }
      step->bytes = bytes;
      bytes_in_use_ += bytes;
      step->state = State::kQueued;
      ++active_;
      pool_.Submit([self = shared_from_this(), step] { self->RunQueued(*step); });
    }
  }

  void RunQueued(Step& step) {
    bool runs = false;
    {
      const std::lock_guard lock(mutex_);
      runs = !closed_ && step.state == State::kQueued;
      if (runs) {
        step.state = State::kRunning;
      }
    }
    if (runs) {
      Run(step);
    }
    const std::lock_guard lock(mutex_);
    --active_;
    Schedule();
  }

  void Run(Step& step) {
    std::exception_ptr error;
    try {
      if (step.file == nullptr) {
        Open(step);
      } else {
        Read(step);
      }
    } catch (...) {
      error = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      step.error = error;
      step.state = State::kDone;
    }
    changed_.notify_all();
  }

  /// Puts the units of a file behind the step that opened it.
  void Open(Step& step) {
    const std::shared_ptr<const DataFileReader> file = opener_->Open(step.task);
    const std::lock_guard lock(mutex_);
    if (closed_) {
      return;
    }
    const auto place = std::ranges::find_if(
        steps_, [&](const auto& candidate) { return candidate.get() == &step; });
    std::list<std::shared_ptr<Step>> units;
    for (const int unit : file->units()) {
      units.push_back(MakeStep(step.task, file, unit));
    }
    steps_.splice(std::next(place), units);
  }

  void Read(Step& step) {
    ParallelOptions columns = scan_.options().parallel;
    {
      const std::lock_guard lock(mutex_);
      columns.max_parallelism = ColumnParallelism(scan_, steps_.size());
    }
    int64_t rows = 0;
    step.file->ReadUnit(step.unit, columns, [&](std::shared_ptr<arrow::RecordBatch> batch) {
      rows += batch->num_rows();
      {
        const std::lock_guard lock(mutex_);
        if (closed_) {
          return false;
        }
        step.batches.push_back(std::move(batch));
      }
      changed_.notify_all();
      return rows < limit_;
    });
  }

  const TableScan scan_;
  std::optional<TaskOpener> opener_;  // none without files
  ThreadPool& pool_;
  const int64_t limit_;

  std::mutex mutex_;  // guards what follows and the steps' members
  std::condition_variable changed_;
  std::list<std::shared_ptr<Step>> steps_;
  size_t active_ = 0;  // steps that are queued or running in the pool
  int64_t bytes_in_use_ = 0;
  int64_t rows_out_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

class ScanReader final : public arrow::RecordBatchReader {
 public:
  explicit ScanReader(const TableScan& scan) : scan_(scan), schema_(ArrowSchemaOf(scan)) {}
  ~ScanReader() override {
    if (pipeline_ != nullptr) {
      pipeline_->Close();
    }
  }
  ScanReader(const ScanReader&) = delete;
  ScanReader& operator=(const ScanReader&) = delete;

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    try {
      if (pipeline_ == nullptr) {
        pipeline_ = std::make_shared<Pipeline>(scan_);
      }
      *batch = pipeline_->Next();
      return arrow::Status::OK();
    } catch (...) {
      return CurrentExceptionAsStatus();
    }
  }

 private:
  const TableScan scan_;
  const std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<Pipeline> pipeline_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> OpenReader(const TableScan& scan) {
  return std::make_shared<ScanReader>(scan);
}

}  // namespace floe::inline v0
