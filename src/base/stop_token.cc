#include "floe/base/stop_token.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "floe/base/error.h"

namespace floe::inline v0 {

namespace {

StopToken& CurrentOfThread() {
  thread_local StopToken current;
  return current;
}

}  // namespace

StopToken StopToken::Current() { return CurrentOfThread(); }

StopScope::StopScope(StopToken token)
    : outer_(std::exchange(CurrentOfThread(), std::move(token))) {}

StopScope::~StopScope() { CurrentOfThread() = std::move(outer_); }

StopToken StopToken::Make(std::function<bool()> poll) {
  StopToken token;
  token.state_ = std::make_shared<State>();
  token.state_->poll = std::move(poll);
  return token;
}

void StopToken::RequestStop() const noexcept {
  if (state_ != nullptr) {
    state_->stopped.store(true, std::memory_order_relaxed);
  }
}

void StopToken::Poll() const {
  if (state_ != nullptr && state_->poll && std::this_thread::get_id() == state_->owner &&
      state_->poll()) {
    RequestStop();
  }
}

void StopToken::ThrowIfStopped() const {
  if (stop_requested()) {
    throw CancelledError("the operation was cancelled; nothing was committed");
  }
}

}  // namespace floe::inline v0
