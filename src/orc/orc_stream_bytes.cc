#include "orc/orc_stream_bytes.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "orc/orc_layout.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

/// What is read at once, unless more is needed.
constexpr int64_t kPieceBytes = 64 << 10;
/// Of a compressed chunk: its size, times two, and whether it is not compressed at all.
constexpr int64_t kHeaderBytes = 3;
/// Sizes of chunks are written in 23 bits. Some writers may have rounded theirs.
constexpr uint64_t kMostBlockBytes = 16 << 20;

std::unique_ptr<arrow::util::Codec> MakeCodec(OrcCodec codec) {
  using arrow::Compression;
  using arrow::util::Codec;
  const ArrowContext context = ArrowContext::Internal("a codec of ORC");
  switch (codec) {
    case OrcCodec::kZlib: {
      arrow::util::GZipCodecOptions options;
      options.gzip_format = arrow::util::GZipFormat::DEFLATE;
      return ValueOrThrow(Codec::Create(Compression::GZIP, options), context);
    }
    case OrcCodec::kSnappy:
      return ValueOrThrow(Codec::Create(Compression::SNAPPY), context);
    case OrcCodec::kLz4:
      return ValueOrThrow(Codec::Create(Compression::LZ4), context);
    case OrcCodec::kZstd:  // Arrow's wants to know the size of what comes out
    case OrcCodec::kNone:
    case OrcCodec::kOther:
      break;
  }
  return nullptr;
}

}  // namespace

OrcFileWindow::OrcFileWindow(std::shared_ptr<arrow::io::RandomAccessFile> file,
                             std::string location, int64_t begin, int64_t end)
    : file_(std::move(file)), location_(std::move(location)), begin_(begin), end_(end) {}

std::shared_ptr<arrow::Buffer> OrcFileWindow::Read(int64_t offset, int64_t size) {
  if (piece_ == nullptr || offset < piece_offset_ ||
      offset + size > piece_offset_ + piece_->size()) {
    const int64_t left = end_ - begin_ - offset;
    piece_ = ValueOrThrow(
        file_->ReadAt(begin_ + offset, std::min(std::max(size, kPieceBytes), left)),
        ArrowContext::Reading(location_));
    piece_offset_ = offset;
    if (piece_->size() < size) {
      throw CorruptFileError(fmt::format("data file {} ends in a stripe", location_),
                             {.path = location_});
    }
  }
  return arrow::SliceBuffer(piece_, offset - piece_offset_, size);
}

OrcCompression::OrcCompression(OrcCodec codec, uint64_t block_size, const std::string& location)
    : is_compressed_(codec != OrcCodec::kNone),
      block_size_(static_cast<int64_t>(block_size)),
      codec_(MakeCodec(codec)) {
  if (is_compressed_ && block_size > kMostBlockBytes) {
    throw CorruptFileError(
        fmt::format("data file {} has compressed chunks of {} bytes, but ORC can't have more "
                    "than {}",
                    location, block_size, kMostBlockBytes),
        {.path = location});
  }
}

OrcCompression::~OrcCompression() = default;

std::optional<int64_t> OrcCompression::Decompress(std::span<const uint8_t> chunk,
                                                  uint8_t* output) const {
  if (codec_ == nullptr) {
    const size_t size =
        ZSTD_decompress(output, static_cast<size_t>(block_size_), chunk.data(), chunk.size());
    return ZSTD_isError(size) != 0 ? std::nullopt : std::optional(static_cast<int64_t>(size));
  }
  const auto size =
      codec_->Decompress(static_cast<int64_t>(chunk.size()), chunk.data(), block_size_, output);
  return size.ok() ? std::optional(*size) : std::nullopt;
}

OrcStreamBytes::OrcStreamBytes(OrcFileWindow& window, const OrcCompression& compression,
                               int64_t offset, int64_t size, std::string name)
    : window_(window),
      compression_(compression),
      offset_(offset),
      left_(size),
      name_(std::move(name)) {}

void OrcStreamBytes::Fail(std::string_view what) const {
  throw CorruptFileError(
      fmt::format("data file {} has a damaged {}: {}", window_.location(), name_, what),
      {.path = window_.location()});
}

std::optional<OrcStreamBytes::Chunk> OrcStreamBytes::NextChunk() {
  if (left_ == 0) {
    return std::nullopt;
  }
  if (left_ < kHeaderBytes) {
    Fail("it ends in the header of a compressed chunk");
  }
  const auto header = window_.Read(offset_, kHeaderBytes);
  const uint8_t* bytes = header->data();
  const uint32_t number = bytes[0] | (uint32_t{bytes[1]} << 8U) | (uint32_t{bytes[2]} << 16U);
  const Chunk chunk{number >> 1U, (number & 1U) != 0};
  offset_ += kHeaderBytes;
  left_ -= kHeaderBytes;
  if (chunk.size > left_) {
    Fail(fmt::format("a compressed chunk has {} bytes, but only {} are left", chunk.size,
                     left_));
  }
  return chunk;
}

void OrcStreamBytes::Decompress(const Chunk& chunk) {
  if (output_ == nullptr) {
    output_ = std::make_unique_for_overwrite<uint8_t[]>(
        static_cast<size_t>(compression_.block_size()));
  }
  const auto size = compression_.Decompress(
      {input_->data(), static_cast<size_t>(input_->size())}, output_.get());
  if (!size) {
    Fail(fmt::format("a chunk of {} bytes does not decompress to at most {}", chunk.size,
                     compression_.block_size()));
  }
  at_ = output_.get();
  end_ = at_ + *size;
}

/// False: there is nothing left. May come back with no bytes, of an empty chunk.
bool OrcStreamBytes::TryRefill() {
  Chunk chunk{left_, true};
  if (!compression_.is_compressed()) {
    if (left_ == 0) {
      return false;
    }
    chunk.size = std::min(left_, kPieceBytes);
  } else {
    const auto next = NextChunk();
    if (!next) {
      return false;
    }
    chunk = *next;
  }
  at_ = nullptr;
  end_ = nullptr;
  if (chunk.size == 0) {
    return true;
  }
  input_ = window_.Read(offset_, chunk.size);
  offset_ += chunk.size;
  left_ -= chunk.size;
  if (chunk.is_original) {
    at_ = input_->data();
    end_ = at_ + input_->size();
  } else {
    Decompress(chunk);
  }
  return true;
}

void OrcStreamBytes::Refill() {
  do {
    if (!TryRefill()) {
      Fail("it ends too early");
    }
  } while (at_ == end_);
}

bool OrcStreamBytes::MayHold(int64_t size) {
  if (!compression_.is_compressed()) {
    return size <= left_;
  }
  while (size > 0) {
    const auto chunk = NextChunk();
    if (!chunk) {
      return false;
    }
    if (chunk->size > 0) {
      size -= chunk->is_original ? chunk->size : compression_.block_size();
    }
    offset_ += chunk->size;
    left_ -= chunk->size;
  }
  return true;
}

std::string OrcStreamBytes::ReadAll(int64_t limit) {
  std::string all;
  while (TryRefill()) {
    all.append(at_, end_);
    if (static_cast<int64_t>(all.size()) > limit) {
      Fail(fmt::format("it has more than {} bytes", limit));
    }
  }
  return all;
}

}  // namespace floe::inline v0
