#include "object_io/s3_file_io.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/io_util.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "object_io/s3_errors.h"
#include "object_io/s3_names.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"
#include "object_io/s3_uploads.h"
#include "object_io/store_problem.h"

namespace floe::inline v0 {
namespace {

constexpr int kBadRequest = 400;

using SettingsPtr = std::shared_ptr<const S3Settings>;

bool IsMissing(const arrow::Status& status) {
  return arrow::internal::ErrnoFromStatus(status) == ENOENT;
}

void ThrowIfFailed(const arrow::Status& status, std::string_view action,
                   const std::string& location, const S3Settings& settings) {
  if (status.ok()) [[likely]] {
    return;
  }
  if (status.IsOutOfMemory()) {
    throw std::bad_alloc();
  }
  if (IsMissing(status)) {
    throw IoError(
        fmt::format("can't {} {}: there is no such object in S3 at {}; check the "
                    "location, and s3.endpoint",
                    action, location, settings.endpoint.empty() ? "AWS" : settings.endpoint),
        {.path = location, .errno_value = ENOENT});
  }
  ThrowS3Error(action, location, status.message(), settings);
}

/// Whether no more than a failure is told: an answer to HEAD has no text, and the SDK puts a
/// text into the bytes that are to be read, which may be too few for it.
bool SaysNothing(const arrow::Status& status) {
  const StoreProblem problem = ReadS3Problem(status.message());
  return problem.kind == StoreProblem::Kind::kDenied ||
         (problem.kind == StoreProblem::Kind::kOther &&
          (problem.http_status == kBadRequest || problem.code == "INTERNAL_FAILURE"));
}

/// `status`, or what is told when some bytes of the object are asked for: OK if they come.
arrow::Status Why(arrow::fs::S3FileSystem& files, const std::string& path,
                  const arrow::Status& status) {
  if (status.ok() || IsMissing(status) || !SaysNothing(status)) {
    return status;
  }
  constexpr int64_t kLongestText = 8192;
  std::string text(kLongestText, '\0');  // the SDK reads on behind what has come
  arrow::fs::FileInfo some(path, arrow::fs::FileType::File);
  some.set_size(kLongestText);
  const auto opened = files.OpenInputFile(some);
  return opened.ok() ? (*opened)->ReadAt(0, kLongestText, text.data()).status()
                     : opened.status();
}

/// The object, or why it can't be.
arrow::Result<std::shared_ptr<arrow::io::RandomAccessFile>> Open(arrow::fs::S3FileSystem& files,
                                                                 const std::string& path) {
  auto opened = files.OpenInputFile(path);
  arrow::Status why = Why(files, path, opened.status());
  if (opened.ok() || why.ok()) {
    return opened;
  }
  return why;
}

/// Arrow's form of a location.
std::string ArrowPath(const std::string& location) {
  const auto [bucket, key] = ParseS3Location(location);
  if (key.starts_with('/') || key.ends_with('/') || key.find("//") != std::string::npos) {
    throw UnsupportedError(
        fmt::format(
            "the key of {} has a slash at its begin or end, or two in a row, which this "
            "version of floe can't read",
            location),
        {.path = location});
  }
  return bucket + "/" + key;
}

class S3Input final : public InputFile {
 public:
  S3Input(std::string location, std::shared_ptr<arrow::fs::S3FileSystem> files,
          std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t size, SettingsPtr settings)
      : location_(std::move(location)),
        files_(std::move(files)),
        file_(std::move(file)),
        size_(size),
        settings_(std::move(settings)) {}

  const std::string& location() const override { return location_; }
  int64_t size() const override { return size_; }

  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    const int64_t wanted =
        std::min(static_cast<int64_t>(out.size()), std::max<int64_t>(size_ - offset, 0));
    if (wanted == 0) {
      return 0;
    }
    arrow::Result<int64_t> got = file_->ReadAt(offset, wanted, out.data());
    if (!got.ok()) {
      ThrowIfFailed(Why(*files_, ArrowPath(location_), got.status()), "read", location_,
                    *settings_);
      got = file_->ReadAt(offset, wanted, out.data());
    }
    ThrowIfFailed(got.status(), "read", location_, *settings_);
    return static_cast<size_t>(*got);
  }

 private:
  std::string location_;
  std::shared_ptr<arrow::fs::S3FileSystem> files_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  int64_t size_;
  SettingsPtr settings_;
};

class S3Output final : public OutputFile {
 public:
  S3Output(std::string location, std::shared_ptr<arrow::fs::S3FileSystem> files,
           std::shared_ptr<arrow::io::OutputStream> stream, SettingsPtr settings)
      : location_(std::move(location)),
        files_(std::move(files)),
        stream_(std::move(stream)),
        settings_(std::move(settings)) {}
  ~S3Output() override { S3Output::Abort(); }
  S3Output(const S3Output&) = delete;
  S3Output& operator=(const S3Output&) = delete;

