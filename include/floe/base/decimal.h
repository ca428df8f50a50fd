#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace floe::inline v0 {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

/// Largest number of decimal digits of an Iceberg decimal.
inline constexpr int kMaxDecimalPrecision = 38;

/// 10^exponent; exponent is 0 to 38.
Int128 PowerOfTen(int exponent);

/// Number of decimal digits of |value|, at least 1.
int DecimalDigits(Int128 value);

/// `unscaled` × 10^-scale as plain digits: ("-1", scale 2) is "-0.01".
std::string DecimalToString(Int128 unscaled, int scale);

/// Reads "-12.50", "3", ".5" or "1e-3" as an unscaled value at `scale`. Nothing when the text
/// is not a decimal number, has more fraction digits than `scale`, or passes 38 digits.
std::optional<Int128> ParseDecimal(std::string_view text, int scale);

/// Changes the scale of an unscaled value; nothing when digits would be lost or overflow.
std::optional<Int128> RescaleDecimal(Int128 unscaled, int from_scale, int to_scale);

/// Shortest big-endian two's complement bytes (Iceberg specification, appendix D); 0 is one
/// zero byte.
std::string DecimalToBytes(Int128 unscaled);

/// The reverse; nothing when `bytes` is empty or longer than 16.
std::optional<Int128> DecimalFromBytes(std::string_view bytes);

/// Bytes a fixed needs to hold every decimal of `precision` (Iceberg specification, appendix
/// A: Avro and Parquet).
int DecimalRequiredBytes(int precision);

}  // namespace floe::inline v0
