#pragma once

#include <string>
#include <string_view>

namespace floe::inline v0 {

/// A value of type variant in its binary encoding (Parquet's VariantEncoding.md, version 1):
/// the dictionary of its objects' names, and the value. A value.
struct Variant {
  std::string metadata;
  std::string value;
  bool operator==(const Variant&) const = default;
};

/// Encodes a JSON text: integers in the smallest type that holds them, numbers with a decimal
/// point as decimals where 38 digits are enough and as doubles otherwise; names sorted.
/// Throws ParseError for what is no JSON, nests deeper than 200 levels, or has a name twice in
/// one object; InvalidArgumentError if it needs more than 4 GiB.
Variant VariantFromJson(std::string_view json);

/// The value as JSON text: dates, times, UUIDs and the like as strings, binary in base64.
/// NaN and infinities, which JSON does not have, are strings as well. Throws
/// InvalidArgumentError for bytes that are no variant, or that nest deeper than 200 levels.
std::string VariantToJson(std::string_view metadata, std::string_view value);

}  // namespace floe::inline v0
