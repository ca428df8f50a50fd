#include "support/faulty_file_io.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "floe/base/error.h"
#include "floe/io/file_io.h"

namespace floe::testing {

class FaultyInput final : public InputFile {
 public:
  FaultyInput(FaultyFileIO& io, std::unique_ptr<InputFile> inner)
      : io_(io), inner_(std::move(inner)) {}
  const std::string& location() const override { return inner_->location(); }
  int64_t size() const override { return inner_->size(); }
  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    size_t got = 0;
    io_.Pass("read", location(), [&] { got = inner_->ReadAt(offset, out); });
    return got;
  }

 private:
  FaultyFileIO& io_;
  std::unique_ptr<InputFile> inner_;
};

class FaultyOutput final : public OutputFile {
 public:
  FaultyOutput(FaultyFileIO& io, std::unique_ptr<OutputFile> inner)
      : io_(io), inner_(std::move(inner)) {}
  const std::string& location() const override { return inner_->location(); }
  int64_t position() const override { return inner_->position(); }
  void Write(std::span<const std::byte> data) override {
    io_.Pass("write", location(), [&] { inner_->Write(data); });
  }
  void Close() override {
    io_.Pass("close", location(), [&] {
      inner_->Close();
      io_.Excuse(location());  // in case that the answer is lost
    });
    const std::lock_guard lock(io_.mutex_);
    io_.excused_.erase(location());
  }
  void Abort() noexcept override { inner_->Abort(); }

 private:
  FaultyFileIO& io_;
  std::unique_ptr<OutputFile> inner_;
};

void FaultyFileIO::Pass(const char* operation, const std::string& location,
                        const std::function<void()>& work) {
  faults_->Pass(std::string(operation) + " " + location, work, [&] {
    throw IoError("can't " + std::string(operation) + " " + location + ": " +
                      std::generic_category().message(errno_value_) + " (injected)",
                  {.path = location, .errno_value = errno_value_});
  });
}

void FaultyFileIO::Excuse(const std::string& location) {
  const std::lock_guard lock(mutex_);
  excused_.insert(location);
}

std::unique_ptr<InputFile> FaultyFileIO::OpenInput(const std::string& location) {
  std::unique_ptr<InputFile> file;
  Pass("open", location,
       [&] { file = std::make_unique<FaultyInput>(*this, inner_->OpenInput(location)); });
  return file;
}

std::unique_ptr<OutputFile> FaultyFileIO::Create(const std::string& location) {
  std::unique_ptr<OutputFile> file;
  try {
    Pass("create", location, [&] { file = inner_->Create(location); });
  } catch (const IoError&) {
    if (file != nullptr) {  // the answer is lost: the file is there and nobody holds it
      file->Close();
      Excuse(location);
    }
    throw;
  }
  return std::make_unique<FaultyOutput>(*this, std::move(file));
}

void FaultyFileIO::Delete(const std::string& location) {
  Excuse(location);
  Pass("delete", location, [&] { inner_->Delete(location); });
  const std::lock_guard lock(mutex_);
  deleted_.insert(location);
}

bool FaultyFileIO::Exists(const std::string& location) {
  bool exists = false;
  Pass("look at", location, [&] { exists = inner_->Exists(location); });
  return exists;
}

void FaultyFileIO::Sync(std::span<const std::string> locations) {
  Pass("sync", locations.empty() ? "nothing" : locations.back(),
       [&] { inner_->Sync(locations); });
}

std::set<std::string> FaultyFileIO::deleted() const {
  const std::lock_guard lock(mutex_);
  return deleted_;
}

std::set<std::string> FaultyFileIO::excused() const {
  const std::lock_guard lock(mutex_);
  return excused_;
}

}  // namespace floe::testing
