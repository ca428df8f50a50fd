#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// What is known about one column of a data file. What is not known is unset, never 0.
struct ColumnMetrics {
  std::optional<int64_t> size_bytes;   ///< encoded and compressed
  std::optional<int64_t> value_count;  ///< nulls and NaNs included
  std::optional<int64_t> null_count;
  std::optional<int64_t> nan_count;
  /// Single-value binary form; nulls and NaNs aside. A string or binary bound may be shorter
  /// than any value: lower ≤ every value ≤ upper is all it says.
  std::optional<std::string> lower_bound;
  std::optional<std::string> upper_bound;
  bool operator==(const ColumnMetrics&) const = default;
};

/// By field id; leaf columns only.
using MetricsById = std::map<int32_t, ColumnMetrics>;

/// How much a table keeps about a column: table properties `write.metadata.metrics.*`.
struct MetricsMode {
  enum class Kind : uint8_t { kNone, kCounts, kTruncate, kFull };
  Kind kind = Kind::kTruncate;
  size_t length = 16;  ///< kTruncate: code points of a string, bytes of a binary

  /// Reads "none", "counts", "full", "truncate(16)"; throws ParseError.
  static MetricsMode Parse(std::string_view text);
  bool operator==(const MetricsMode&) const = default;
};

/// Shortens a string or binary lower bound (its binary form) to `length`; other types as is.
std::string TruncateLowerBound(const Type& type, std::string_view bound, size_t length);

/// Shortens an upper bound and rounds it up, so that it stays one: the last code point (or
/// byte) that can be raised is, and what follows it is dropped. Nothing if none can be.
std::optional<std::string> TruncateUpperBound(const Type& type, std::string_view bound,
                                              size_t length);

}  // namespace floe::inline v0
