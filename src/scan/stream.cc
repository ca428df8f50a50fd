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
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_reader.h"
#include "scan/task_opener.h"
#include "scan/task_reader.h"

namespace floe::inline v0 {
namespace {

/// Work ahead of the consumer, in the order of the result: files to open, each of which then
/// gives way to its units. Shared by the reader and the tasks in the pools. What is in a store
/// far away is first read by threads that wait for requests, more of them than cores.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  Pipeline(TableScan scan, std::vector<ScanTask> tasks)
      : scan_(std::move(scan)),
        pool_(scan_.options().parallel.pool != nullptr ? *scan_.options().parallel.pool
                                                       : ThreadPool::Shared()),
        limit_(scan_.options().limit.value_or(std::numeric_limits<int64_t>::max())) {
    FileIO& io = *scan_.table().io();
    for (ScanTask& task : tasks) {
      const bool is_far = io.IsFar(std::string(task.file_path()));
      steps_.push_back(MakeStep(std::move(task), is_far, nullptr, 0));
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
        End();
        return nullptr;
      }
      Schedule();
      const std::shared_ptr<Step> head = steps_.front();
      if (!head->batches.empty()) {
        return Pop(*head);
      }
      if (head->state == State::kDone) {
        Finish(*head);
      } else if (head->state == State::kWaiting || head->state == State::kFetched ||
                 (waited && head->state == State::kQueued)) {
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

  /// No more work is begun; what runs ends at its next batch or request.
  void Close() {
    const std::lock_guard lock(mutex_);
    End();
  }

 private:
  /// What is far goes from kWaiting to kQueued, kRunning and kFetched, and on from there.
  enum class State : uint8_t { kWaiting, kFetched, kQueued, kRunning, kDone };
  /// A file to open (`file` is null) or a unit to read.
  struct Step {
    ScanTask task;
    bool is_far;
    std::shared_ptr<const DataFileReader> file;
    int unit;
    std::deque<std::shared_ptr<arrow::RecordBatch>> batches;
    State state;
    int64_t bytes;  ///< of the budget
    std::exception_ptr error;
  };

  static std::shared_ptr<Step> MakeStep(ScanTask task, bool is_far,
                                        std::shared_ptr<const DataFileReader> file, int unit) {
    return std::make_shared<Step>(
        Step{std::move(task), is_far, std::move(file), unit, {}, State::kWaiting, 0, nullptr});
  }

  /// mutex_ is held.
  void End() {
    closed_ = true;
    fetching_ends_.RequestStop();
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
      End();
      failure_ = head.error;
    }
    steps_.pop_front();
  }

  /// Queues waiting steps, as many as threads and memory allow. mutex_ is held.
  void Schedule() {
    const auto threads = static_cast<size_t>(pool_.thread_count());
    size_t ahead = 0;
    for (const std::shared_ptr<Step>& step : steps_) {
      const size_t most_active = step->is_far ? request_threads() : threads;
      if (closed_ || ahead > 2 * most_active) {
        return;
      }
      ++ahead;
      if (step->state == State::kFetched && active_ < threads) {
        Queue(step);
      } else if (step->state == State::kWaiting) {
        size_t& active = step->is_far ? fetching_ : active_;
        if (active >= most_active || !Reserve(*step)) {
          return;
        }
        step->is_far ? QueueFetch(step) : Queue(step);
      }
    }
  }

  static size_t request_threads() {
    return static_cast<size_t>(ThreadPool::ForRequests().thread_count());
  }

  /// Whether there is memory for a step. mutex_ is held.
  bool Reserve(Step& step) {
    const int64_t bytes = step.file == nullptr ? 0 : step.file->DecodedBytes(step.unit);
    if (bytes_in_use_ > 0 && bytes_in_use_ + bytes > scan_.options().memory_bytes) {
      return false;
    }
    step.bytes = bytes;
    bytes_in_use_ += bytes;
    return true;
  }

  /// mutex_ is held.
  void Queue(const std::shared_ptr<Step>& step) {
    step->state = State::kQueued;
    ++active_;
    pool_.Submit([self = shared_from_this(), step] {
      if (self->Begin(*step)) {
        self->Run(*step);
      }
      const std::lock_guard lock(self->mutex_);
      --self->active_;
      self->Schedule();
    });
  }

  /// mutex_ is held.
  void QueueFetch(const std::shared_ptr<Step>& step) {
    step->state = State::kQueued;
    ++fetching_;
    ThreadPool::ForRequests().Submit([self = shared_from_this(), step] {
      if (self->Begin(*step)) {
        self->Fetch(*step);
      }
      const std::lock_guard lock(self->mutex_);
      --self->fetching_;
      self->Schedule();
    });
  }

  /// Whether a queued step is still to be worked on, by this thread.
  bool Begin(Step& step) {
    const std::lock_guard lock(mutex_);
    const bool runs = !closed_ && step.state == State::kQueued;
    if (runs) {
      step.state = State::kRunning;
    }
    return runs;
  }

  /// Opens a file, or reads what a unit takes.
  void Fetch(Step& step) {
    if (step.file == nullptr) {
      Run(step);
      return;
    }
    std::exception_ptr error;
    try {
      step.file->Prepare(step.unit, fetching_ends_);
    } catch (...) {
      error = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      step.error = error;
      step.state = error ? State::kDone : State::kFetched;
    }
    changed_.notify_all();
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
      units.push_back(MakeStep(step.task, step.is_far, file, unit));
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
  const StopToken fetching_ends_ = StopToken::Make();

  std::mutex mutex_;  // guards what follows and the steps' members
  std::condition_variable changed_;
  std::list<std::shared_ptr<Step>> steps_;
  size_t active_ = 0;    // steps that are queued or running in the pool
  size_t fetching_ = 0;  // the same, of those that wait for requests
  int64_t bytes_in_use_ = 0;
  int64_t rows_out_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

class ScanReader final : public arrow::RecordBatchReader {
 public:
  /// Without tasks, those of the scan are planned when the first batch is asked for.
  explicit ScanReader(const TableScan& scan,
                      std::optional<std::vector<ScanTask>> tasks = std::nullopt)
      : scan_(scan), schema_(ArrowSchemaOf(scan)), tasks_(std::move(tasks)) {}
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
        pipeline_ = std::make_shared<Pipeline>(
            scan_, tasks_ ? *std::exchange(tasks_, std::nullopt) : PlanWithinLimit(scan_));
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
  std::optional<std::vector<ScanTask>> tasks_;
  std::shared_ptr<Pipeline> pipeline_;
};

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> OpenReader(const TableScan& scan) {
  return std::make_shared<ScanReader>(scan);
}

std::shared_ptr<arrow::RecordBatchReader> OpenTaskReader(const TableScan& scan,
                                                         std::vector<ScanTask> tasks) {
  return std::make_shared<ScanReader>(scan, std::move(tasks));
}

}  // namespace floe::inline v0
