#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// Bytes that do not decompress; `problem` is made for a message of who knows the file.
struct PuffinCodecError {
  std::string problem;
};

/// Whether `codec` is one that Puffin has: `lz4` or `zstd`.
bool IsPuffinCodec(std::string_view codec);

/// The content of a single LZ4 (Zstandard) frame that tells its size. A size that no frame of
/// so many bytes can have is not allocated. Throws PuffinCodecError.
std::string DecompressPuffin(std::string_view codec, std::string_view frame);

/// A single frame with its content's size.
std::string CompressPuffin(std::string_view codec, std::string_view content);

}  // namespace floe::inline v0
