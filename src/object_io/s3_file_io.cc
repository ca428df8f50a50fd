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
#include <cstring>
#include <exception>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "http/http_client.h"
#include "io/read_padding.h"
#include "object_io/s3_batch_delete.h"
#include "object_io/s3_errors.h"
#include "object_io/s3_names.h"
#include "object_io/s3_requests.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"
#include "object_io/s3_uploads.h"
#include "object_io/store_problem.h"
#include "object_io/unfinished_writes.h"

namespace floe::inline v0 {
namespace {

constexpr int kBadRequest = 400;
constexpr int kServerError = 500;

/// What is read of a file whose size is not known, in the hope that it is all.
constexpr size_t kUsualFileBytes = size_t{256} << 10;
/// Of smaller files and ends it can't be told whether they are all.
constexpr int64_t kLeastTail = 8;
/// Larger hints are asked after, so that a wrong one does not take memory.
constexpr int64_t kMostHintedBytes = int64_t{16} << 20;

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

/// Bytes of the object from `offset` on into `out`, by one request; what is behind its end is
/// left as it was. False if the server refuses, which is to be asked for the object's size
/// then, and says why.
bool ReadUnopened(arrow::fs::S3FileSystem& files, const std::string& location, int64_t offset,
                  std::span<char> out, const S3Settings& settings) {
  const auto size = static_cast<int64_t>(out.size());
  arrow::fs::FileInfo some(ArrowPath(location), arrow::fs::FileType::File);
  some.set_size(offset + size);  // so that Arrow does not ask for it
  const auto opened = files.OpenInputFile(some);
  ThrowIfFailed(opened.status(), "open", location, settings);
  // How many bytes came is not told.
  const arrow::Status status = (*opened)->ReadAt(offset, size, out.data()).status();
  if (status.ok()) {
    return true;
  }
  const StoreProblem problem = ReadS3Problem(status.message());
  const bool is_refused =
      problem.http_status >= kBadRequest && problem.http_status < kServerError;
  if (!is_refused && !SaysNothing(status)) {
    ThrowIfFailed(status, "read", location, settings);
  }
  return false;
}

/// The last bytes of an object of `size` bytes, by one request; nothing if the server refuses,
/// or the object has another size.
std::optional<std::string> ReadEnd(arrow::fs::S3FileSystem& files, const std::string& location,
                                   int64_t size, size_t wanted, const S3Settings& settings) {
  // Put where bytes may come or not: at the end of what is wanted they do, and not behind it.
  constexpr std::string_view kMark = "\xf5\x9e\x03\xd1\x7c\xe8\x42\xb7";
  std::string bytes(wanted, '\0');
  const size_t marked = std::min(wanted, kMark.size() / 2);
  bytes.replace(wanted - marked, marked, kMark.substr(0, marked));
  bytes += kMark;
  if (!ReadUnopened(files, location, size - static_cast<int64_t>(wanted), bytes, settings) ||
      !bytes.ends_with(kMark) ||
      std::string_view(bytes).substr(wanted - marked, marked) == kMark.substr(0, marked)) {
    return std::nullopt;
  }
  bytes.resize(wanted);
  return bytes;
}

class S3Input final : public InputFile {
 public:
  /// `tail` is the file's last bytes; may be empty.
  S3Input(std::string location, std::shared_ptr<arrow::fs::S3FileSystem> files,
          std::shared_ptr<arrow::io::RandomAccessFile> file, int64_t size, std::string tail,
          SettingsPtr settings)
      : location_(std::move(location)),
        files_(std::move(files)),
        file_(std::move(file)),
        size_(size),
        tail_(std::move(tail)),
        settings_(std::move(settings)) {}

  const std::string& location() const override { return location_; }
  int64_t size() const override { return size_; }

  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    const int64_t wanted =
        std::min(static_cast<int64_t>(out.size()), std::max<int64_t>(size_ - offset, 0));
    const int64_t tail_offset = size_ - static_cast<int64_t>(tail_.size());
    const int64_t before = std::clamp<int64_t>(tail_offset - offset, 0, wanted);
    if (before > 0) {
      const auto got = Fetch(offset, out.first(static_cast<size_t>(before)));
      if (got < before) {
        return static_cast<size_t>(got);
      }
    }
    if (wanted > before) {
      std::memcpy(out.data() + before, tail_.data() + (offset + before - tail_offset),
                  static_cast<size_t>(wanted - before));
    }
    return static_cast<size_t>(wanted);
  }

 private:
  int64_t Fetch(int64_t offset, std::span<std::byte> out) {
    const auto size = static_cast<int64_t>(out.size());
    arrow::Result<int64_t> got = file_->ReadAt(offset, size, out.data());
    if (!got.ok()) {
      ThrowIfFailed(Why(*files_, ArrowPath(location_), got.status()), "read", location_,
                    *settings_);
      got = file_->ReadAt(offset, size, out.data());
    }
    ThrowIfFailed(got.status(), "read", location_, *settings_);
    return *got;
  }

