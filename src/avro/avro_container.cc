#include "avro/avro_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "avro/avro_codec.h"
#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "base/varint.h"
#include "floe/avro/codec.h"
#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
/// Of Iceberg's AES GCM streams, which encrypted manifests are.
constexpr std::string_view kEncryptedMagic = "AGS1";
constexpr size_t kSyncBytes = 16;
constexpr size_t kBlockBytes = size_t{1} << 20U;

}  // namespace

AvroContainerReader::AvroContainerReader(std::string_view content, std::string location)
    : content_(content), location_(std::move(location)) {
  if (content_.starts_with(kEncryptedMagic)) {
    throw UnsupportedError(fmt::format("{} is encrypted, which this version of floe does not "
                                       "support",
                                       location_),
                           {.path = location_});
  }
  if (!content_.starts_with(kMagic)) {
    Fail(0, content_.empty() ? "the file is empty" : "it does not begin as an Avro file does");
  }
  AvroCursor cursor(content_.substr(kMagic.size()));
  try {
    while (int64_t count = cursor.ReadBlockCount()) {
      for (; count > 0; --count) {
        std::string key(cursor.ReadBytes());
        metadata_[std::move(key)] = cursor.ReadBytes();
      }
    }
    sync_ = cursor.ReadFixed(kSyncBytes);
  } catch (const AvroDataError& error) {
    Fail(kMagic.size() + error.offset, fmt::format("its header is damaged: {}", error.problem));
  }
  data_offset_ = kMagic.size() + cursor.offset();
  const std::string_view codec_name = Metadata("avro.codec").value_or("null");
  const auto codec = AvroCodecNamed(codec_name);
  if (!codec) {
    throw UnsupportedError(
        fmt::format("{} is compressed with Avro codec '{}', which this version of floe does "
                    "not support (it reads null, deflate, zstandard and snappy)",
                    location_, codec_name),
        {.path = location_});
  }
  codec_ = *codec;
  const auto schema = Metadata("avro.schema");
  if (!schema) {
    Fail(kMagic.size(), "its header has no schema");
  }
  schema_ = ParseAvroSchema(std::string(*schema), location_);
}

std::optional<std::string_view> AvroContainerReader::Metadata(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? std::nullopt
                                  : std::optional<std::string_view>(found->second);
}

void AvroContainerReader::Fail(size_t offset, std::string_view problem) const {
  throw CorruptFileError(
      fmt::format("corrupt Avro file {} at byte {}: {}", location_, offset, problem),
      {.path = location_, .position = static_cast<int64_t>(offset)});
}

void AvroContainerReader::ForEachBlock(
    const std::function<void(int64_t count, AvroCursor& cursor)>& read) {
  size_t offset = data_offset_;
  size_t room = AvroExpansionLimit(content_.size());
  AvroDecompressor decompressor(codec_);
  while (offset < content_.size()) {
    AvroCursor cursor(content_.substr(offset));
    int64_t count = 0;
    std::string_view data;
    try {
      count = cursor.ReadLong();
      data = cursor.ReadBytes();
      if (count < 0 || cursor.ReadFixed(kSyncBytes) != sync_) {
        Fail(offset, "a block does not end where it should");
      }
    } catch (const AvroDataError& error) {
      Fail(offset + error.offset,
           fmt::format("the file seems to be cut off: {}", error.problem));
    }
    try {
      data = decompressor.Decompress(data, room);
    } catch (const AvroDataError& error) {
      Fail(offset, error.problem);
    }
    room -= std::min(room, data.size());
    if (schema_->is_empty && !data.empty()) {
      Fail(offset, "a block has more bytes than its objects");  // which would never be passed
    }
    AvroCursor objects(data);
    try {
      read(count, objects);
      if (!objects.at_end()) {
        objects.Fail("a block has more bytes than its objects");
      }
    } catch (const AvroDataError& error) {
      Fail(offset, fmt::format("in the block that begins here, {} bytes in: {}", error.offset,
                               error.problem));
    }
    offset += cursor.offset();
  }
}

AvroContainerWriter::AvroContainerWriter(const std::string& schema_json,
                                         const std::map<std::string, std::string>& metadata,
                                         std::string_view sync,
                                         const AvroCompression& compression)
    : compression_(compression), sync_(sync), file_(kMagic) {
  Check(sync_.size() == kSyncBytes, "a sync marker has 16 bytes");
  std::map<std::string, std::string> all = metadata;
  all["avro.schema"] = schema_json;
  all["avro.codec"] = AvroCodecName(compression.codec);
  AppendZigZag(static_cast<int64_t>(all.size()), &file_);
  for (const auto& [key, value] : all) {
    for (const std::string& text : {key, value}) {
      AppendZigZag(static_cast<int64_t>(text.size()), &file_);
      file_ += text;
    }
  }
  AppendZigZag(0, &file_);
  file_ += sync_;
}

void AvroContainerWriter::EndObject() {
  ++block_count_;
  if (block_.size() >= kBlockBytes) {
    FlushBlock();
  }
}

void AvroContainerWriter::FlushBlock() {
  if (block_count_ == 0) {
    return;
  }
  std::string compressed;
  AppendCompressed(compression_, block_, &compressed);
  AppendZigZag(block_count_, &file_);
  AppendZigZag(static_cast<int64_t>(compressed.size()), &file_);
  file_ += compressed;
  file_ += sync_;
  block_.clear();
  block_count_ = 0;
}

std::string AvroContainerWriter::Finish() && {
  FlushBlock();
  return std::move(file_);
}

}  // namespace floe::inline v0
