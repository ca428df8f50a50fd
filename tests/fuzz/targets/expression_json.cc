// Filters as JSON: read with and without a schema, written, read back, bound.

#include "floe/expr/expression_json.h"

#include <string>

#include "any_schema.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

void ReadUntyped(const std::string& text) {
  const auto pass = [](const std::string& json) {
    return ExpressionToJson(*ExpressionFromJson(json));
  };
  // Numbers with a fraction are decimals then, and those are texts.
  const std::string written = pass(pass(text));
  const std::string again = pass(written);
  Expect(again == written, "a filter does not read back", written + " as " + again);
}

void ReadTyped(const std::string& text) {
  const BoundExpressionPtr bound = Bind(*ExpressionFromJson(text, AnySchema()), AnySchema());
  Exercise(*bound);
  const std::string written = ExpressionToJson(*bound);
  const BoundExpressionPtr again = Bind(*ExpressionFromJson(written, AnySchema()), AnySchema());
  Expect(again->ToString() == bound->ToString(), "a bound filter does not read back",
         bound->ToString() + " as " + again->ToString());
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(floe::fuzz::TextOf(data, size));
  floe::fuzz::Survive([&] { floe::fuzz::ReadUntyped(text); });
  return floe::fuzz::Survive([&] { floe::fuzz::ReadTyped(text); });
}
