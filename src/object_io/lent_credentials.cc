#include "object_io/lent_credentials.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/stop_token.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

LentCredentials::LentCredentials(LentProperties first, std::shared_ptr<Lender> lender,
                                 Environment environment)
    : lender_(std::move(lender)), environment_(std::move(environment)) {
  Keep(std::move(first));
}

LentCredentials::Ptr LentCredentials::Newest() {
  const std::lock_guard lock(mutex_);
  return lent_;
}

LentCredentials::Ptr LentCredentials::Current() {
  std::unique_lock lock(mutex_);
  while (lender_ != nullptr) {
    const int64_t now_ms = environment_.clock->NowMs();
    const bool is_good = now_ms < ends_at_ms_;
    if (now_ms < renew_at_ms_ || (is_good && IsAsking())) {
      break;
    }
    if (!IsAsking()) {
      Ask(&lock, is_good);
      break;  // whatever its end: it is the newest that there is
    }
    WaitForOther(&lock);
  }
  return lent_;
}

LentCredentials::Ptr LentCredentials::After(const Ptr& refused) {
  if (lender_ == nullptr) {
    return nullptr;
  }
  std::unique_lock lock(mutex_);
  while (lent_ == refused) {
    if (IsAsking()) {
      WaitForOther(&lock);
    } else {
      Ask(&lock, /*is_good=*/false);
    }
  }
  return lent_;
}

/// Of a fork while another thread asked, only the parent has that thread.
bool LentCredentials::IsAsking() const { return is_asking_ && asker_ == getpid(); }

/// mutex_ is held, as in all that follows.
void LentCredentials::Keep(LentProperties lent) {
  constexpr int64_t kLongestMarginMs = 300'000;
  constexpr int64_t kShortestLifeMs = 10'000;
  const int64_t now_ms = environment_.clock->NowMs();
  renew_at_ms_ = kNever;
  ends_at_ms_ = kNever;
  if (const std::optional<int64_t> end_ms = lent.expires_at_ms) {
    const int64_t life_ms = std::max(*end_ms, now_ms + kShortestLifeMs) - now_ms;
    ends_at_ms_ = now_ms + life_ms;
    renew_at_ms_ = ends_at_ms_ - std::min(life_ms / 3, kLongestMarginMs);
  }
  lent_ = std::make_shared<const LentProperties>(std::move(lent));
}

/// Until the request of another thread has ended; throws its error.
void LentCredentials::WaitForOther(std::unique_lock<std::mutex>* lock) {
  constexpr std::chrono::milliseconds kLook(50);
  const StopToken stop = StopToken::Current();
  const uint64_t round = round_;
  while (round_ == round) {
    ended_.wait_for(*lock, kLook);
    stop.Poll();
    stop.ThrowIfStopped();
  }
  if (failure_ != nullptr) {
    std::rethrow_exception(failure_);
  }
}

/// Without the lock meanwhile. If what there is `is_good`, an error is put off: the next call
/// after a while tries again.
void LentCredentials::Ask(std::unique_lock<std::mutex>* lock, bool is_good) {
  is_asking_ = true;
  asker_ = getpid();
  lock->unlock();
  std::optional<LentProperties> lent;
  std::exception_ptr failure;
  try {
    lent = lender_->Lend();
  } catch (...) {
    failure = std::current_exception();
  }
  lock->lock();
  is_asking_ = false;
  ++round_;
  ended_.notify_all();
  failure_ = nullptr;
  if (lent) {
    Keep(*std::move(lent));
    return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const CancelledError&) {
    throw;  // that of this thread alone
  } catch (const Error&) {
    if (!is_good) {
      failure_ = failure;
      throw;
    }
    constexpr int64_t kPauseMs = 5'000;
    renew_at_ms_ = environment_.clock->NowMs() + kPauseMs;
  }
}

}  // namespace floe::inline v0
