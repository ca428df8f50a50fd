// A manifest list: read, and each manifest's summaries tested by a filter.

#include <string>

#include "floe/manifest/manifest_file.h"
#include "fuzz_target.h"
#include "support/memory_file_io.h"

namespace floe::fuzz {
namespace {

void ReadList(const uint8_t* data, size_t size) {
  const std::string location = "file:///t/metadata/snap-1.avro";
  testing::MemoryFileIO io;
  io.Put(location, std::string(TextOf(data, size)));
  for (const ManifestFile& manifest : ReadManifestList(io, location)) {
    Expect(manifest.Summaries().size() == manifest.partitions.size(), "summaries are lost");
  }
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadList(data, size); });
}
