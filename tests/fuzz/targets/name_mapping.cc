// Name mappings: parsed, written, read back, looked up, evolved.

#include "floe/schema/name_mapping.h"

#include <string>
#include <vector>

#include "any_schema.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadMapping(const uint8_t* data, size_t size) {
  const NameMapping mapping = NameMapping::Parse(std::string(TextOf(data, size)));
  const std::string written = mapping.ToJson();
  Expect(NameMapping::Parse(written).ToJson() == written, "a mapping does not read back",
         written);
  for (const MappedField& field : mapping.fields()) {
    for (const std::string& name : field.names) {
      Expect(mapping.Find(std::vector<std::string>{name}) == &field,
             "a field is not found by its name", name);
    }
  }
  mapping.Evolved(AnySchema(), AnySchema());
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadMapping(data, size); });
}
