#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"
#include "io/parallel_requests.h"

namespace floe::inline v0 {

std::vector<UndeletedFile> FileIO::DeleteAll(std::span<const std::string> locations) {
  std::mutex mutex;
  std::vector<UndeletedFile> left;
  if (locations.empty()) {
    return left;
  }
  const auto remove = [&](size_t i) {
    try {
      Delete(locations[i]);
    } catch (const CancelledError&) {
      throw;
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      left.push_back({locations[i], error.message()});
    }
  };
  ParallelFor(locations.size(), remove, ParallelRequests(*this, locations.front()));
  return left;
}

void DeleteLeftovers(FileIO& io, std::span<const std::string> locations) noexcept {
  if (locations.empty()) {
    return;
  }
  try {
    const StopScope goes_on{StopToken()};
    static_cast<void>(io.DeleteAll(locations));
  } catch (...) {  // NOLINT(bugprone-empty-catch) orphans, which change nothing in the table
  }
}

}  // namespace floe::inline v0
