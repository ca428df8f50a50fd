#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// A file open for reading. Thread-safe: reads carry their own offset.
class InputFile {
 public:
  virtual ~InputFile() = default;
  virtual const std::string& location() const = 0;
  /// Size in bytes, known since the file was opened.
  virtual int64_t size() const = 0;
  /// Fills `out` from `offset`; returns fewer bytes than asked only at the end of the file.
  /// Throws IoError.
  virtual size_t ReadAt(int64_t offset, std::span<std::byte> out) = 0;
};

/// A file being written. Nobody relies on it before Close() returned. One thread at a time.
/// Destroyed without Close(), it is aborted.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual const std::string& location() const = 0;
  /// Appends. Throws IoError (its message tells a full disk apart).
  virtual void Write(std::span<const std::byte> data) = 0;
  /// Bytes written so far.
  virtual int64_t position() const = 0;
  /// Hands everything to the storage; durable only after FileIO::Sync().
  virtual void Close() = 0;
  /// Gives up and removes what was written, as far as possible. Never throws.
  virtual void Abort() noexcept = 0;
};

/// What is known of a file before it is opened.
struct OpenHint {
  /// Its size, as a manifest says. A wrong one costs time; one that is wrong by some bytes may
  /// be taken for right, so that what was read does not end as the file does: try again
  /// without it then.
  std::optional<int64_t> size;
  /// So many of its last bytes are wanted first. If size is right, a store that is far away
  /// gives them by the one request that opens the file.
  int64_t tail_bytes = 0;
};

/// A file that could not be deleted, and why.
struct UndeletedFile {
  std::string location;
  std::string message;
};

/// Access to the files of tables, by location (a URI). Thread-safe.
///
/// Errors of every call: StorageAccessError if the storage refuses, IoError otherwise (with
/// the system's errno where there is one), UnsupportedError for a scheme it does not serve.
class FileIO {
 public:
  virtual ~FileIO() = default;
  /// A missing file is an IoError with errno ENOENT.
  virtual std::unique_ptr<InputFile> OpenInput(const std::string& location) = 0;
  /// The same, with fewer requests where the hint is of use.
  virtual std::unique_ptr<InputFile> OpenHinted(const std::string& location,
                                                const OpenHint& /*hint*/) {
    return OpenInput(location);
  }
  /// All bytes of a file, by one request if it is as large as `size_hint` says (see OpenHint).
  virtual std::string ReadAll(const std::string& location, std::optional<int64_t> size_hint);
  /// Whether each read is a request to a store, which takes time: then it pays to have many
  /// under way at once (ThreadPool::ForRequests()), and to read ahead.
  virtual bool IsFar(const std::string& /*location*/) const { return false; }
  /// Creates the file, and folders above it as needed. Throws AlreadyExistsError if it is
  /// there: floe never overwrites a file.
  virtual std::unique_ptr<OutputFile> Create(const std::string& location) = 0;
  /// The same for a name that was made for this file alone, with a UUID: a store is not asked
  /// whether it is there.
  virtual std::unique_ptr<OutputFile> CreateUnique(const std::string& location) {
    return Create(location);
  }
  /// Deletes the file; a file that is not there is no error.
  virtual void Delete(const std::string& location) = 0;
  /// Deletes many files: in batches where the storage has them, several at a time elsewhere.
  /// Goes on after one that can't be deleted, and returns those, in any order. Throws what
  /// keeps it from asking for any, and CancelledError.
  virtual std::vector<UndeletedFile> DeleteAll(std::span<const std::string> locations);
  virtual bool Exists(const std::string& location) = 0;
  /// Makes closed files survive a crash of the machine, with the folders that name them.
  virtual void Sync(std::span<const std::string> locations) = 0;
};

struct LocalFileIOOptions {
  /// false: Sync() does nothing. For throw-away tables; a crash of the machine (not of the
  /// process) may then lose a commit that was reported as done.
  bool fsync = true;
};

/// Files of this machine. Locations are `file:///abs/path`, `file:/abs/path` or `/abs/path`;
/// nothing in them is percent-decoded.
std::shared_ptr<FileIO> MakeLocalFileIO(LocalFileIOOptions options = {});

/// The form that floe writes: `file:///abs/path` for a local path (a relative one is taken
/// from the working directory), other URIs as they are; no slash at the end.
std::string CanonicalLocation(std::string_view location);

/// The local path of `location`, if it has one.
std::optional<std::string> LocalPath(std::string_view location);

/// The whole file as bytes, with room behind them. `size_hint` is what a manifest says.
std::string ReadFile(FileIO& io, const std::string& location,
                     std::optional<int64_t> size_hint = std::nullopt);

/// Deletes what something that failed has left, as far as possible, even if it was asked to
/// stop.
void DeleteLeftovers(FileIO& io, std::span<const std::string> locations) noexcept;

/// Creates `location` with `content` and closes it. A failure leaves no file.
void WriteFile(FileIO& io, const std::string& location, std::string_view content);

/// The same for a name that was made for this file alone (FileIO::CreateUnique()).
void WriteUniqueFile(FileIO& io, const std::string& location, std::string_view content);

}  // namespace floe::inline v0
