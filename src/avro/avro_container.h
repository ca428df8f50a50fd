#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "avro/avro_codec.h"
#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/avro/codec.h"

namespace floe::inline v0 {

/// An Avro object container file in memory, read block by block. The content must outlive
/// the reader. Throws CorruptFileError naming the file and the offset, UnsupportedError for a
/// codec that floe does not have. Not thread-safe.
class AvroContainerReader {
 public:
  AvroContainerReader(std::string_view content, std::string location);

  const AvroSchema& schema() const { return *schema_; }
  const AvroSchemaPtr& schema_ptr() const { return schema_; }
  AvroCodec codec() const { return codec_; }
  /// Where the blocks begin.
  size_t data_offset() const { return data_offset_; }
  /// The 16 bytes behind each block.
  std::string_view sync() const { return sync_; }
  /// A text of the file's header; nothing if it is not there.
  std::optional<std::string_view> Metadata(std::string_view key) const;
  /// Calls `read` with each block: the number of its objects and a cursor on their bytes,
  /// which are valid during the call. `read` must read them all.
  void ForEachBlock(const std::function<void(int64_t count, AvroCursor& cursor)>& read);

 private:
  [[noreturn]] void Fail(size_t offset, std::string_view problem) const;

  std::string_view content_;
  std::string location_;
  std::map<std::string, std::string, std::less<>> metadata_;
  AvroSchemaPtr schema_;
  size_t data_offset_ = 0;
  std::string_view sync_;
  AvroCodec codec_ = AvroCodec::kNull;
};

/// Builds an Avro object container file in memory. Not thread-safe.
class AvroContainerWriter {
 public:
  /// `sync` are the 16 bytes that separate blocks; random ones.
  AvroContainerWriter(const std::string& schema_json,
                      const std::map<std::string, std::string>& metadata, std::string_view sync,
                      const AvroCompression& compression = {});

  /// Where the next object's bytes are to be appended; then call EndObject().
  std::string* object() { return &block_; }
  void EndObject();
  /// The whole file.
  std::string Finish() &&;

 private:
  void FlushBlock();

  AvroCompression compression_;
  std::string sync_;
  std::string file_;
  std::string block_;
  int64_t block_count_ = 0;
};

}  // namespace floe::inline v0
