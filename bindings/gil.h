#pragma once

#include <Python.h>
#include <cxxabi.h>
#include <unistd.h>

namespace floe::bindings {

/// Waits for the process to end. When the interpreter ends while another thread is in the
/// engine, Python (up to 3.13) ends that thread as it asks for the GIL, by unwinding its stack;
/// C++ aborts the process over that.
[[noreturn]] inline void WaitForTheEnd() noexcept {
  for (;;) {
    pause();
  }
}

/// Runs `call`, which takes the GIL or lets others have it meanwhile. No objects of Python may
/// be held within it: their ends need the GIL. Out of line: what calls it may be noexcept.
template <class Call>
[[gnu::noinline]] auto CallPython(const Call& call) {
  try {
    return call();
  } catch (const abi::__forced_unwind&) {
    WaitForTheEnd();
  }
}

/// Without the GIL as long as it lives. Begun and ended on one thread, which has the GIL.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  ~GilRelease() {
    CallPython([this] { PyEval_RestoreThread(state_); });
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* state_;
};

/// With the GIL as long as it lives, on any thread, whether that has it or not.
class GilAcquire {
 public:
  GilAcquire() : state_(CallPython([] { return PyGILState_Ensure(); })) {}
  ~GilAcquire() { PyGILState_Release(state_); }
  GilAcquire(const GilAcquire&) = delete;
  GilAcquire& operator=(const GilAcquire&) = delete;

 private:
  PyGILState_STATE state_;
};

}  // namespace floe::bindings
