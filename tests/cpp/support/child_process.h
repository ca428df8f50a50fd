#pragma once

#include <functional>

namespace floe::testing {

/// How a child process ended.
struct ChildEnd {
  int exit_code;  ///< −1 if a signal ended it
  int signal;     ///< 0 if it exited
};

/// Runs `work` in a forked process and waits for it. The process ends with what `work`
/// returns, or 99 after printing an exception. Fork before the engine's threads are there:
/// tests that use this do all their work in children.
ChildEnd RunInChild(const std::function<int()>& work);

/// Starts such a process; WaitForChild() waits for it.
int StartChild(const std::function<int()>& work);
ChildEnd WaitForChild(int process_id);

}  // namespace floe::testing
