#include <asm-generic/errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {
namespace {

constexpr size_t kWriteBufferBytes = size_t{256} << 10U;

[[noreturn]] void ThrowErrno(std::string_view action, const std::string& location, int code) {
  const std::string reason = std::generic_category().message(code);
  ErrorDetails details{.path = location, .errno_value = code};
  switch (code) {
    case EACCES:
    case EPERM:
    case EROFS:
      throw StorageAccessError(
          fmt::format("can't {} {}: {}; check the permissions of the warehouse folder and the "
                      "user that runs this process",
                      action, location, reason),
          std::move(details));
    case ENOSPC:
    case EDQUOT:
      throw IoError(fmt::format("can't {} {}: {}; the disk or the quota is full, free space "
                                "and try again",
                                action, location, reason),
                    std::move(details));
    default:
      throw IoError(fmt::format("can't {} {}: {}", action, location, reason),
                    std::move(details));
  }
}

std::string RequireLocalPath(const std::string& location) {
  auto path = LocalPath(location);
  if (!path) {
    throw UnsupportedError(
        fmt::format("location {} is not on the local file system; this version of floe reads "
                    "and writes local files, and objects of S3 (s3://), Google "
                    "Cloud Storage (gs://) and Azure (abfss://)",
                    location),
        {.path = location});
  }
  return *std::move(path);
}

/// An open file descriptor, closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

class LocalInput final : public InputFile {
 public:
  LocalInput(std::string location, int fd, int64_t size)
      : location_(std::move(location)), fd_(fd), size_(size) {}
  const std::string& location() const override { return location_; }
  int64_t size() const override { return size_; }
  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(fd_.get(), out.data() + done, out.size() - done,
                                  offset + static_cast<int64_t>(done));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        ThrowErrno("read", location_, errno);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<size_t>(got);
    }
    return done;
  }

 private:
  std::string location_;
  Descriptor fd_;
  int64_t size_;
};

class LocalOutput final : public OutputFile {
 public:
  LocalOutput(std::string location, std::string path, int fd)
      : location_(std::move(location)), path_(std::move(path)), fd_(fd) {}
  ~LocalOutput() override {
    if (fd_.get() >= 0) {
      LocalOutput::Abort();
    }
  }
  LocalOutput(const LocalOutput&) = delete;
  LocalOutput& operator=(const LocalOutput&) = delete;
  const std::string& location() const override { return location_; }
  int64_t position() const override { return written_ + static_cast<int64_t>(buffer_.size()); }
  void Write(std::span<const std::byte> data) override {
    if (buffer_.size() + data.size() < kWriteBufferBytes) {
      buffer_.insert(buffer_.end(), data.begin(), data.end());
      return;
    }
    FlushBuffer();
    if (data.size() < kWriteBufferBytes) {
      buffer_.assign(data.begin(), data.end());
    } else {
      WriteThrough(data);
    }
  }
  void Close() override {
    Check(fd_.get() >= 0, "OutputFile closed twice");
    FlushBuffer();
    if (::close(fd_.Release()) != 0) {
      const int code = errno;
      ::unlink(path_.c_str());
      ThrowErrno("write", location_, code);
    }
  }
  void Abort() noexcept override {
    if (const int fd = fd_.Release(); fd >= 0) {
      ::close(fd);
      ::unlink(path_.c_str());
    }
  }

 private:
  void FlushBuffer() {
    WriteThrough(buffer_);
    buffer_.clear();
  }
  void WriteThrough(std::span<const std::byte> data) {
    while (!data.empty()) {
      const ssize_t put = ::write(fd_.get(), data.data(), data.size());
      if (put < 0 && errno == EINTR) {
        continue;
      }
      if (put < 0) {
        ThrowErrno("write", location_, errno);
      }
      written_ += put;
      data = data.subspan(static_cast<size_t>(put));
    }
  }

  std::string location_;
  std::string path_;
  Descriptor fd_;
  std::vector<std::byte> buffer_;
  int64_t written_ = 0;
};

class LocalFileIO final : public FileIO {
 public:
  explicit LocalFileIO(LocalFileIOOptions options) : options_(options) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    const std::string path = RequireLocalPath(location);
    Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info{};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
      ThrowErrno("open", location, errno);
    }
    if (S_ISDIR(info.st_mode)) {
      ThrowErrno("open", location, EISDIR);
    }
    return std::make_unique<LocalInput>(location, fd.Release(), info.st_size);
  }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    std::string path = RequireLocalPath(location);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    constexpr mode_t kMode = 0666;
    Descriptor fd(::open(path.c_str(), kFlags, kMode));
    if (fd.get() < 0 && errno == ENOENT) {
      MakeFolder(std::filesystem::path(path).parent_path(), location);
      fd = Descriptor(::open(path.c_str(), kFlags, kMode));
    }
    if (fd.get() < 0 && errno == EEXIST) {
      throw AlreadyExistsError(fmt::format("file {} is already there", location),
                               {.path = location});
    }
    if (fd.get() < 0) {
      ThrowErrno("create", location, errno);
    }
    return std::make_unique<LocalOutput>(location, std::move(path), fd.Release());
  }

  void Delete(const std::string& location) override {
    if (::unlink(RequireLocalPath(location).c_str()) != 0 && errno != ENOENT) {
      ThrowErrno("delete", location, errno);
    }
  }

  bool Exists(const std::string& location) override {
    struct stat info{};
    if (::stat(RequireLocalPath(location).c_str(), &info) == 0) {
      return true;
    }
    if (errno == ENOENT || errno == ENOTDIR) {
      return false;
    }
    ThrowErrno("look at", location, errno);
  }

  void Sync(std::span<const std::string> locations) override {
    if (!options_.fsync) {
      return;
    }
    std::vector<std::string> paths;
    std::set<std::string> folders;
    {
      const std::lock_guard lock(mutex_);
      folders.swap(grown_folders_);
    }
    for (const std::string& location : locations) {
      paths.push_back(RequireLocalPath(location));
      folders.insert(std::filesystem::path(paths.back()).parent_path());
    }
    paths.insert(paths.end(), folders.begin(), folders.end());
    ParallelFor(paths.size(), [&](size_t i) { SyncPath(paths[i]); });
  }

 private:
  /// Makes `folder` and what is missing above it, and remembers which folders got a new
  /// entry by that, for Sync().
  void MakeFolder(const std::filesystem::path& folder, const std::string& location) {
    std::error_code error;
    std::set<std::string> grown;
    for (auto missing = folder;
         !std::filesystem::exists(missing, error) && missing.has_relative_path();
         missing = missing.parent_path()) {
      grown.insert(missing.parent_path());
    }
    std::filesystem::create_directories(folder, error);
    if (error) {
      ThrowErrno("create the folder of", location, error.value());
    }
    const std::lock_guard lock(mutex_);
    grown_folders_.merge(grown);
  }

  static void SyncPath(const std::string& path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
      ThrowErrno("make durable", "file://" + path, errno);
    }
  }

  const LocalFileIOOptions options_;
  std::mutex mutex_;
  std::set<std::string> grown_folders_;  // guarded by mutex_
};

}  // namespace

std::shared_ptr<FileIO> MakeLocalFileIO(LocalFileIOOptions options) {
  return std::make_shared<LocalFileIO>(options);
}

}  // namespace floe::inline v0
