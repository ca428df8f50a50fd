#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>  // IWYU pragma: keep

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"

namespace floe::bindings {

/// A keyword argument. Each accessor throws InvalidArgumentError, naming the option, what was
/// found and what is expected, if the value is of another type.
class Option {
 public:
  Option(std::string_view call, std::string name, nb::handle value)
      : call_(call), name_(std::move(name)), value_(value) {}

  bool is_none() const { return value_.is_none(); }
  bool Boolean() const;
  int64_t Integer() const;
  int32_t SmallInteger() const;
  std::string Text() const;
  std::vector<std::string> Texts() const;
  ExpressionPtr Filter() const;
  Properties TextPairs() const;
  /// Nothing for None.
  std::optional<int64_t> OptionalInteger() const;
  std::optional<std::string> OptionalText() const;

 private:
  template <class T>
  T As(std::string_view expected) const;
  [[noreturn]] void Fail(std::string_view expected) const;

  std::string_view call_;
  std::string name_;
  nb::handle value_;
};

/// How an option is put into an options struct, by the option's name.
template <class Options>
using OptionSetters = std::map<std::string_view, void (*)(const Option&, Options*)>;

[[noreturn]] void ThrowUnknownOption(std::string_view call, const std::string& name,
                                     const std::vector<std::string_view>& known);

/// Sets what `arguments` say; throws InvalidArgumentError for a name that is no option of
/// `call`.
template <class Options>
void ApplyOptions(std::string_view call, const nb::kwargs& arguments,
                  const OptionSetters<Options>& setters, Options* options) {
  for (const auto& [key, value] : arguments) {
    const auto name = nb::cast<std::string>(key);
    const auto setter = setters.find(name);
    if (setter == setters.end()) {
      std::vector<std::string_view> known;
      for (const auto& [known_name, unused] : setters) {
        known.push_back(known_name);
      }
      ThrowUnknownOption(call, name, known);
    }
    setter->second(Option(call, name, value), options);
  }
}

}  // namespace floe::bindings
