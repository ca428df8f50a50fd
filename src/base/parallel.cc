#include "floe/base/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "floe/base/stop_token.h"

namespace floe::inline v0 {

struct ThreadPool::State {
  explicit State(int thread_count) : started(thread_count) {}

  std::latch started;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  void Work() {
    started.count_down();
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) {
        return;
      }
      std::function<void()> task = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
};

ThreadPool::ThreadPool(int thread_count)
    : state_(std::make_unique<State>(std::max(1, thread_count))) {
  for (int i = 0; i < std::max(1, thread_count); ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->Work(); });
  }
  // A thread that is starting may hold a lock of the dynamic linker (the address sanitizer asks
  // it for the stack), which a child that is forked meanwhile would never get.
  state_->started.wait();
}

ThreadPool::~ThreadPool() { Stop(); }

void ThreadPool::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

int ThreadPool::thread_count() const noexcept {
  return static_cast<int>(state_->threads.size());
}

void ThreadPool::Submit(std::function<void()> task) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(task));
  }
  state_->wake.notify_one();
}

namespace {

/// A number of threads that a variable says.
int ConfiguredThreads(const char* name, int usual) {
  // Read once, before the threads that it is about are there.
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  if (text != nullptr) {
    const std::string_view view(text);
    int value = 0;
    const auto [end, error] = std::from_chars(view.begin(), view.end(), value);
    if (error == std::errc() && end == view.end() && value >= 1 && value <= 1024) {
      return value;
    }
  }
  return usual;
}

int ComputingThreads() {
  return ConfiguredThreads("FLOE_THREADS",
                           std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

int RequestThreads() {
  constexpr int kUsual = 24;  // AWS's SDK has 25 connections
  return ConfiguredThreads("FLOE_REQUEST_THREADS", kUsual);
}

/// The only things that are global: the pools of the process, remade in a forked child, whose
/// threads are gone (the parent's pool objects are left behind there, as they can't be joined).
class SharedPools {
 public:
  static SharedPools& Instance() {
    static SharedPools instance;
    return instance;
  }
  ThreadPool& Computing() { return Get(computing_, &ComputingThreads); }
  ThreadPool& Requests() { return Get(requests_, &RequestThreads); }

 private:
  using Pool = std::unique_ptr<ThreadPool>;

  SharedPools() {
    pthread_atfork([] { Instance().mutex_.lock(); }, [] { Instance().mutex_.unlock(); },
                   [] {
                     SharedPools& pools = Instance();
                     new Pool(std::move(pools.computing_));
                     new Pool(std::move(pools.requests_));
                     pools.mutex_.unlock();
                   });
  }
  /// Each may submit to the other until both have stopped.
  ~SharedPools() {
    for (const Pool* pool : {&requests_, &computing_}) {
      if (*pool) {
        (*pool)->Stop();
      }
    }
  }

  ThreadPool& Get(Pool& pool, int (*thread_count)()) {
    const std::lock_guard lock(mutex_);
    if (!pool) {
      pool = std::make_unique<ThreadPool>(thread_count());
    }
    return *pool;
  }

  std::mutex mutex_;  // guards what follows
  Pool computing_;
  Pool requests_;
};

/// One ParallelFor. Shared with helper tasks, which may start after the loop is over and
/// then find nothing to do.
struct Loop {
  Loop(size_t index_count, const std::function<void(size_t)>& body, StopToken stop_token)
      : count(index_count), fn(&body), stop(std::move(stop_token)) {}

  const size_t count;
  const std::function<void(size_t)>* fn;  // valid while the loop is open
  const StopToken stop;
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};

  std::mutex mutex;
  std::condition_variable done;
  int running = 0;
  bool closed = false;
  std::exception_ptr error;

  void Fail(std::exception_ptr e) {
    const std::lock_guard lock(mutex);
    if (!error) {
      error = std::move(e);
    }
    failed.store(true, std::memory_order_relaxed);
  }

  void Run() {
    while (!failed.load(std::memory_order_relaxed)) {
      const size_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= count) {
        return;
      }
      try {
        stop.Poll();
        stop.ThrowIfStopped();
        (*fn)(i);
      } catch (...) {
        Fail(std::current_exception());
      }
    }
  }

  void Help() {
    {
      const std::lock_guard lock(mutex);
      if (closed) {
        return;
      }
      ++running;
    }
    Run();
    {
      const std::lock_guard lock(mutex);
      --running;
    }
    done.notify_all();
  }
};

}  // namespace

ThreadPool& ThreadPool::Shared() { return SharedPools::Instance().Computing(); }

ThreadPool& ThreadPool::ForRequests() { return SharedPools::Instance().Requests(); }

void ParallelFor(size_t count, const std::function<void(size_t)>& fn,
                 const ParallelOptions& options) {
  if (count == 0) {
    return;
  }
  auto loop = std::make_shared<Loop>(count, fn, options.stop);
  const size_t limit = static_cast<size_t>(std::max(0, options.max_parallelism));
  if (count > 1 && limit != 1) {
    ThreadPool& pool = options.pool != nullptr ? *options.pool : ThreadPool::Shared();
    const auto threads = static_cast<size_t>(pool.thread_count());
    // The caller is one of `threads`: more helpers would only oversubscribe the cores.
    size_t helpers = std::min(count, limit == 0 ? threads : std::min(limit, threads + 1)) - 1;
    for (; helpers > 0; --helpers) {
      pool.Submit([loop] { loop->Help(); });
    }
  }
  loop->Run();
  std::unique_lock lock(loop->mutex);
  loop->closed = true;
  while (loop->running > 0) {
    loop->done.wait_for(lock, std::chrono::milliseconds(50));
    if (loop->running > 0) {
      lock.unlock();
      options.stop.Poll();
      lock.lock();
    }
  }
  if (loop->error) {
    // Out of the loop, which helpers that come late destroy: the caller has the error alone.
    std::rethrow_exception(std::exchange(loop->error, nullptr));
  }
}

}  // namespace floe::inline v0