  std::string location_;
  std::shared_ptr<arrow::fs::S3FileSystem> files_;
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  int64_t size_;
  const std::string tail_;
  SettingsPtr settings_;
};

/// Whether a request that was answered so may have been carried out.
bool MayBeDone(const StoreProblem& problem) {
  return problem.kind == StoreProblem::Kind::kUnreachable ||
         problem.http_status >= kServerError;
}

class S3Output final : public OutputFile {
 public:
  S3Output(std::string location, std::shared_ptr<arrow::fs::S3FileSystem> files,
           std::shared_ptr<arrow::io::OutputStream> stream, std::shared_ptr<HttpClient> http,
           SettingsPtr settings)
      : location_(std::move(location)),
        files_(std::move(files)),
        stream_(std::move(stream)),
        http_(std::move(http)),
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
    } else if (status = stream_->Close(); !status.ok() && IsDone(status)) {
      status = arrow::Status::OK();
    }
    stream_ = nullptr;
    CleanUp(!status.ok() && MayBeDone(ReadS3Problem(status.message())));
    ThrowIfFailed(status, "write", location_, *settings_);
  }

  void Abort() noexcept override {
    if (stream_ == nullptr) {
      return;
    }
    const arrow::Status status = stream_->Abort();
    stream_ = nullptr;
    // Who may write may not abort uploads everywhere. Arrow has ended it then: the object may
    // be there.
    CleanUp(!status.ok());
  }

 private:
  /// Whether the parts were put together, but the answer was lost: there is no such upload when
  /// it is asked for again. The object is of nobody else: it was not there.
  bool IsDone(const arrow::Status& status) const {
    const std::string code = ReadS3Problem(status.message()).code;
    if (!IsInParts() || (code != "NO_SUCH_UPLOAD" && code != "NoSuchUpload")) {
      return false;
    }
    const auto opened = files_->OpenInputFile(ArrowPath(location_));
    return opened.ok() && (*opened)->GetSize().ValueOr(-1) == written_;
  }

  /// Removes what Arrow leaves: an upload that it gave up, one whose begin was not answered, an
  /// object whose end was not.
  void CleanUp(bool may_be_there) const noexcept {
    try {
      if (!IsInParts() && !may_be_there) {
        return;
      }
      const auto [bucket, key] = ParseS3Location(location_);
      S3Requests requests(http_, *files_, *settings_, bucket);
      if (IsInParts()) {
        AbortS3Uploads(requests, key);
      }
      if (may_be_there) {
        DeleteS3Leftover(requests, key);
      }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch) as far as possible
    }
  }

  bool IsInParts() const { return written_ > kLeastInParts; }

  // Less than what is in parts.
  static constexpr int64_t kLeastInParts = int64_t{4} << 20;

  std::string location_;
  std::shared_ptr<arrow::fs::S3FileSystem> files_;
  std::shared_ptr<arrow::io::OutputStream> stream_;  // null: closed
  std::shared_ptr<HttpClient> http_;
  SettingsPtr settings_;
  int64_t written_ = 0;
};

class S3FileIO final : public FileIO, public UnfinishedWrites {
 public:
  S3FileIO(S3Settings settings, std::shared_ptr<S3FileSystems> file_systems)
      : settings_(std::make_shared<const S3Settings>(std::move(settings))),
        file_systems_(std::move(file_systems)),
        http_(MakeS3HttpClient(*settings_)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    const auto opened = Open(*files, ArrowPath(location));
    ThrowIfFailed(opened.status(), "open", location, *settings_);
    const arrow::Result<int64_t> size = (*opened)->GetSize();
    ThrowIfFailed(size.status(), "open", location, *settings_);
    return std::make_unique<S3Input>(location, std::move(files), *opened, *size, "", settings_);
  }

  std::unique_ptr<InputFile> OpenHinted(const std::string& location,
                                        const OpenHint& hint) override {
    const int64_t size = hint.size.value_or(0);
    if (size < kLeastTail || size > std::numeric_limits<int64_t>::max() - kLeastTail) {
      return OpenInput(location);
    }
    std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    const int64_t wanted =
        std::clamp<int64_t>(hint.tail_bytes, kLeastTail, std::min(size, kMostHintedBytes));
    auto tail = ReadEnd(*files, location, size, static_cast<size_t>(wanted), *settings_);
    if (!tail) {
      return OpenInput(location);
    }
    arrow::fs::FileInfo info(ArrowPath(location), arrow::fs::FileType::File);
    info.set_size(size);
    const auto opened = files->OpenInputFile(info);
    ThrowIfFailed(opened.status(), "open", location, *settings_);
    return std::make_unique<S3Input>(location, std::move(files), *opened, size,
                                     *std::move(tail), settings_);
  }

  std::string ReadAll(const std::string& location, std::optional<int64_t> size_hint) override {
    if (size_hint && *size_hint >= kLeastTail && *size_hint <= kMostHintedBytes) {
      auto content = ReadEnd(*FileSystem(), location, *size_hint,
                             static_cast<size_t>(*size_hint), *settings_);
      if (content) {
        content->reserve(content->size() + kReadPadding);
        return *std::move(content);
      }
    }
    return ReadUnknown(location);
  }

