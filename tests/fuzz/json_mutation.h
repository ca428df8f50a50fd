// Changes of JSON texts for fuzzing: by whole values, names and members, so that what comes out
// is JSON still and gets past the parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// libFuzzer's own mutations; returns the new size.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace floe::fuzz {

/// Changes the JSON text that begins at the first bracket of a text; what is before stays.
/// Nothing where that is no JSON, and now and then: libFuzzer's own mutations are to be used
/// then.
std::optional<std::string> ChangeJson(std::string_view text, unsigned seed);

/// Puts a value or member of another JSON text into one.
std::optional<std::string> CrossJson(std::string_view text, std::string_view other,
                                     unsigned seed);

/// Changes bytes by libFuzzer's own mutations; a few bytes may be added.
std::string ChangeBytes(std::string_view text);

/// Hands a text to libFuzzer; 0 where there is none or it is too long.
size_t Give(const std::optional<std::string>& text, uint8_t* out, size_t max_size);

}  // namespace floe::fuzz
