#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace floe::testing {

/// The sync marker of the files that are made here.
inline constexpr std::string_view kAvroSync = "0123456789abcdef";

/// A block of an Avro file: how many objects it says it has, and their bytes.
struct AvroBlock {
  int64_t count;
  std::string data;
};

/// The codecs that are read.
inline constexpr std::array<const char*, 4> kAvroCodecs = {"null", "deflate", "zstandard",
                                                           "snappy"};

/// An Avro file put together by hand, as any writer might. A codec that floe does not have is
/// only named; with an empty one the header has none.
std::string MakeAvroFile(const std::string& schema_json, const std::string& codec,
                         const std::vector<AvroBlock>& blocks,
                         const std::map<std::string, std::string>& metadata = {});

/// A file of blocks that are compressed already, or pretend to be.
std::string MakeAvroFileOfRawBlocks(const std::string& schema_json, const std::string& codec,
                                    const std::vector<AvroBlock>& blocks,
                                    const std::map<std::string, std::string>& metadata = {});

/// Raw deflate.
std::string Deflated(std::string_view data);

/// The same objects as `content`, an Avro file, in blocks of `objects_per_block`.
std::string Repacked(std::string_view content, const std::string& codec,
                     int64_t objects_per_block);

/// The blocks of an Avro file, inflated, one object a block.
std::vector<AvroBlock> ObjectsOf(std::string_view content);

}  // namespace floe::testing
