#include "floe/base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "support/child_process.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

TEST(ParallelFor, CallsEveryIndexOnceWhateverThePool) {
  for (const int threads : {1, 2, 7}) {
    ThreadPool pool(threads);
    for (const int limit : {0, 1, 2, 100}) {
      for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{1'000}}) {
        std::vector<std::atomic<int>> calls(count);
        ParallelFor(count, [&](size_t i) { ++calls[i]; },
                    {.pool = &pool, .max_parallelism = limit});
        for (const std::atomic<int>& called : calls) {
          EXPECT_EQ(called, 1);
        }
      }
    }
  }
}

TEST(ParallelFor, OfOneThreadStaysOnTheCaller) {
  ThreadPool pool(4);
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<size_t> order;
  ParallelFor(5,
              [&](size_t i) {
                EXPECT_EQ(std::this_thread::get_id(), caller);
                order.push_back(i);
              },
              {.pool = &pool, .max_parallelism = 1});
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(ParallelFor, RethrowsTheErrorWithItsClassAfterAllCallsEnded) {
  ThreadPool pool(3);
  std::atomic<int> running = 0;
  std::atomic<int> begun = 0;
  const Thrown thrown = WhatThrows([&] {
    ParallelFor(100'000,
                [&](size_t i) {
                  ++running;
                  ++begun;
                  if (i == 5) {
                    --running;
                    throw CorruptFileError("broken", {.path = "/f"});
                  }
                  --running;
                },
                {.pool = &pool});
  });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_EQ(thrown.details.path, "/f");
  EXPECT_EQ(running, 0);
  EXPECT_GE(begun, 6);
}

TEST(ParallelFor, ForeignExceptionsPassThrough) {
  EXPECT_THROW(ParallelFor(8, [](size_t) { throw std::out_of_range("x"); }), std::out_of_range);
}

TEST(ParallelFor, WhenAllCallsThrowOneErrorComesOut) {
  ThreadPool pool(4);
  for (int round = 0; round < 50; ++round) {
    EXPECT_THROW(ParallelFor(16, [](size_t) { throw IoError("disk"); }, {.pool = &pool}),
                 IoError);
  }
  std::atomic<int> calls = 0;
  ParallelFor(16, [&](size_t) { ++calls; }, {.pool = &pool});
  EXPECT_EQ(calls, 16) << "the pool works on";
}

TEST(ParallelFor, NestsDeeperThanThePoolIsWide) {
  ThreadPool pool(2);
  std::atomic<int> leaves = 0;
  const ParallelOptions options{.pool = &pool};
  ParallelFor(
      6,
      [&](size_t) {
        ParallelFor(
            5, [&](size_t) { ParallelFor(4, [&](size_t) { ++leaves; }, options); }, options);
      },
      options);
  EXPECT_EQ(leaves, 6 * 5 * 4);
}

TEST(ParallelFor, AnErrorInANestedLoopReachesTheOutside) {
  ThreadPool pool(2);
  const ParallelOptions options{.pool = &pool};
  EXPECT_THROW(ParallelFor(
                   4,
                   [&](size_t) {
                     ParallelFor(
                         4, [](size_t i) { i == 3 ? throw WriteError("x") : void(); }, options);
                   },
                   options),
               WriteError);
}

TEST(ParallelFor, AStopEndsTheLoopEarly) {
  ThreadPool pool(3);
  const StopToken stop = StopToken::Make();
  std::atomic<int> calls = 0;
  const Thrown thrown = WhatThrows([&] {
    ParallelFor(1'000'000,
                [&](size_t) {
                  if (++calls == 10) {
                    stop.RequestStop();
                  }
                },
                {.pool = &pool, .stop = stop});
  });
  EXPECT_EQ(thrown.class_name, "CancelledError");
  EXPECT_LT(calls, 1'000'000);
}

TEST(ParallelFor, ATokenThatIsStoppedAlreadyBeginsNothing) {
  const StopToken stop = StopToken::Make();
  stop.RequestStop();
  int calls = 0;
  EXPECT_THROW(ParallelFor(3, [&](size_t) { ++calls; }, {.stop = stop}), CancelledError);
  EXPECT_EQ(calls, 0);
}

TEST(ParallelFor, ThePollFunctionIsAskedOnTheCallersThreadOnly) {
  ThreadPool pool(3);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> polls = 0;
  const StopToken stop = StopToken::Make([&] {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    return ++polls == 3;
  });
  std::atomic<int> calls = 0;
  EXPECT_THROW(ParallelFor(1'000,
                           [&](size_t) {
                             ++calls;
                             std::this_thread::yield();
                           },
                           {.pool = &pool, .max_parallelism = 1, .stop = stop}),
               CancelledError);
  EXPECT_EQ(calls, 2) << "asked before each index";
}

TEST(ParallelFor, IsEnteredFromManyThreadsAtOnce) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        ParallelFor(10, [&](size_t) { ++calls; }, {.pool = &pool});
      }
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  EXPECT_EQ(calls, 4 * 20 * 10);
}

TEST(ThreadPool, FinishesWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 100; ++i) {
      pool.Submit([&] { ++done; });
    }
  }
  EXPECT_EQ(done, 100);
  EXPECT_EQ(ThreadPool(0).thread_count(), 1);
}

TEST(StopToken, WithoutARequestStopsNothing) {
  const StopToken none;
  none.RequestStop();
  none.Poll();
  none.ThrowIfStopped();
  EXPECT_FALSE(none.stop_requested());
  const StopToken token = StopToken::Make();
  const StopToken copy = token;
  copy.RequestStop();
  EXPECT_TRUE(token.stop_requested());
}

/// Whether as many loops of one ParallelFor run at once on the threads for requests.
bool RunAtOnce(int count) {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  std::atomic<bool> all = true;
  ParallelFor(static_cast<size_t>(count),
              [&](size_t) {
                std::unique_lock lock(mutex);
                ++running;
                changed.notify_all();
                if (all && !changed.wait_for(lock, std::chrono::seconds(30),
                                             [&] { return running == count; })) {
                  all = false;
                }
              },
              {.pool = &ThreadPool::ForRequests()});
  return all;
}

TEST(ThreadPool, ThoseForRequestsAreManyAlsoInAForkedChild) {
  const ChildEnd end = RunInChild([] {
    if (!RunAtOnce(16)) {
      return 1;
    }
    return RunInChild([] { return RunAtOnce(16) ? 0 : 2; }).exit_code;
  });
  EXPECT_EQ(end.exit_code, 0);
}

TEST(ThreadPool, StoppingRunsWhatWasSubmittedAndNothingLater) {
  std::atomic<int> runs = 0;
  ThreadPool pool(2);
  for (int i = 0; i < 10; ++i) {
    pool.Submit([&] { ++runs; });
  }
  pool.Stop();
  EXPECT_EQ(runs, 10);
  pool.Submit([&] { ++runs; });
  ParallelFor(5, [&](size_t) { ++runs; }, {.pool = &pool});
  pool.Stop();
  EXPECT_EQ(runs, 15) << "the caller does it all";
}

}  // namespace
}  // namespace floe::testing
