#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "bindings.h"
#include "floe/base/error.h"
#include "floe/base/stop_token.h"

namespace floe::bindings {

/// One call of the engine from Python: the GIL is released while it runs, and signals are
/// looked at a few times a second, so that Ctrl-C ends it. Made and used on one thread.
class EngineCall {
 public:
  EngineCall() : state_(std::make_shared<State>()) {
    token_ = StopToken::Make([state = state_] { return state->Poll(); });
  }

  /// To be passed to the engine.
  const StopToken& token() const { return token_; }

  /// Runs `work` without the GIL. If it was cancelled by a signal, what the signal's handler
  /// raised (KeyboardInterrupt) is thrown instead.
  template <class Work>
  auto Run(Work&& work) const {
    try {
      const nb::gil_scoped_release release;
      return std::forward<Work>(work)();
    } catch (const CancelledError&) {
      if (state_->raised) {
        std::rethrow_exception(std::exchange(state_->raised, nullptr));
      }
      throw;
    }
  }

 private:
  struct State {
    std::exception_ptr raised;
    std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();

    bool Poll() {
      constexpr std::chrono::milliseconds kInterval(50);
      const auto now = std::chrono::steady_clock::now();
      if (now - last < kInterval) {
        return false;
      }
      last = now;
      const nb::gil_scoped_acquire acquire;
      if (PyErr_CheckSignals() == 0) {
        return false;
      }
      raised = std::make_exception_ptr(nb::python_error());
      return true;
    }
  };

  std::shared_ptr<State> state_;
  StopToken token_;
};

}  // namespace floe::bindings
