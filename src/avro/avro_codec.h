#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "floe/avro/codec.h"

namespace floe::inline v0 {

/// What the blocks of a file of `file_size` bytes may be expanded to in all: what deflate can
/// do at best, and some room for small files of codecs that can do better. More is an attack.
size_t AvroExpansionLimit(size_t file_size);

/// Expands blocks of one codec, into room that is used again for the next. Not thread-safe.
class AvroDecompressor {
 public:
  explicit AvroDecompressor(AvroCodec codec) : codec_(codec) {}

  /// The block's data, which stay valid until the next call (or as long as `block`, if nothing
  /// was compressed). Throws AvroDataError if the block is damaged or has more than `limit`
  /// bytes; never allocates more than that.
  std::string_view Decompress(std::string_view block, size_t limit);

 private:
  std::string_view Inflate(std::string_view block, size_t limit);
  std::string_view DecompressZstandard(std::string_view block, size_t limit);
  std::string_view DecompressSnappy(std::string_view block, size_t limit);
  void Reserve(size_t size);

  AvroCodec codec_;
  std::unique_ptr<char[]> room_;  // left uninitialised where it is not needed
  size_t capacity_ = 0;
};

/// Appends `data`, compressed.
void AppendCompressed(const AvroCompression& compression, std::string_view data,
                      std::string* out);

}  // namespace floe::inline v0
