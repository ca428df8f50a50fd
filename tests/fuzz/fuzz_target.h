#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "floe/base/error.h"

/// What a fuzzer calls with each input; each file in targets/ has one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace floe::fuzz {

inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data),  // NOLINT: bytes are looked at as chars
          size};
}

/// Ends the process, which is how a fuzzer is told of a bug.
[[noreturn]] inline void Bug(const char* what, const std::string& detail) {
  std::fprintf(stderr, "BUG: %s: %s\n", what, detail.c_str());
  std::abort();
}

inline void Expect(bool holds, const char* what, const std::string& detail = "") {
  if (!holds) {
    Bug(what, detail);
  }
}

/// Runs `read`, which may refuse hostile input by any error but InternalError.
template <class Read>
int Survive(const Read& read) {
  try {
    read();
  } catch (const InternalError& error) {
    Bug("an InternalError", error.message());
  } catch (const Error&) {
    return 0;
  }
  return 0;
}

}  // namespace floe::fuzz
