#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

/// ASCII lowercase.
std::string ToLower(std::string_view text);

/// Equal but for the case of ASCII letters.
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

/// The parts of `text` between `separator`s; one empty part for an empty text.
std::vector<std::string> Split(std::string_view text, char separator);

/// Length in bytes of the longest prefix of UTF-8 `text` with at most `code_points` code
/// points. Of malformed text, too, prefixes keep the order: a ≤ b implies prefix(a) ≤
/// prefix(b).
size_t PrefixBytes(std::string_view text, size_t code_points);

/// First `max_bytes` of `text`, not cutting a code point, with "…" if anything was cut.
std::string Abbreviate(std::string_view text, size_t max_bytes);

}  // namespace floe::inline v0
