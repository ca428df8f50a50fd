#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "floe/base/stop_token.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// Some bytes of a file.
struct ByteRange {
  int64_t offset = 0;
  int64_t size = 0;

  int64_t end() const { return offset + size; }
};

/// A file that is far away, of which bytes are read ahead: near ranges by one request, others
/// side by side. Thread-safe.
class PrefetchedFile final : public InputFile {
 public:
  /// Keeps bytes in memory as long as it lives; it may outlive the file. Null: none.
  using KeptPtr = std::shared_ptr<const void>;

  explicit PrefetchedFile(std::shared_ptr<InputFile> file);
  ~PrefetchedFile() override;
  PrefetchedFile(const PrefetchedFile&) = delete;
  PrefetchedFile& operator=(const PrefetchedFile&) = delete;

  const std::string& location() const override { return file_->location(); }
  int64_t size() const override { return file_->size(); }
  /// Of what is kept no request is made.
  size_t ReadAt(int64_t offset, std::span<std::byte> out) override;

  /// Reads what is not kept yet of `ranges`, in any order; those that are not within the file
  /// are left out. Takes their size in memory and, between near ones, at most
  /// kLargestGap each. Returns when all are there. Throws IoError and the like;
  /// CancelledError if `stop` asks for it, after the requests that are under way.
  KeptPtr Fetch(std::vector<ByteRange> ranges, const StopToken& stop);

  /// A request costs more than these bytes on the way.
  static constexpr int64_t kLargestGap = int64_t{128} << 10;
  /// Larger ranges are several requests.
  static constexpr int64_t kLargestRequest = int64_t{8} << 20;

 private:
  struct Piece;
  struct Shelf;
  class Kept;
  using PiecePtr = std::shared_ptr<const Piece>;

  const std::shared_ptr<InputFile> file_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace floe::inline v0
