// Updates and requirements of commits as JSON: read, written, read back.

#include "floe/metadata/update_json.h"

#include <string>

#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadUpdate(const std::string& text) {
  const std::string written = TableUpdateToJson(TableUpdateFromJson(text));
  Expect(TableUpdateToJson(TableUpdateFromJson(written)) == written,
         "an update does not read back", written);
}

void ReadRequirement(const std::string& text) {
  const std::string written = TableRequirementToJson(TableRequirementFromJson(text));
  Expect(TableRequirementToJson(TableRequirementFromJson(written)) == written,
         "a requirement does not read back", written);
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(floe::fuzz::TextOf(data, size));
  floe::fuzz::Survive([&] { floe::fuzz::ReadUpdate(text); });
  return floe::fuzz::Survive([&] { floe::fuzz::ReadRequirement(text); });
}
