#include "object_io/kept_bytes.h"

#include <fcntl.h>
#include <stdlib.h>  // mkostemp
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kMostInMemory = size_t{4} << 20;

/// A file that nobody else can open; -1 if there can be none.
int OpenNamelessFile(const std::string& folder) {
  std::string path = folder + "/floe-XXXXXX";
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file >= 0) {
    unlink(path.c_str());
  }
  return file;
}

}  // namespace

std::string KeptBytes::TemporaryFolder() {
  const char* folder = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return folder == nullptr || *folder == '\0' ? "/tmp" : folder;
}

KeptBytes::~KeptBytes() {
  if (file_ >= 0) {
    close(file_);
  }
}

void KeptBytes::Append(std::span<const std::byte> data) {
  if (!is_whole_) {
    return;
  }
  if (file_ < 0 && memory_.size() + data.size() <= kMostInMemory) {
    memory_.insert(memory_.end(), data.begin(), data.end());
  } else if ((file_ < 0 && !MoveToFile()) || !AppendToFile(data)) {
    is_whole_ = false;
    memory_ = {};
    if (file_ >= 0) {
      close(file_);
      file_ = -1;
    }
    return;
  }
  size_ += static_cast<int64_t>(data.size());
}

void KeptBytes::Replay(const std::function<void(std::span<const std::byte>)>& write) const {
  Check(is_whole_, "bytes that are kept");
  if (file_ < 0) {
    write(memory_);
    return;
  }
  constexpr size_t kPieceBytes = size_t{1} << 20;
  std::vector<std::byte> piece(kPieceBytes);
  for (int64_t done = 0; done < size_;) {
    const size_t wanted = std::min(piece.size(), static_cast<size_t>(size_ - done));
    const ssize_t got = pread(file_, piece.data(), wanted, done);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      throw IoError("can't read again what is written to an object from a temporary file",
                    {.errno_value = got < 0 ? errno : EIO});
    }
    write(std::span(piece).first(static_cast<size_t>(got)));
    done += got;
  }
}

bool KeptBytes::MoveToFile() {
  file_ = OpenNamelessFile(folder_);
  if (file_ < 0 || !AppendToFile(memory_)) {
    return false;
  }
  memory_ = {};
  return true;
}

bool KeptBytes::AppendToFile(std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t put = ::write(file_, data.data(), data.size());
    if (put < 0 && errno != EINTR) {
      return false;
    }
    data = data.subspan(static_cast<size_t>(std::max<ssize_t>(put, 0)));
  }
  return true;
}

}  // namespace floe::inline v0
