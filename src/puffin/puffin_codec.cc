#include "puffin/puffin_codec.h"

#include <fmt/format.h>
#include <lz4frame.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

/// An LZ4 block can't expand further: a byte of a length stands for 255 bytes.
constexpr uint64_t kMaxLz4Ratio = 255;
/// Nor a Zstandard one: a block has 4 bytes and stands for 128 KiB.
constexpr uint64_t kMaxZstdRatio = 32'768;
constexpr uint64_t kSlack = 1'024;

void CheckSize(uint64_t size, std::string_view frame, uint64_t ratio) {
  if (size > frame.size() * ratio + kSlack) {
    throw PuffinCodecError{
        fmt::format("its {} bytes say that they decompress to {}", frame.size(), size)};
  }
}

struct FreeLz4 {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

std::string DecompressLz4(std::string_view frame) {
  LZ4F_dctx* made = nullptr;
  Check(LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) == 0,
        "no LZ4 context");
  const std::unique_ptr<LZ4F_dctx, FreeLz4> context(made);
  LZ4F_frameInfo_t info{};
  size_t read = frame.size();
  if (LZ4F_isError(LZ4F_getFrameInfo(made, &info, frame.data(), &read)) != 0) {
    throw PuffinCodecError{"it is no LZ4 frame"};
  }
  CheckSize(info.contentSize, frame, kMaxLz4Ratio);
  std::string content(info.contentSize, '\0');
  size_t written = 0;
  while (true) {
    size_t out = content.size() - written;
    size_t in = frame.size() - read;
    const size_t hint = LZ4F_decompress(made, content.data() + written, &out,
                                        frame.data() + read, &in, nullptr);
    written += out;
    read += in;
    if (LZ4F_isError(hint) != 0 || (hint != 0 && in == 0 && out == 0)) {
      throw PuffinCodecError{"its LZ4 frame is damaged"};
    }
    if (hint == 0) {
      break;
    }
  }
  if (written != content.size() || read != frame.size()) {
    throw PuffinCodecError{"its LZ4 frame has another size than it says"};
  }
  return content;
}

std::string DecompressZstd(std::string_view frame) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    throw PuffinCodecError{"it is no Zstandard frame that tells its size"};
  }
  CheckSize(size, frame, kMaxZstdRatio);
  std::string content(size, '\0');
  const size_t written =
      ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size());
  if (ZSTD_isError(written) != 0 || written != content.size()) {
    throw PuffinCodecError{"its Zstandard frame is damaged"};
  }
  return content;
}

}  // namespace

bool IsPuffinCodec(std::string_view codec) { return codec == "lz4" || codec == "zstd"; }

std::string DecompressPuffin(std::string_view codec, std::string_view frame) {
  return codec == "lz4" ? DecompressLz4(frame) : DecompressZstd(frame);
}

std::string CompressPuffin(std::string_view codec, std::string_view content) {
  std::string frame;
  size_t size = 0;
  if (codec == "lz4") {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentSize = content.size();
    frame.resize(LZ4F_compressFrameBound(content.size(), &preferences));
    size = LZ4F_compressFrame(frame.data(), frame.size(), content.data(), content.size(),
                              &preferences);
    Check(LZ4F_isError(size) == 0, "LZ4 failed within its bound");
  } else {
    frame.resize(ZSTD_compressBound(content.size()));
    size = ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(),
                         ZSTD_CLEVEL_DEFAULT);
    Check(ZSTD_isError(size) == 0, "Zstandard failed within its bound");
  }
  frame.resize(size);
  return frame;
}

}  // namespace floe::inline v0
