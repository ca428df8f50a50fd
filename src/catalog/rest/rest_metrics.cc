#include "catalog/rest/rest_metrics.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_session.h"
#include "catalog/rest/rest_transport.h"
#include "floe/table/identifier.h"
#include "http/http_client.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kMostWaiting = 64;
// A server that does not take reports is not asked for ever; nor is its circuit breaker, which
// other calls share, to open because of them.
constexpr int kMostFailures = 2;
constexpr std::chrono::milliseconds kLastMoment(500);

}  // namespace

/// What the thread shares with whoever has reports; it may outlive the latter.
struct RestMetrics::State {
  std::shared_ptr<RestSession> session;
  const int64_t owner = getpid();  ///< the process
  std::mutex mutex;                // guards what follows
  std::condition_variable changed;
  std::deque<RestCall> waiting;
  bool is_running = false;
  bool is_ending = false;
  int failures = 0;  ///< in a row
};

RestMetrics::RestMetrics(std::shared_ptr<RestSession> session)
    : state_(std::make_shared<State>()) {
  state_->session = std::move(session);
}

RestMetrics::~RestMetrics() {
  if (state_->owner != getpid()) {
    // The thread is the parent's, and so may be the lock.
    new (std::nothrow) std::shared_ptr<State>(std::move(state_));
    return;
  }
  std::unique_lock lock(state_->mutex);
  state_->is_ending = true;
  state_->changed.notify_all();
  state_->changed.wait_for(lock, kLastMoment, [&] { return !state_->is_running; });
}

void RestMetrics::Report(const TableIdentifier& table, std::string report) noexcept {
  if (state_->owner != getpid()) {
    return;
  }
  try {
    RestCall call{.method = HttpMethod::kPost,
                  .url = state_->session->paths().Table(table) + "/metrics",
                  .body = std::move(report),
                  .is_repeatable = false};
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() >= kMostWaiting || state_->failures >= kMostFailures) {
      return;
    }
    state_->waiting.push_back(std::move(call));
    if (!state_->is_running) {
      std::thread([state = state_] { SendAll(state); }).detach();
      state_->is_running = true;
    }
    state_->changed.notify_all();
  } catch (const std::exception&) {
    return;  // whoever reads or writes must not notice
  }
}

/// Ends when nothing has come for a while.
void RestMetrics::SendAll(const std::shared_ptr<State>& state) {
  constexpr std::chrono::seconds kIdle(10);
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait_for(lock, kIdle,
                            [&] { return state->is_ending || !state->waiting.empty(); });
    if (state->waiting.empty()) {
      break;
    }
    const RestCall call = std::move(state->waiting.front());
    state->waiting.pop_front();
    lock.unlock();
    bool is_sent = false;
    try {
      is_sent = IsSuccess(state->session->Send(call).result);
    } catch (const std::exception&) {
      is_sent = false;
    }
    lock.lock();
    state->failures = is_sent ? 0 : state->failures + 1;
  }
  state->is_running = false;
  state->changed.notify_all();
}

}  // namespace floe::inline v0
