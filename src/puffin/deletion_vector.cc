#include "floe/puffin/deletion_vector.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/puffin/position_bitmap.h"
#include "puffin/roaring_format.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kMagic("\xD1\xD3\x39\x64", 4);
constexpr size_t kLengthBytes = 4;
constexpr size_t kCrcBytes = 4;

uint32_t LoadBigEndian(std::string_view bytes) {
  return __builtin_bswap32(LoadLittleEndian<uint32_t>(bytes.data()));
}

uint32_t Crc32(std::string_view bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

[[noreturn]] void Fail(const std::string& location, size_t offset, std::string_view problem) {
  throw CorruptFileError(fmt::format("the deletion vector in {} is corrupt, {} bytes in: {}",
                                     location, offset, problem),
                         {.path = location, .position = static_cast<int64_t>(offset)});
}

}  // namespace

PositionBitmap DecodeDeletionVector(std::string_view blob, const std::string& location) {
  if (blob.size() < kLengthBytes + kMagic.size() + kCrcBytes) {
    Fail(location, 0, fmt::format("it has only {} bytes", blob.size()));
  }
  const size_t length = blob.size() - kLengthBytes - kCrcBytes;
  if (LoadBigEndian(blob) != length) {
    Fail(location, 0,
         fmt::format("it says it has {} bytes, and has {}", LoadBigEndian(blob), length));
  }
  const std::string_view body = blob.substr(kLengthBytes, length);
  if (!body.starts_with(kMagic)) {
    Fail(location, kLengthBytes, "it does not begin as a deletion vector does");
  }
  if (LoadBigEndian(blob.substr(kLengthBytes + length)) != Crc32(body)) {
    Fail(location, kLengthBytes + length, "its checksum is not that of its bytes");
  }
  try {
    return DecodeRoaring(body.substr(kMagic.size()));
  } catch (const RoaringDataError& error) {
    Fail(location, kLengthBytes + kMagic.size() + error.offset, error.problem);
  }
}

std::string EncodeDeletionVector(const PositionBitmap& positions) {
  std::string body(kMagic);
  AppendRoaring(positions, &body);
  std::string blob;
  AppendLittleEndian(__builtin_bswap32(static_cast<uint32_t>(body.size())), &blob);
  blob += body;
  AppendLittleEndian(__builtin_bswap32(Crc32(body)), &blob);
  return blob;
}

}  // namespace floe::inline v0
