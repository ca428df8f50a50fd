// Single-value binary form: the first byte chooses the type, the rest is the value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "any_schema.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void Transformed(const Literal& value) {
  for (const Transform& transform :
       {Transform::Identity(), Transform::Bucket(16), Transform::Truncate(3), Transform::Year(),
        Transform::Month(), Transform::Day(), Transform::Hour(), Transform::Void()}) {
    if (transform.CanApplyTo(value.type())) {
      Expect(!transform.ToHumanString(transform.Apply(value)).empty() ||
                 value.type().id() == TypeId::kString || value.type().id() == TypeId::kBinary,
             "a partition value without a text");
    }
  }
}

void ReadValue(const uint8_t* data, size_t size) {
  if (size == 0) {
    return;
  }
  const auto& fields = AnySchema().fields();
  const Type& type = fields[data[0] % fields.size()].type;
  if (!type.is_primitive()) {
    return;
  }
  const auto value = LiteralFromBytes(type, TextOf(data + 1, size - 1));
  if (!value) {
    return;
  }
  const std::string text = value->ToString();
  const std::string bytes = value->ToBytes();
  Expect(LiteralFromBytes(type, bytes) == value, "bytes do not read back", text);
  Transformed(*value);
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadValue(data, size); });
}
