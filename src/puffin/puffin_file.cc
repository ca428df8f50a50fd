#include "floe/puffin/puffin_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "puffin/puffin_codec.h"
#include "puffin/puffin_json.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kMagic = "PFA1";
constexpr auto kMagicBytes = static_cast<int64_t>(kMagic.size());
constexpr int64_t kTailBytes = 4 + 4 + kMagicBytes;  // size, flags, magic
constexpr uint32_t kCompressedFooter = 1;
constexpr std::string_view kFooterCodec = "lz4";

[[noreturn]] void Fail(const std::string& location, int64_t offset, std::string_view problem) {
  throw CorruptFileError(
      fmt::format("corrupt Puffin file {} at byte {}: {}", location, offset, problem),
      {.path = location, .position = offset});
}

/// Bytes that lie within the file.
std::string ReadRange(InputFile& file, int64_t offset, int64_t length) {
  std::string bytes(static_cast<size_t>(length), '\0');
  const size_t got =
      file.ReadAt(offset, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()});
  if (got != bytes.size()) {
    throw IoError(fmt::format("read only {} of {} bytes of {} from byte {}", got, length,
                              file.location(), offset),
                  {.path = file.location()});
  }
  return bytes;
}

/// Blobs lie between the magic at the beginning and the footer, none over another.
void CheckRanges(const PuffinFooter& footer, int64_t footer_start,
                 const std::string& location) {
  std::vector<const PuffinBlob*> by_offset;
  for (const PuffinBlob& blob : footer.blobs) {
    if (blob.offset < kMagicBytes || blob.length < 0 || blob.offset > footer_start ||
        blob.length > footer_start - blob.offset) {
      Fail(location, footer_start,
           fmt::format("the footer has a blob of {} bytes from byte {}, and blobs lie from "
                       "byte {} to {}",
                       blob.length, blob.offset, kMagicBytes, footer_start));
    }
    by_offset.push_back(&blob);
  }
  std::ranges::sort(by_offset, {}, [](const PuffinBlob* blob) {
    return std::pair(blob->offset, blob->length);
  });
  for (size_t i = 1; i < by_offset.size(); ++i) {
    if (by_offset[i]->offset < by_offset[i - 1]->offset + by_offset[i - 1]->length) {
      Fail(location, footer_start,
           fmt::format("the blobs at byte {} and {} overlap", by_offset[i - 1]->offset,
                       by_offset[i]->offset));
    }
  }
}

}  // namespace

const std::string* PuffinBlob::FindProperty(std::string_view name) const {
  const auto found = std::ranges::find(properties, name, &PuffinProperties::value_type::first);
  return found == properties.end() ? nullptr : &found->second;
}

PuffinFooter ReadPuffinFooter(InputFile& file) {
  const std::string& location = file.location();
  if (file.size() < 2 * kMagicBytes + kTailBytes) {
    Fail(location, 0, fmt::format("it has only {} bytes", file.size()));
  }
  if (ReadRange(file, 0, kMagicBytes) != kMagic) {
    Fail(location, 0, "it does not begin as a Puffin file does");
  }
  const int64_t tail_start = file.size() - kTailBytes;
  const std::string tail = ReadRange(file, tail_start, kTailBytes);
  if (!tail.ends_with(kMagic)) {
    Fail(location, tail_start, "it does not end as a Puffin file does; it seems to be cut off");
  }
  const auto payload_size = LoadLittleEndian<int32_t>(tail.data());
  const auto flags = LoadLittleEndian<uint32_t>(tail.data() + sizeof(payload_size));
  if (payload_size < 0 || payload_size > tail_start - 2 * kMagicBytes) {
    Fail(location, tail_start, fmt::format("its footer says it has {} bytes", payload_size));
  }
  const int64_t footer_start = tail_start - payload_size - kMagicBytes;
  std::string payload = ReadRange(file, footer_start, payload_size + kMagicBytes);
  if (!payload.starts_with(kMagic)) {
    Fail(location, footer_start, "its footer does not begin as one does");
  }
  if ((flags & ~kCompressedFooter) != 0) {
    throw UnsupportedError(fmt::format("Puffin file {} has flags {:#x}, of which this version "
                                       "of floe knows only {:#x}",
                                       location, flags, kCompressedFooter),
                           {.path = location, .position = tail_start});
  }
  payload.erase(0, kMagic.size());
  if ((flags & kCompressedFooter) != 0) {
    try {
      payload = DecompressPuffin(kFooterCodec, payload);
    } catch (const PuffinCodecError& error) {
      Fail(location, footer_start, fmt::format("its footer: {}", error.problem));
    }
  }
  PuffinFooter footer = PuffinFooterFromJson(std::move(payload), location);
  CheckRanges(footer, footer_start, location);
  return footer;
}

std::string ReadPuffinBlob(InputFile& file, const PuffinBlob& blob) {
  if (blob.offset < 0 || blob.length < 0 || blob.offset > file.size() ||
      blob.length > file.size() - blob.offset) {
    Fail(file.location(), blob.offset,
         fmt::format("a blob of {} bytes from here goes on past the end of the file",
                     blob.length));
  }
  std::string content = ReadRange(file, blob.offset, blob.length);
  if (!blob.compression_codec) {
    return content;
  }
  if (!IsPuffinCodec(*blob.compression_codec)) {
    throw UnsupportedError(
        fmt::format("a blob of Puffin file {} is compressed with '{}', which the specification "
                    "does not have (it has lz4 and zstd)",
                    file.location(), *blob.compression_codec),
        {.path = file.location(), .position = blob.offset});
  }
  try {
    return DecompressPuffin(*blob.compression_codec, content);
  } catch (const PuffinCodecError& error) {
    Fail(file.location(), blob.offset, fmt::format("a blob: {}", error.problem));
  }
}

PuffinWriter::PuffinWriter() : file_(kMagic) {}

PuffinBlob PuffinWriter::Add(PuffinBlob blob, std::string_view content) {
  if (blob.compression_codec && !IsPuffinCodec(*blob.compression_codec)) {
    throw InvalidArgumentError(fmt::format("'{}' is no codec of Puffin; expected lz4 or zstd",
                                           *blob.compression_codec));
  }
  blob.offset = static_cast<int64_t>(file_.size());
  if (blob.compression_codec) {
    file_ += CompressPuffin(*blob.compression_codec, content);
  } else {
    file_ += content;
  }
  blob.length = static_cast<int64_t>(file_.size()) - blob.offset;
  return footer_.blobs.emplace_back(std::move(blob));
}

std::string PuffinWriter::Finish(const PuffinProperties& properties, bool compress_footer) && {
  footer_.properties = properties;
  std::string payload = PuffinFooterToJson(footer_);
  if (compress_footer) {
    payload = CompressPuffin(kFooterCodec, payload);
  }
  file_ += kMagic;
  file_ += payload;
  AppendLittleEndian(static_cast<int32_t>(payload.size()), &file_);
  AppendLittleEndian(compress_footer ? kCompressedFooter : 0U, &file_);
  file_ += kMagic;
  return std::move(file_);
}

}  // namespace floe::inline v0
