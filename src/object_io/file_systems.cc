#include "object_io/file_systems.h"

#include <unistd.h>

#include "floe/base/error.h"

namespace floe::inline v0 {

void ThrowIfForked() {
  static const pid_t starter = getpid();
  if (starter != getpid()) {
    throw UnsupportedError(
        "this process was forked from one that had used an object store, whose connections two "
        "processes can't share; start processes by 'spawn' or 'forkserver', or use the store "
        "only after the fork");
  }
}

}  // namespace floe::inline v0
