#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "avro/avro_schema.h"
#include "base/varint.h"

namespace floe::inline v0 {

/// Reads Avro binary values off a byte range, in order. Every read is checked against the end
/// of the range; what does not fit throws AvroDataError, which whoever knows the file turns
/// into a CorruptFileError. Not thread-safe.
class AvroCursor {
 public:
  explicit AvroCursor(std::string_view bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  const char* position() const { return at_; }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }

  /// int and long.
  int64_t ReadLong() {
    if (at_ < end_) [[likely]] {
      const auto first = static_cast<uint8_t>(*at_);
      if (first < 0x80) {
        ++at_;
        return ZigZagDecode(first);
      }
    }
    return ReadLongSlow();
  }
  void SkipLong() {
    while (at_ < end_) {
      if (static_cast<int8_t>(*at_++) >= 0) {
        return;
      }
    }
    Fail("a number goes on past the end of the data");
  }
  int32_t ReadInt();
  bool ReadBoolean() { return *Take(1) != 0; }
  template <class T>
  T ReadFixedWidth() {
    T value;
    std::memcpy(&value, Take(sizeof(T)), sizeof(T));
    return value;
  }
  /// bytes and string; a view into the range.
  std::string_view ReadBytes() {
    const int64_t size = ReadLong();
    if (size < 0) [[unlikely]] {
      Fail("a length is negative");
    }
    return {Take(static_cast<size_t>(size)), static_cast<size_t>(size)};
  }
  std::string_view ReadFixed(size_t size) { return {Take(size), size}; }

  /// Number of elements of the next block of an array or map; 0 ends it.
  int64_t ReadBlockCount();
  /// Passes over a value of `schema`.
  void Skip(const AvroSchema& schema) { Skip(schema, 0); }

  [[noreturn]] void Fail(const char* problem) const;

 private:
  int64_t ReadLongSlow();
  void Skip(const AvroSchema& schema, int depth);
  void SkipBlocks(const AvroSchema& schema, int depth);
  const char* Take(size_t size) {
    if (size > remaining()) [[unlikely]] {
      Fail("a value goes on past the end of the data");
    }
    const char* start = at_;
    at_ += size;
    return start;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

/// Bytes that are no Avro value. Never leaves the engine: readers add the file.
struct AvroDataError {
  const char* problem;
  size_t offset;  ///< in the cursor's range
};

}  // namespace floe::inline v0
