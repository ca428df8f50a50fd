#include "support/child_process.h"

#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>

namespace floe::testing {

int StartChild(const std::function<int()>& work) {
  std::cout.flush();
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) {
    throw std::runtime_error("can't fork");
  }
  if (child > 0) {
    return child;
  }
  constexpr int kFailed = 99;
  int code = kFailed;
  try {
    code = work();
  } catch (const std::exception& error) {
    std::cerr << "child process: " << error.what() << '\n';
  }
  std::cout.flush();
  std::fflush(stdout);
  _exit(code);
}

ChildEnd WaitForChild(int process_id) {
  int status = 0;
  while (waitpid(process_id, &status, 0) < 0) {
    if (errno != EINTR) {
      throw std::runtime_error("can't wait for a child process");
    }
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

ChildEnd RunInChild(const std::function<int()>& work) { return WaitForChild(StartChild(work)); }

}  // namespace floe::testing
