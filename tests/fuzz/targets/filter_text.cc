// Filter text: parsed, printed, read back, bound to a schema of all types.

#include <string>

#include "any_schema.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadFilter(const uint8_t* data, size_t size) {
  const ExpressionPtr filter = ParseExpression(TextOf(data, size));
  const std::string text = filter->ToString();
  const std::string again = ParseExpression(text)->ToString();
  Expect(again == text, "a filter's text does not read back", text + " as " + again);
  Expect(!filter->ToSanitizedString().empty(), "no sanitized text");
  Exercise(*Bind(*filter, AnySchema()));
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return floe::fuzz::Survive([&] { floe::fuzz::ReadFilter(data, size); });
}
