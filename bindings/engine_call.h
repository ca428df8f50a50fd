#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "floe/base/stop_token.h"
#include "gil.h"

namespace floe::bindings {

/// What a signal's handler raised while the engine worked on this thread, such as
/// KeyboardInterrupt; null if nothing. Taken, it is gone.
inline std::exception_ptr& InterruptOfThread() {
  thread_local std::exception_ptr raised;
  return raised;
}

/// A token that looks at Python's signals a few times a second while the engine works on this
/// thread, without the GIL.
inline StopToken MakeSignalToken() {
  auto last =
      std::make_shared<std::chrono::steady_clock::time_point>(std::chrono::steady_clock::now());
  return StopToken::Make([last] {
    constexpr std::chrono::milliseconds kInterval(50);
    const auto now = std::chrono::steady_clock::now();
    if (now - *last < kInterval) {
      return false;
    }
    *last = now;
    const GilAcquire acquire;
    if (PyErr_CheckSignals() == 0) {
      return false;
    }
    InterruptOfThread() = std::make_exception_ptr(nb::python_error());
    return true;
  });
}

/// One call of the engine from Python: the GIL is released while it runs, and signals are
/// looked at a few times a second, so that Ctrl-C ends it. Made and used on one thread.
class EngineCall {
 public:
  EngineCall() : token_(MakeSignalToken()) {}

  /// To be passed to the engine.
  const StopToken& token() const { return token_; }

  /// Runs `work` without the GIL. If a signal came, what its handler raised
  /// (KeyboardInterrupt) is thrown once the work has ended, however it did: a commit that was
  /// cut off is in doubt, and whoever pressed Ctrl-C wants to be out.
  template <class Work>
  auto Run(Work&& work) const {
    InterruptOfThread() = nullptr;
    try {
      return WithoutGil(std::forward<Work>(work));
    } catch (...) {
      ThrowInterrupt();
      throw;
    }
  }

 private:
  static void ThrowInterrupt() {
    if (const std::exception_ptr raised = std::exchange(InterruptOfThread(), nullptr)) {
      std::rethrow_exception(raised);
    }
  }

  template <class Work>
  auto WithoutGil(Work&& work) const {
    const GilRelease release;
    const StopScope scope(token_);
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
      std::forward<Work>(work)();
      ThrowInterrupt();
    } else {
      auto result = std::forward<Work>(work)();
      ThrowInterrupt();
      return result;
    }
  }

  StopToken token_;
};

/// The same as a call guard of nanobind, for functions of the engine that are bound as they
/// are. The translator of errors raises what a signal's handler did.
class EngineCallGuard {
 public:
  EngineCallGuard() {
    InterruptOfThread() = nullptr;
    scope_.emplace(MakeSignalToken());
    release_.emplace();
  }

  ~EngineCallGuard() {
    release_.reset();
    if (InterruptOfThread() != nullptr && std::uncaught_exceptions() == uncaught_) {
      // The call was done all the same: the signal is for whatever runs next.
      InterruptOfThread() = nullptr;
      PyErr_SetInterrupt();
    }
  }

  EngineCallGuard(const EngineCallGuard&) = delete;
  EngineCallGuard& operator=(const EngineCallGuard&) = delete;

 private:
  int uncaught_ = std::uncaught_exceptions();
  std::optional<StopScope> scope_;
  std::optional<GilRelease> release_;
};

}  // namespace floe::bindings
