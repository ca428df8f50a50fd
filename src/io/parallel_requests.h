#pragma once

#include <string>

#include "floe/base/parallel.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// How to read or delete files such as `location` side by side: as `usual`, or, where they are
/// far away, with many requests under way.
inline ParallelOptions ParallelRequests(const FileIO& io, const std::string& location,
                                        ParallelOptions usual = {}) {
  if (io.IsFar(location)) {
    usual.pool = &ThreadPool::ForRequests();
    usual.max_parallelism = 0;
  }
  return usual;
}

}  // namespace floe::inline v0
