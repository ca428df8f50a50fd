#include "support/avro_file.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_codec.h"
#include "avro/avro_container.h"
#include "avro/avro_cursor.h"
#include "base/varint.h"
#include "floe/avro/codec.h"

namespace floe::testing {
namespace {

void AppendText(std::string_view text, std::string* out) {
  AppendZigZag(static_cast<int64_t>(text.size()), out);
  *out += text;
}

}  // namespace

std::string Deflated(std::string_view data) {
  std::string out;
  AppendCompressed({AvroCodec::kDeflate, {}}, data, &out);
  return out;
}

std::string MakeAvroFile(const std::string& schema_json, const std::string& codec,
                         const std::vector<AvroBlock>& blocks,
                         const std::map<std::string, std::string>& metadata) {
  std::vector<AvroBlock> raw;
  const auto known = AvroCodecNamed(codec);
  for (const AvroBlock& block : blocks) {
    std::string data;
    AppendCompressed({known.value_or(AvroCodec::kNull), {}}, block.data, &data);
    raw.push_back({block.count, std::move(data)});
  }
  return MakeAvroFileOfRawBlocks(schema_json, codec, raw, metadata);
}

std::string MakeAvroFileOfRawBlocks(const std::string& schema_json, const std::string& codec,
                                    const std::vector<AvroBlock>& blocks,
                                    const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> all = metadata;
  if (!schema_json.empty()) {
    all["avro.schema"] = schema_json;
  }
  if (!codec.empty()) {
    all["avro.codec"] = codec;
  }
  std::string file("Obj\x01", 4);
  if (!all.empty()) {
    AppendZigZag(static_cast<int64_t>(all.size()), &file);
  }
  for (const auto& [key, value] : all) {
    AppendText(key, &file);
    AppendText(value, &file);
  }
  AppendZigZag(0, &file);
  file += kAvroSync;
  for (const AvroBlock& block : blocks) {
    AppendZigZag(block.count, &file);
    AppendText(block.data, &file);
    file += kAvroSync;
  }
  return file;
}

std::vector<AvroBlock> ObjectsOf(std::string_view content) {
  AvroContainerReader reader(content, "file to repack");
  std::vector<AvroBlock> objects;
  reader.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
    for (; count > 0; --count) {
      const char* start = cursor.position();
      cursor.Skip(reader.schema());
      objects.push_back({1, std::string(start, cursor.position())});
    }
  });
  return objects;
}

std::string Repacked(std::string_view content, const std::string& codec,
                     int64_t objects_per_block) {
  std::vector<AvroBlock> blocks;
  for (AvroBlock& object : ObjectsOf(content)) {
    if (blocks.empty() || blocks.back().count == objects_per_block) {
      blocks.push_back(std::move(object));
    } else {
      ++blocks.back().count;
      blocks.back().data += object.data;
    }
  }
  const AvroContainerReader reader(content, "file to repack");
  return MakeAvroFile(std::string(*reader.Metadata("avro.schema")), codec, blocks);
}

}  // namespace floe::testing
