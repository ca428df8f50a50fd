#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace arrow::fs {
class FileSystem;
}  // namespace arrow::fs

namespace floe::inline v0 {

/// Throws UnsupportedError in a process that was forked from one in which this was called: the
/// clients of stores have connections and locks that two processes can't share.
void ThrowIfForked();

/// Arrow's file systems, each with its connections, by their settings: tables with the same
/// ones share one. Thread-safe.
template <class Settings>
class FileSystems {
 public:
  using Made = std::shared_ptr<arrow::fs::FileSystem>;
  using Make = std::function<Made(const Settings&)>;

  explicit FileSystems(Make make) : make_(std::move(make)) {}

  /// Throws UnsupportedError in a forked process, and what making one throws.
  Made For(const Settings& settings) {
    ThrowIfForked();
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, settings, &Entry::first);
    if (found != entries_.end()) {
      std::rotate(found, found + 1, entries_.end());
      return entries_.back().second;
    }
    // Enough for the credentials of many tables.
    constexpr size_t kMost = 64;
    Made made = make_(settings);
    if (entries_.size() == kMost) {
      entries_.erase(entries_.begin());
    }
    return entries_.emplace_back(settings, std::move(made)).second;
  }

 private:
  using Entry = std::pair<Settings, Made>;

  const Make make_;
  std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_; the one used last is at the end
};

}  // namespace floe::inline v0
