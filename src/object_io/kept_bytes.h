#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace floe::inline v0 {

/// Bytes in their order, to have them once more: a few in memory, more in a file without a name
/// in the folder for temporary files ($TMPDIR, or /tmp), which goes with this object.
class KeptBytes {
 public:
  /// `folder` is where that file is.
  explicit KeptBytes(std::string folder = TemporaryFolder()) : folder_(std::move(folder)) {}
  ~KeptBytes();
  KeptBytes(const KeptBytes&) = delete;
  KeptBytes& operator=(const KeptBytes&) = delete;

  /// Where there is no room for them, all are forgotten: IsWhole() is false from then on.
  void Append(std::span<const std::byte> data);

  /// Whether all that was appended is here.
  bool IsWhole() const { return is_whole_; }

  int64_t size() const { return size_; }

  /// Gives all to `write`, in pieces. Throws IoError if they can't be read, and what it throws.
  void Replay(const std::function<void(std::span<const std::byte>)>& write) const;

 private:
  static std::string TemporaryFolder();
  bool MoveToFile();
  bool AppendToFile(std::span<const std::byte> data);

  std::string folder_;
  std::vector<std::byte> memory_;
  int file_ = -1;  ///< has all of them, if it is there
  int64_t size_ = 0;
  bool is_whole_ = true;
};

}  // namespace floe::inline v0
