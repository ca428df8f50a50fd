// Table metadata JSON: what is read is written so that it reads back the same.

#include "floe/metadata/table_metadata.h"

#include <string>

#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadMetadata(const uint8_t* data, size_t size) {
  const std::string location = "file:///t/metadata/v1.metadata.json";
  const std::string written =
      TableMetadataToJson(*ParseTableMetadata(std::string(TextOf(data, size)), location));
  const std::string again = TableMetadataToJson(*ParseTableMetadata(written, location));
  Expect(again == written, "metadata does not read back", written + "\nas\n" + again);
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadMetadata(data, size); });
}
