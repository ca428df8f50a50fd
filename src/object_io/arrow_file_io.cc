#include "object_io/arrow_file_io.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/io_util.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

using StorePtr = std::shared_ptr<const ObjectStore>;

bool IsMissing(const arrow::Status& status) {
  return arrow::internal::ErrnoFromStatus(status) == ENOENT;
}

/// What `call` of Arrow's returns. Clients of stores throw where Arrow does not expect it.
template <class Call>
arrow::Status Try(const Call& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return arrow::Status::IOError(error.what());
  }
}

StoreProblem ProblemOf(const arrow::Status& status, const ObjectStore& store) {
  if (status.IsOutOfMemory()) {
    throw std::bad_alloc();
  }
  StoreProblem problem = store.ReadProblem(status.message());
  if (problem.kind == StoreProblem::Kind::kOther && IsMissing(status)) {
    problem.kind = StoreProblem::Kind::kNoSuchObject;
  }
  return problem;
}

void ThrowIfFailed(const arrow::Status& status, std::string_view action,
                   const std::string& location, const ObjectStore& store) {
  if (status.ok()) [[likely]] {
    return;
  }
  store.Throw(ProblemOf(status, store), action, location, status.message());
}

class ArrowInput final : public InputFile {
 public:
  ArrowInput(std::string location, std::shared_ptr<arrow::io::RandomAccessFile> file,
             int64_t size, StorePtr store)
      : location_(std::move(location)),
        file_(std::move(file)),
        size_(size),
        store_(std::move(store)) {}

  const std::string& location() const override { return location_; }
  int64_t size() const override { return size_; }

  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    const int64_t wanted =
        std::min(static_cast<int64_t>(out.size()), std::max<int64_t>(size_ - offset, 0));
    if (wanted == 0) {
      return 0;
    }
    int64_t got = 0;
    const arrow::Status status =
        Try([&] { return file_->ReadAt(offset, wanted, out.data()).Value(&got); });
    ThrowIfFailed(status, "read", location_, *store_);
    return static_cast<size_t>(got);
  }

 private:
  std::string location_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  int64_t size_;
  StorePtr store_;
};

class ArrowOutput final : public OutputFile {
 public:
  ArrowOutput(std::string location, std::shared_ptr<arrow::io::OutputStream> stream,
              std::shared_ptr<arrow::fs::FileSystem> file_system, StorePtr store)
      : location_(std::move(location)),
        stream_(std::move(stream)),
        file_system_(std::move(file_system)),
        store_(std::move(store)) {}
  ~ArrowOutput() override { ArrowOutput::Abort(); }
  ArrowOutput(const ArrowOutput&) = delete;
  ArrowOutput& operator=(const ArrowOutput&) = delete;

  const std::string& location() const override { return location_; }
  int64_t position() const override { return written_; }

  void Write(std::span<const std::byte> data) override {
    Check(stream_ != nullptr, "write to an OutputFile that is closed");
    const auto size = static_cast<int64_t>(data.size());
    ThrowIfFailed(Try([&] { return stream_->Write(data.data(), size); }), "write", location_,
                  *store_);
    written_ += size;
  }

  void Close() override {
    Check(stream_ != nullptr, "OutputFile closed twice");
    const arrow::Status status = Try([&] { return stream_->Close(); });
    if (!status.ok()) {
      Abort();
    }
    stream_ = nullptr;
    ThrowIfFailed(status, "write", location_, *store_);
  }

  void Abort() noexcept override {
    if (stream_ == nullptr) {
      return;
    }
    // Arrow has no way to leave an object unfinished: what there is of it may be there now.
    try {
      static_cast<void>(stream_->Abort());
      stream_ = nullptr;
      static_cast<void>(file_system_->DeleteFile(store_->Path(location_)));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): nothing more can be done
      stream_ = nullptr;
    }
  }

 private:
  std::string location_;
  std::shared_ptr<arrow::io::OutputStream> stream_;
  std::shared_ptr<arrow::fs::FileSystem> file_system_;
  StorePtr store_;
  int64_t written_ = 0;
};

class ArrowFileIO final : public FileIO {
 public:
  explicit ArrowFileIO(StorePtr store) : store_(std::move(store)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    const std::string path = store_->Path(location);
    const auto file_system = store_->FileSystem(location);
    std::shared_ptr<arrow::io::RandomAccessFile> file;
    const arrow::Status status =
        Try([&] { return file_system->OpenInputFile(path).Value(&file); });
    if (!status.ok()) {
      ThrowNotOpened(status, path, location, *file_system);
    }
    int64_t size = 0;
    ThrowIfFailed(Try([&] { return file->GetSize().Value(&size); }), "look at", location,
                  *store_);
    return std::make_unique<ArrowInput>(location, std::move(file), size, store_);
  }

  bool IsFar(const std::string& /*location*/) const override { return true; }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    if (Exists(location)) {
      throw AlreadyExistsError(fmt::format("file {} is already there", location),
                               {.path = location});
    }
    return CreateUnique(location);
  }

  std::unique_ptr<OutputFile> CreateUnique(const std::string& location) override {
    auto file_system = store_->FileSystem(location);
    std::shared_ptr<arrow::io::OutputStream> stream;
    const arrow::Status status = Try(
        [&] { return file_system->OpenOutputStream(store_->Path(location)).Value(&stream); });
    ThrowIfFailed(status, "write", location, *store_);
    return std::make_unique<ArrowOutput>(location, std::move(stream), std::move(file_system),
                                         store_);
  }

  void Delete(const std::string& location) override {
    const auto file_system = store_->FileSystem(location);
    const arrow::Status status =
        Try([&] { return file_system->DeleteFile(store_->Path(location)); });
    if (!IsMissing(status)) {
      ThrowIfFailed(status, "delete", location, *store_);
    }
  }

  bool Exists(const std::string& location) override {
    const auto file_system = store_->FileSystem(location);
    // Of what is opened: GetFileInfo() finds a folder of that name, too.
    const arrow::Status status =
        Try([&] { return file_system->OpenInputFile(store_->Path(location)).status(); });
    if (IsMissing(status)) {
      return false;
    }
    ThrowIfFailed(status, "look at", location, *store_);
    return true;
  }

  void Sync(std::span<const std::string> /*locations*/) override {}

 private:
  /// A missing bucket looks like a missing object, where it is not asked for.
  void ThrowNotOpened(const arrow::Status& status, const std::string& path,
                      const std::string& location, arrow::fs::FileSystem& file_system) const {
    StoreProblem problem = ProblemOf(status, *store_);
    if (problem.kind == StoreProblem::Kind::kNoSuchObject) {
      arrow::fs::FileInfo bucket;
      const arrow::Status asked = Try([&] {
        return file_system.GetFileInfo(path.substr(0, path.find('/'))).Value(&bucket);
      });
      if (asked.ok() && bucket.type() == arrow::fs::FileType::NotFound) {
        problem.kind = StoreProblem::Kind::kNoSuchBucket;
      }
    }
    store_->Throw(problem, "read", location, status.message());
  }

  const StorePtr store_;
};

}  // namespace

std::unique_ptr<FileIO> MakeArrowFileIO(std::shared_ptr<const ObjectStore> store) {
  return std::make_unique<ArrowFileIO>(std::move(store));
}

}  // namespace floe::inline v0