  const std::string& location() const override { return location_; }
  int64_t position() const override { return written_; }

  void Write(std::span<const std::byte> data) override {
    Check(stream_ != nullptr, "write to an OutputFile that is closed");
    ThrowIfFailed(stream_->Write(data.data(), static_cast<int64_t>(data.size())), "write",
                  location_, *settings_);
    written_ += static_cast<int64_t>(data.size());
  }

  void Close() override {
    Check(stream_ != nullptr, "OutputFile closed twice");
    // What failed in the background shows here, while the upload can still be aborted.
    arrow::Status status = stream_->Flush();
    if (!status.ok()) {
      Abort();
    } else if (status = stream_->Close(); !status.ok() && written_ > kLeastInParts) {
      // Arrow has given the upload up, and left it.
      const auto [bucket, key] = ParseS3Location(location_);
      AbortS3Uploads(*files_, *settings_, bucket, key);
    }
    stream_ = nullptr;
    ThrowIfFailed(status, "write", location_, *settings_);
  }

  void Abort() noexcept override {
    if (stream_ != nullptr) {
      static_cast<void>(stream_->Abort());
      stream_ = nullptr;
    }
  }

 private:
  // Less than what is in parts.
  static constexpr int64_t kLeastInParts = int64_t{4} << 20;

  std::string location_;
  std::shared_ptr<arrow::fs::S3FileSystem> files_;
  std::shared_ptr<arrow::io::OutputStream> stream_;  // null: closed
  SettingsPtr settings_;
  int64_t written_ = 0;
};

class S3FileIO final : public FileIO {
 public:
  S3FileIO(S3Settings settings, std::shared_ptr<S3FileSystems> file_systems)
      : settings_(std::make_shared<const S3Settings>(std::move(settings))),
        file_systems_(std::move(file_systems)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    const auto opened = Open(*files, ArrowPath(location));
    ThrowIfFailed(opened.status(), "open", location, *settings_);
    const arrow::Result<int64_t> size = (*opened)->GetSize();
    ThrowIfFailed(size.status(), "open", location, *settings_);
    return std::make_unique<S3Input>(location, std::move(files), *opened, *size, settings_);
  }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    CheckWriting("write", location);
    if (Exists(location)) {
      throw AlreadyExistsError(fmt::format("file {} is already there", location),
                               {.path = location});
    }
    std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    auto opened = files->OpenOutputStream(ArrowPath(location), nullptr);
    ThrowIfFailed(opened.status(), "create", location, *settings_);
    return std::make_unique<S3Output>(location, std::move(files), *std::move(opened),
                                      settings_);
  }

  void Delete(const std::string& location) override {
    CheckWriting("delete", location);
    const arrow::Status status = FileSystem()->DeleteFile(ArrowPath(location));
    if (!IsMissing(status)) {
      ThrowIfFailed(status, "delete", location, *settings_);
    }
  }

  bool Exists(const std::string& location) override {
    // Looks for the object only, where GetFileInfo() would look for a folder of that name, too.
    const arrow::Status status = Open(*FileSystem(), ArrowPath(location)).status();
    if (IsMissing(status)) {
      return false;
    }
    ThrowIfFailed(status, "look at", location, *settings_);
    return true;
  }

  void Sync(std::span<const std::string> /*locations*/) override {}

 private:
  void CheckWriting(std::string_view action, const std::string& location) const {
    const std::string& name = settings_->unsupported_for_writing;
    if (const MissingS3Property* missing = FindMissingS3Property(name); missing != nullptr) {
      throw UnsupportedError(
          fmt::format("can't {} {}: the catalog says {}, which is not there in floe: {}",
                      action, location, name, missing->instead),
          {.path = location});
    }
  }

  std::shared_ptr<arrow::fs::S3FileSystem> FileSystem() {
    if (settings_->needs_remote_signing) {
      throw UnsupportedError(
          "the catalog wants to sign requests to S3 itself (s3.remote-signing-enabled), which "
          "this version of floe can't do; ask it for credentials with the property "
          "header.X-Iceberg-Access-Delegation=vended-credentials, or give s3.access-key-id and "
          "s3.secret-access-key");
    }
    return file_systems_->For(*settings_);
  }

  const SettingsPtr settings_;
  const std::shared_ptr<S3FileSystems> file_systems_;
};

}  // namespace

std::unique_ptr<FileIO> MakeS3FileIO(S3Settings settings,
                                     std::shared_ptr<S3FileSystems> file_systems) {
  return std::make_unique<S3FileIO>(std::move(settings), std::move(file_systems));
}

}  // namespace floe::inline v0
