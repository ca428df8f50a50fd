// Avro container files: header, schema, blocks, each value skipped by its schema.

#include "avro/avro_container.h"

#include <cstdint>

#include "avro/avro_cursor.h"
#include "floe/base/error.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadContainer(const uint8_t* data, size_t size) {
  const std::string_view content = TextOf(data, size);
  AvroContainerReader reader(content, "file:///f.avro");
  try {
    reader.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
      for (int64_t i = 0; i < count; ++i) {
        if (cursor.at_end() && reader.schema().is_empty) {
          return;
        }
        cursor.Skip(reader.schema());
      }
    });
  } catch (const AvroDataError&) {
    return;  // whoever knows the file turns it into a floe error
  }
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadContainer(data, size); });
}