  bool IsFar(const std::string& /*location*/) const override { return true; }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    CheckWriting("write", location);
    if (Exists(location)) {
      throw AlreadyExistsError(fmt::format("file {} is already there", location),
                               {.path = location});
    }
    return CreateUnique(location);
  }

  std::unique_ptr<OutputFile> CreateUnique(const std::string& location) override {
    CheckWriting("write", location);
    std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    auto opened = files->OpenOutputStream(ArrowPath(location), nullptr);
    ThrowIfFailed(opened.status(), "create", location, *settings_);
    return std::make_unique<S3Output>(location, std::move(files), *std::move(opened), http_,
                                      settings_);
  }

  void Delete(const std::string& location) override {
    CheckWriting("delete", location);
    const arrow::Status status = FileSystem()->DeleteFile(ArrowPath(location));
    if (!IsMissing(status)) {
      ThrowIfFailed(status, "delete", location, *settings_);
    }
  }

  std::vector<UndeletedFile> DeleteAll(std::span<const std::string> locations) override {
    if (locations.empty()) {
      return {};
    }
    CheckWriting("delete", locations.front());
    const std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    std::vector<std::string> others;
    const std::vector<Batch> batches = BatchesOf(locations, &others);
    std::mutex mutex;
    std::vector<UndeletedFile> left;
    const auto remove = [&](size_t i) {
      auto failed = TryDelete(*files, batches[i]);
      const std::lock_guard lock(mutex);
      if (failed) {
        std::ranges::move(*failed, std::back_inserter(left));
      } else {
        std::ranges::copy(batches[i].locations | std::views::values,
                          std::back_inserter(others));
      }
    };
    ParallelFor(batches.size(), remove, {.pool = &ThreadPool::ForRequests()});
    std::ranges::move(FileIO::DeleteAll(others), std::back_inserter(left));
    return left;
  }

  void Abandon(const std::string& location) noexcept override {
    try {
      const auto [bucket, key] = ParseS3Location(location);
      S3Requests requests(http_, *FileSystem(), *settings_, bucket);
      AbortS3Uploads(requests, key);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch) as far as possible
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
  /// Asks for the size, and meanwhile for what most often is all.
  std::string ReadUnknown(const std::string& location) {
    std::unique_ptr<InputFile> file;
    std::string content(kUsualFileBytes, '\0');
    bool has_content = false;
    const std::shared_ptr<arrow::fs::S3FileSystem> files = FileSystem();
    ParallelFor(2,
                [&](size_t i) {
                  if (i == 0) {
                    has_content = ReadUnopened(*files, location, 0, content, *settings_);
                  } else {
                    file = OpenInput(location);
                  }
                },
                {.pool = &ThreadPool::ForRequests()});
    const auto size = static_cast<size_t>(file->size());
    const size_t known = has_content ? std::min(size, content.size()) : 0;
    content.reserve(size + kReadPadding);
    content.resize(size);
    const size_t got = file->ReadAt(static_cast<int64_t>(known),
                                    std::as_writable_bytes(std::span(content)).subspan(known));
    if (known + got != size) {
      throw IoError(fmt::format("read only {} of {} bytes of {}", known + got, size, location),
                    {.path = location});
    }
    return content;
  }

  /// What is deleted by one request.
  struct Batch {
    std::string bucket;
    std::map<std::string, std::string> locations;  // by their keys
  };

  /// `others` are those that no batch can have.
  static std::vector<Batch> BatchesOf(std::span<const std::string> locations,
                                      std::vector<std::string>* others) {
    std::vector<Batch> full;
    std::map<std::string, Batch> begun;
    for (const std::string& location : locations) {
      S3Location parts = ParseS3Location(location);
      if (!CanDeleteInBatch(parts.key)) {
        others->push_back(location);
        continue;
      }
      Batch& batch = begun.try_emplace(parts.bucket, Batch{parts.bucket, {}}).first->second;
      batch.locations.emplace(std::move(parts.key), location);
      if (batch.locations.size() == kMostS3Deletes) {
        full.push_back(std::exchange(batch, Batch{parts.bucket, {}}));
      }
    }
    for (auto& [bucket, batch] : begun) {
      if (!batch.locations.empty()) {
        full.push_back(std::move(batch));
      }
    }
    return full;
  }

  /// Nothing where it can't be done so.
  std::optional<std::vector<UndeletedFile>> TryDelete(const arrow::fs::S3FileSystem& files,
                                                      const Batch& batch) const {
    try {
      S3Requests requests(http_, files, *settings_, batch.bucket);
      return TryDeleteS3Batch(requests, *settings_, batch.locations);
    } catch (const UnsupportedError&) {
      return std::nullopt;  // without libcurl
    }
  }

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
  const std::shared_ptr<HttpClient> http_;
};

}  // namespace

std::unique_ptr<FileIO> MakeS3FileIO(S3Settings settings,
                                     std::shared_ptr<S3FileSystems> file_systems) {
  return std::make_unique<S3FileIO>(std::move(settings), std::move(file_systems));
}

}  // namespace floe::inline v0
