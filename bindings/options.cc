#include "options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/error.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"

namespace floe::bindings {

void Option::Fail(std::string_view expected) const {
  throw InvalidArgumentError(
      fmt::format("{} option {} is of type {}; expected {}", call_, name_,
                  nb::cast<std::string>(value_.type().attr("__name__")), expected));
}

template <class T>
T Option::As(std::string_view expected) const {
  T result;
  if (!nb::try_cast(value_, result)) {
    Fail(expected);
  }
  return result;
}

bool Option::Boolean() const { return As<bool>("True or False"); }

int64_t Option::Integer() const {
  if (nb::isinstance<nb::bool_>(value_)) {
    Fail("an integer of 64 bits");
  }
  return As<int64_t>("an integer of 64 bits");
}

int32_t Option::SmallInteger() const {
  if (nb::isinstance<nb::bool_>(value_)) {
    Fail("an integer of 32 bits");
  }
  return As<int32_t>("an integer of 32 bits");
}

std::string Option::Text() const { return As<std::string>("a text"); }

std::vector<std::string> Option::Texts() const {
  return As<std::vector<std::string>>("a sequence of texts");
}

ExpressionPtr Option::Filter() const { return As<ExpressionPtr>("a filter"); }

Properties Option::TextPairs() const { return As<Properties>("a mapping of texts to texts"); }

std::optional<int64_t> Option::OptionalInteger() const {
  return is_none() ? std::nullopt : std::optional(Integer());
}

std::optional<std::string> Option::OptionalText() const {
  return is_none() ? std::nullopt : std::optional(Text());
}

void ThrowUnknownOption(std::string_view call, const std::string& name,
                        const std::vector<std::string_view>& known) {
  throw InvalidArgumentError(
      fmt::format("'{}' is not a {} option; known are {}", name, call, fmt::join(known, ", ")));
}

}  // namespace floe::bindings
