// Schema JSON, and a partition spec where it is one.

#include <string>

#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadSchema(const std::string& text) {
  const std::string written = SchemaToJson(SchemaFromJson(text));
  Expect(SchemaToJson(SchemaFromJson(written)) == written, "a schema does not read back",
         written);
}

void ReadSpec(const std::string& text) {
  const std::string written = PartitionSpecToJson(PartitionSpecFromJson(text));
  Expect(PartitionSpecToJson(PartitionSpecFromJson(written)) == written,
         "a spec does not read back", written);
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(floe::fuzz::TextOf(data, size));
  floe::fuzz::Survive([&] { floe::fuzz::ReadSchema(text); });
  return floe::fuzz::Survive([&] { floe::fuzz::ReadSpec(text); });
}
