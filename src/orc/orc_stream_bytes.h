#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "orc/orc_layout.h"

namespace floe::inline v0 {

/// Part of a file, read in pieces that are large enough for short streams that are next to
/// each other. One thread at a time.
class OrcFileWindow {
 public:
  /// Of bytes [begin, end) of `file`.
  OrcFileWindow(std::shared_ptr<arrow::io::RandomAccessFile> file, std::string location,
                int64_t begin, int64_t end);

  /// `size` bytes from `offset` of the part, which must have them. Throws IoError, and
  /// CorruptFileError if the file ends before.
  std::shared_ptr<arrow::Buffer> Read(int64_t offset, int64_t size);

  const std::string& location() const { return location_; }

 private:
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  const std::string location_;
  const int64_t begin_;
  const int64_t end_;
  std::shared_ptr<arrow::Buffer> piece_;
  int64_t piece_offset_ = 0;  // in the part
};

/// How the streams of a file are compressed; not by OrcCodec::kOther. Immutable.
class OrcCompression {
 public:
  /// Throws CorruptFileError naming `location` for chunks larger than ORC can have.
  OrcCompression(OrcCodec codec, uint64_t block_size, const std::string& location);
  ~OrcCompression();

  bool is_compressed() const { return is_compressed_; }
  /// What a chunk becomes at most.
  int64_t block_size() const { return block_size_; }

  /// Decompresses a chunk into block_size() bytes; returns how many it has, if it is sound.
  std::optional<int64_t> Decompress(std::span<const uint8_t> chunk, uint8_t* output) const;

 private:
  const bool is_compressed_;
  const int64_t block_size_;
  std::unique_ptr<arrow::util::Codec> codec_;  // null for Zstandard
};

/// The bytes of one stream, decompressed as they are needed. One thread at a time.
class OrcStreamBytes {
 public:
  /// A stream of `size` bytes from `offset` of `window`. Both must outlive it. `name` is what
  /// errors call it.
  OrcStreamBytes(OrcFileWindow& window, const OrcCompression& compression, int64_t offset,
                 int64_t size, std::string name);

  /// Throws CorruptFileError after the last byte.
  uint8_t Next() {
    if (at_ == end_) {
      Refill();
    }
    return *at_++;
  }

  /// Whether it may have `size` bytes when decompressed: goes over the headers of its chunks,
  /// decompresses nothing. Only before the first Next().
  bool MayHold(int64_t size);

  /// All bytes, of which there are no more than `limit`.
  std::string ReadAll(int64_t limit);

  /// Throws CorruptFileError that names the file and the stream.
  [[noreturn]] void Fail(std::string_view what) const;

 private:
  struct Chunk {
    int64_t size;
    bool is_original;
  };
  std::optional<Chunk> NextChunk();
  bool TryRefill();
  void Refill();
  void Decompress(const Chunk& chunk);

  OrcFileWindow& window_;
  const OrcCompression& compression_;
  int64_t offset_;
  int64_t left_;  // compressed
  const std::string name_;
  std::shared_ptr<arrow::Buffer> input_;
  std::unique_ptr<uint8_t[]> output_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace floe::inline v0
