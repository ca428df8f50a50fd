#pragma once

#include <cerrno>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "floe/io/file_io.h"
#include "support/fault_point.h"

namespace floe::testing {

/// Another FileIO, whose operations pass a fault point: opening, reading, creating, writing,
/// closing, deleting, looking and syncing. Keeps account of what it deleted and of files that
/// may be left behind because of a fault.
class FaultyFileIO final : public FileIO {
 public:
  FaultyFileIO(std::shared_ptr<FileIO> inner, std::shared_ptr<FaultPoint> faults,
               int errno_value = EIO)
      : inner_(std::move(inner)), faults_(std::move(faults)), errno_value_(errno_value) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override;
  std::unique_ptr<OutputFile> Create(const std::string& location) override;
  void Delete(const std::string& location) override;
  bool Exists(const std::string& location) override;
  void Sync(std::span<const std::string> locations) override;

  /// Locations that a call of Delete() asked to go.
  std::set<std::string> deleted() const;
  /// Files that nobody can be blamed for leaving behind: they could not be deleted, or were
  /// made by a call that then said it had failed.
  std::set<std::string> excused() const;

 private:
  friend class FaultyInput;
  friend class FaultyOutput;
  void Pass(const char* operation, const std::string& location,
            const std::function<void()>& work);
  void Excuse(const std::string& location);

  const std::shared_ptr<FileIO> inner_;
  const std::shared_ptr<FaultPoint> faults_;
  const int errno_value_;
  mutable std::mutex mutex_;
  std::set<std::string> deleted_;
  std::set<std::string> excused_;
};

}  // namespace floe::testing
