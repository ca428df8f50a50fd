#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "object_io/s3_settings.h"

namespace arrow::fs {
class S3FileSystem;
}  // namespace arrow::fs

namespace floe::inline v0 {

/// Arrow's file systems, each with its connections, by their settings: tables with the same
/// ones share one. Thread-safe.
class S3FileSystems {
 public:
  S3FileSystems() = default;
  ~S3FileSystems();
  S3FileSystems(const S3FileSystems&) = delete;
  S3FileSystems& operator=(const S3FileSystems&) = delete;

  /// Does no I/O, but for what AWS's SDK does to find credentials and region where none are
  /// given. Throws IoError; UnsupportedError in a process that was forked from one that had
  /// used S3, whose locks and threads are lost there.
  std::shared_ptr<arrow::fs::S3FileSystem> For(const S3Settings& settings);

 private:
  using Entry = std::pair<S3Settings, std::shared_ptr<arrow::fs::S3FileSystem>>;

  std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_; the one used last is at the end
};

}  // namespace floe::inline v0
