#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "floe/base/stop_token.h"

namespace floe::inline v0 {

/// A fixed number of worker threads with a first-in-first-out queue. Thread-safe.
///
/// The process has one to compute, Shared(), sized to the cores or to `FLOE_THREADS`, and one
/// that waits for requests to stores, ForRequests(), of 24 threads or `FLOE_REQUEST_THREADS`;
/// after a fork the child gets new ones. The constructor waits until the threads run, so that
/// no fork finds one half-started; the destructor waits for what was submitted.
class ThreadPool {
 public:
  explicit ThreadPool(int thread_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  static ThreadPool& Shared();
  static ThreadPool& ForRequests();

  int thread_count() const noexcept;
  /// Queues `task`, which must not throw.
  void Submit(std::function<void()> task);
  /// Runs what was submitted, and ends the threads. What is submitted later is never run.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct ParallelOptions {
  ThreadPool* pool = nullptr;  ///< null: ThreadPool::Shared()
  int max_parallelism = 0;     ///< threads at once, the caller included; 0: the pool's size
  StopToken stop;              ///< polled by the caller; a stop ends the loop early
};

/// Calls fn(i) once for every i in [0, count), on the calling thread and on the pool, and
/// returns when all are done. Indexes are begun in order.
///
/// The caller works too, so that nesting can't deadlock and a pool of dead threads (after a
/// fork) only costs speed. The first exception ends the loop: no further index is begun, and
/// it is rethrown once all running calls have ended. A stop throws CancelledError likewise.
void ParallelFor(size_t count, const std::function<void(size_t)>& fn,
                 const ParallelOptions& options = {});

}  // namespace floe::inline v0
