#include "support/memory_file_io.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"

namespace floe::testing {
namespace {

class MemoryInput final : public InputFile {
 public:
  MemoryInput(std::string location, std::shared_ptr<const std::string> content)
      : location_(std::move(location)), content_(std::move(content)) {}

  const std::string& location() const override { return location_; }
  int64_t size() const override { return static_cast<int64_t>(content_->size()); }
  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    if (offset < 0) {
      throw IoError("a negative offset", {.path = location_});
    }
    const size_t start = std::min(static_cast<size_t>(offset), content_->size());
    const size_t count = std::min(out.size(), content_->size() - start);
    if (count > 0) {
      std::memcpy(out.data(), content_->data() + start, count);
    }
    return count;
  }

 private:
  std::string location_;
  std::shared_ptr<const std::string> content_;
};

class MemoryOutput final : public OutputFile {
 public:
  MemoryOutput(MemoryFileIO& io, std::string location)
      : io_(io), location_(std::move(location)) {}

  const std::string& location() const override { return location_; }
  void Write(std::span<const std::byte> data) override { content_ += AsText(data); }
  int64_t position() const override { return static_cast<int64_t>(content_.size()); }
  void Close() override { io_.Put(location_, content_); }
  void Abort() noexcept override { content_.clear(); }

 private:
  MemoryFileIO& io_;
  std::string location_;
  std::string content_;
};

}  // namespace

void MemoryFileIO::Put(const std::string& location, std::string content) {
  const std::lock_guard lock(mutex_);
  files_[location] = std::make_shared<const std::string>(std::move(content));
}

std::shared_ptr<const std::string> MemoryFileIO::Get(const std::string& location) const {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(location);
  if (found == files_.end()) {
    throw IoError("no such file: " + location, {.path = location});
  }
  return found->second;
}

std::unique_ptr<InputFile> MemoryFileIO::OpenInput(const std::string& location) {
  return std::make_unique<MemoryInput>(location, Get(location));
}

std::unique_ptr<OutputFile> MemoryFileIO::Create(const std::string& location) {
  if (Exists(location)) {
    throw AlreadyExistsError("there is a file already: " + location, {.path = location});
  }
  return std::make_unique<MemoryOutput>(*this, location);
}

void MemoryFileIO::Delete(const std::string& location) {
  const std::lock_guard lock(mutex_);
  files_.erase(location);
}

bool MemoryFileIO::Exists(const std::string& location) {
  const std::lock_guard lock(mutex_);
  return files_.contains(location);
}

void MemoryFileIO::Sync(std::span<const std::string> /*locations*/) {}

}  // namespace floe::testing
