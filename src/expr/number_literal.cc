#include "expr/number_literal.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "floe/base/decimal.h"
#include "floe/schema/literal.h"

namespace floe::inline v0 {

std::optional<Literal> NumberLiteral(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), whole);
  if (error == std::errc() && end == text.end()) {
    return Literal::Long(whole);
  }
  if (text.find_first_of("eE") == std::string_view::npos) {
    const size_t point = text.find('.');
    const int scale =
        point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
    if (const auto unscaled =
            scale <= kMaxDecimalPrecision ? ParseDecimal(text, scale) : std::nullopt) {
      return Literal::Decimal(*unscaled, std::max(scale, DecimalDigits(*unscaled)), scale);
    }
  }
  double value = 0;
  const auto [stop, failure] = std::from_chars(text.begin(), text.end(), value);
  if (failure != std::errc() || stop != text.end()) {
    return std::nullopt;
  }
  return Literal::Double(value);
}

}  // namespace floe::inline v0
