#include "base/gzip.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr int kLevel = 6;
constexpr size_t kMaxRatio = 200;
constexpr size_t kAlwaysAllowed = size_t{64} << 20U;

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};
struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

/// The size that the end of a gzip file states, of its last member.
size_t StatedSize(std::string_view compressed) {
  uint32_t size = 0;
  if (compressed.size() >= sizeof(size)) {
    std::memcpy(&size, compressed.data() + compressed.size() - sizeof(size), sizeof(size));
  }
  return size;
}

}  // namespace

bool IsGzip(std::string_view content) { return content.starts_with("\x1f\x8b"); }

std::string Gzip(std::string_view content) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor(
      libdeflate_alloc_compressor(kLevel));
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), content.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), content.data(), content.size(),
                                      out.data(), out.size()));
  Check(!out.empty(), "gzip failed within its bound");
  return out;
}

std::string Gunzip(std::string_view compressed, size_t max_size, size_t padding,
                   const std::string& location) {
  const auto fail = [&](std::string_view problem) {
    throw CorruptFileError(fmt::format("corrupt gzip file {}: {}", location, problem),
                           {.path = location});
  };
  const size_t limit =
      std::min(max_size, std::max(kAlwaysAllowed, compressed.size() * kMaxRatio));
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  std::string out;
  size_t done = 0;
  size_t room = std::min(std::max(StatedSize(compressed), compressed.size()), limit);
  while (!compressed.empty()) {
    out.reserve(room + padding);
    out.resize(room);
    size_t used = 0;
    size_t made = 0;
    const libdeflate_result result =
        libdeflate_gzip_decompress_ex(decompressor.get(), compressed.data(), compressed.size(),
                                      out.data() + done, room - done, &used, &made);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (room == limit) {
        fail(fmt::format("it unpacks to more than {} bytes", limit));
      }
      room = std::min(limit, room * 2);
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) {
      fail("it can't be unpacked, or its checksum is not that of its content");
    }
    done += made;
    compressed.remove_prefix(used);
  }
  out.resize(done);
  return out;
}

}  // namespace floe::inline v0
