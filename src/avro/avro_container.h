#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"

namespace floe::inline v0 {

/// An Avro object container file in memory, read block by block. The content must outlive
/// the reader. Throws CorruptFileError naming the file and the offset, UnsupportedError for a
/// codec other than null and deflate. Not thread-safe.
class AvroContainerReader {
 public:
  AvroContainerReader(std::string_view content, std::string location);

  const AvroSchema& schema() const { return *schema_; }
  const AvroSchemaPtr& schema_ptr() const { return schema_; }
  /// A text of the file's header; nothing if it is not there.
  std::optional<std::string_view> Metadata(std::string_view key) const;
  /// Calls `read` with each block: the number of its objects and a cursor on their bytes,
  /// which are valid during the call. `read` must read them all.
  void ForEachBlock(const std::function<void(int64_t count, AvroCursor& cursor)>& read);

 private:
  [[noreturn]] void Fail(size_t offset, std::string_view problem) const;
  std::string_view Inflate(std::string_view compressed, size_t offset);

  std::string_view content_;
  std::string location_;
  std::map<std::string, std::string, std::less<>> metadata_;
  AvroSchemaPtr schema_;
  bool deflate_ = false;
  size_t data_offset_ = 0;
  std::string_view sync_;
  std::unique_ptr<char[]> inflated_;  // left uninitialised where it is not needed
  size_t inflated_capacity_ = 0;
};

/// Builds an Avro object container file in memory, deflate-compressed. Not thread-safe.
class AvroContainerWriter {
 public:
  /// `sync` are the 16 bytes that separate blocks; random ones.
  AvroContainerWriter(const std::string& schema_json,
                      const std::map<std::string, std::string>& metadata,
                      std::string_view sync);

  /// Where the next object's bytes are to be appended; then call EndObject().
  std::string* object() { return &block_; }
  void EndObject();
  /// The whole file.
  std::string Finish() &&;

 private:
  void FlushBlock();

  std::string sync_;
  std::string file_;
  std::string block_;
  int64_t block_count_ = 0;
};

}  // namespace floe::inline v0
