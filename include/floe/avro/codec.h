#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace floe::inline v0 {

/// How the blocks of an Avro file are compressed (Avro specification, "Object Container
/// Files").
enum class AvroCodec : uint8_t { kNull, kDeflate, kZstandard, kSnappy };

/// "null", "deflate", "zstandard", "snappy": as Avro files name it.
std::string_view AvroCodecName(AvroCodec codec);
/// The codec that a file names; nothing if floe does not have it.
std::optional<AvroCodec> AvroCodecNamed(std::string_view name);

struct AvroCompression {
  AvroCodec codec = AvroCodec::kDeflate;
  /// The codec's own default if not set.
  std::optional<int> level;
};

}  // namespace floe::inline v0
