#pragma once

#include <exception>
#include <functional>
#include <ostream>
#include <string>

#include "floe/base/error.h"

namespace floe::testing {

/// What a call threw, for comparisons in tests.
struct Thrown {
  std::string class_name;  ///< "" if nothing was thrown; the text of a foreign exception
  std::string message;
  ErrorDetails details;

  /// A floe error that is the caller's or the file's fault, not a bug's.
  bool is_expected() const {
    return class_name.ends_with("Error") && class_name != "InternalError";
  }
};

inline std::ostream& operator<<(std::ostream& out, const Thrown& thrown) {
  return out << (thrown.class_name.empty() ? "nothing thrown" : thrown.class_name) << ": "
             << thrown.message;
}

/// Runs `call` and says what it threw.
inline Thrown WhatThrows(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return {std::string(error.class_name()), error.message(), error.details()};
  } catch (const std::exception& error) {
    return {std::string("not a floe error: ") + error.what(), "", {}};
  }
  return {};
}

}  // namespace floe::testing
