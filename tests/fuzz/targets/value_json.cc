// Single-value JSON form: the first byte chooses the type, the rest is the text.

#include <string>

#include "any_schema.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadValue(const uint8_t* data, size_t size) {
  if (size == 0) {
    return;
  }
  const auto& fields = AnySchema().fields();
  const Type& type = fields[data[0] % fields.size()].type;
  const Value value = ValueFromJson(TextOf(data + 1, size - 1), type);
  const std::string written = ValueToJson(value, type);
  Expect(ValueFromJson(written, type) == value, "a value does not read back", written);
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadValue(data, size); });
}
