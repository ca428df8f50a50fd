#include "avro/avro_codec.h"

#include <libdeflate.h>
#include <snappy-c.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "avro/avro_cursor.h"
#include "floe/avro/codec.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr int kDefaultDeflateLevel = 6;
constexpr int kDefaultZstandardLevel = 3;
/// Deflate can't expand further than this.
constexpr size_t kMaxDeflateRatio = 1032;
constexpr size_t kRoomForSmallFiles = size_t{64} << 20U;
/// Room that is tried first; most manifests shrink less.
constexpr size_t kUsualRatio = 16;
constexpr size_t kSnappyChecksumBytes = 4;

constexpr const char* kTooLarge =
    "a block expands to more than a sound file of this size would";

/// Releases what the C libraries allocate.
struct Free {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

libdeflate_decompressor* ThreadInflater() {
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> inflater(
      libdeflate_alloc_decompressor());
  return inflater.get();
}

ZSTD_DCtx* ThreadZstandardContext() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  return context.get();
}

size_t FirstGuess(size_t compressed, size_t limit) {
  return std::min(limit, compressed * kUsualRatio + 64);
}

[[noreturn]] void Fail(const char* problem) { throw AvroDataError{problem, 0}; }

uint32_t BigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) {
    value = (value << 8U) | static_cast<uint8_t>(byte);
  }
  return value;
}

std::string Deflated(std::string_view data, int level) {
  const std::unique_ptr<libdeflate_compressor, Free> compressor(
      libdeflate_alloc_compressor(level));
  Check(compressor != nullptr, "a deflate level that libdeflate does not have");
  std::string out(libdeflate_deflate_compress_bound(compressor.get(), data.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor.get(), data.data(), data.size(), out.data(),
                                         out.size()));
  Check(!out.empty(), "deflate failed within its bound");
  return out;
}

std::string ZstandardCompressed(std::string_view data, int level) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), level);
  Check(ZSTD_isError(size) == 0, "zstd failed within its bound");
  out.resize(size);
  return out;
}

/// With the CRC-32 of the data behind it, the highest byte first.
std::string SnappyCompressed(std::string_view data) {
  size_t size = snappy_max_compressed_length(data.size());
  std::string out(size, '\0');
  Check(snappy_compress(data.data(), data.size(), out.data(), &size) == SNAPPY_OK,
        "snappy failed within its bound");
  out.resize(size);
  const uint32_t crc = libdeflate_crc32(0, data.data(), data.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<char>(crc >> shift));
  }
  return out;
}

}  // namespace

std::string_view AvroCodecName(AvroCodec codec) {
  switch (codec) {
    case AvroCodec::kNull:
      return "null";
    case AvroCodec::kDeflate:
      return "deflate";
    case AvroCodec::kZstandard:
      return "zstandard";
    case AvroCodec::kSnappy:
      return "snappy";
  }
  throw InternalError("Avro codec without a name");
}

std::optional<AvroCodec> AvroCodecNamed(std::string_view name) {
  for (const AvroCodec codec :
       {AvroCodec::kNull, AvroCodec::kDeflate, AvroCodec::kZstandard, AvroCodec::kSnappy}) {
    if (name == AvroCodecName(codec)) {
      return codec;
    }
  }
  return std::nullopt;
}

size_t AvroExpansionLimit(size_t file_size) {
  return file_size * kMaxDeflateRatio + kRoomForSmallFiles;
}

void AvroDecompressor::Reserve(size_t size) {
  if (capacity_ < size) {
    room_ = std::make_unique_for_overwrite<char[]>(size);
    capacity_ = size;
  }
}

std::string_view AvroDecompressor::Decompress(std::string_view block, size_t limit) {
  switch (codec_) {
    case AvroCodec::kNull:
      return block;
    case AvroCodec::kDeflate:
      return Inflate(block, std::min(limit, block.size() * kMaxDeflateRatio + 64));
    case AvroCodec::kZstandard:
      return DecompressZstandard(block, limit);
    case AvroCodec::kSnappy:
      return DecompressSnappy(block, limit);
  }
  throw InternalError("Avro codec that is not read");
}

std::string_view AvroDecompressor::Inflate(std::string_view block, size_t limit) {
  Reserve(FirstGuess(block.size(), limit));
  while (true) {
    size_t size = 0;
    const size_t room = std::min(capacity_, limit);
    const auto result = libdeflate_deflate_decompress(ThreadInflater(), block.data(),
                                                      block.size(), room_.get(), room, &size);
    if (result == LIBDEFLATE_SUCCESS) {
      return {room_.get(), size};
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
      Fail("a block does not inflate");
    }
    if (room == limit) {
      Fail(kTooLarge);
    }
    Reserve(std::min(limit, room * 4));
  }
}

std::string_view AvroDecompressor::DecompressZstandard(std::string_view block, size_t limit) {
  // The size that the frame may name is a hint: there may be several frames, and it may lie.
  const unsigned long long named = ZSTD_getFrameContentSize(block.data(), block.size());
  Reserve(named > 0 && named <= limit ? static_cast<size_t>(named)
                                      : FirstGuess(block.size(), limit));
  while (true) {
    // Everything at once, so that no window of a size that the frame names is allocated.
    const size_t room = std::min(capacity_, limit);
    const size_t size = ZSTD_decompressDCtx(ThreadZstandardContext(), room_.get(), room,
                                            block.data(), block.size());
    if (ZSTD_isError(size) == 0) {
      return {room_.get(), size};
    }
    if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall) {
      Fail("a zstandard block does not decompress");
    }
    if (room == limit) {
      Fail(kTooLarge);
    }
    Reserve(std::min(limit, room * 4));
  }
}

std::string_view AvroDecompressor::DecompressSnappy(std::string_view block, size_t limit) {
  if (block.size() < kSnappyChecksumBytes) {
    Fail("a snappy block without a checksum");
  }
  const std::string_view data = block.substr(0, block.size() - kSnappyChecksumBytes);
  size_t size = 0;
  if (snappy_uncompressed_length(data.data(), data.size(), &size) != SNAPPY_OK ||
      snappy_validate_compressed_buffer(data.data(), data.size()) != SNAPPY_OK) {
    Fail("a snappy block does not decompress");
  }
  if (size > limit) {
    Fail(kTooLarge);
  }
  Reserve(size);
  if (snappy_uncompress(data.data(), data.size(), room_.get(), &size) != SNAPPY_OK) {
    Fail("a snappy block does not decompress");
  }
  if (libdeflate_crc32(0, room_.get(), size) !=
      BigEndian32(block.substr(block.size() - kSnappyChecksumBytes))) {
    Fail("a snappy block whose checksum does not fit its data");
  }
  return {room_.get(), size};
}

void AppendCompressed(const AvroCompression& compression, std::string_view data,
                      std::string* out) {
  switch (compression.codec) {
    case AvroCodec::kNull:
      out->append(data);
      return;
    case AvroCodec::kDeflate:
      out->append(Deflated(data, compression.level.value_or(kDefaultDeflateLevel)));
      return;
    case AvroCodec::kZstandard:
      out->append(
          ZstandardCompressed(data, compression.level.value_or(kDefaultZstandardLevel)));
      return;
    case AvroCodec::kSnappy:
      out->append(SnappyCompressed(data));
      return;
  }
}

}  // namespace floe::inline v0
