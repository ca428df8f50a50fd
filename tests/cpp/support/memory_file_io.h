#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "floe/io/file_io.h"

namespace floe::testing {

/// Files in memory, for tests that damage them byte by byte. Thread-safe.
class MemoryFileIO final : public FileIO {
 public:
  /// Puts a file in place, over what is there.
  void Put(const std::string& location, std::string content);
  /// The bytes of a file; throws IoError if it is not there.
  std::shared_ptr<const std::string> Get(const std::string& location) const;

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override;
  std::unique_ptr<OutputFile> Create(const std::string& location) override;
  void Delete(const std::string& location) override;
  bool Exists(const std::string& location) override;
  void Sync(std::span<const std::string> locations) override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const std::string>> files_;
};

}  // namespace floe::testing
