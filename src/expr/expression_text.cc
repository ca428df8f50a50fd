// Filters as text: for parsing again, and for logs.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/murmur3.h"
#include "expr/transformed.h"
#include "floe/base/datetime.h"
#include "floe/base/error.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// `text` between `quote`s, with those inside doubled.
std::string Quote(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out.append(c == quote ? 2 : 1, c);
  }
  return out + quote;
}

}  // namespace

std::string LiteralText(const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kBoolean:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDecimal:
      return literal.ToString();
    case TypeId::kDouble: {
      const auto value = literal.get<double>();
      // An integer has no negative zero.
      return value == 0 && std::signbit(value) ? "-0e0" : literal.ToString();
    }
    case TypeId::kFixed:
    case TypeId::kBinary:
      return fmt::format("X'{}'", ToHex(literal.get<std::string>()));
    default:
      return Quote(literal.ToString(), '\'');
  }
}

namespace {

/// A prefix as a LIKE pattern: `%`, `_` and `\` in it are escaped.
std::string LikePattern(const Literal& prefix) {
  std::string pattern;
  for (const char c : prefix.ToString()) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern.push_back('\\');
    }
    pattern.push_back(c);
  }
  return Quote(pattern + "%", '\'');
}

/// A literal as the transform's values are written in text: years, months and hours as
/// people write them.
std::string TransformedText(const Transform& transform, const Literal& literal) {
  if (CountsPeriods(transform)) {
    const auto count = literal.type().id() == TypeId::kString
                           ? std::nullopt
                           : ConvertLiteral(literal, Type::Of(TypeId::kInt));
    if (count && count->kind == ConvertedLiteral::Kind::kExact) {
      return Quote(transform.ToHumanString(count->value), '\'');
    }
  }
  return LiteralText(literal);
}

std::string TermText(const Expression& predicate) {
  std::string name = Quote(predicate.column(), '"');
  if (!predicate.transform()) {
    return name;
  }
  const Transform& transform = *predicate.transform();
  const std::string text = transform.ToString();
  return transform.parameter() == 0 ? fmt::format("{}({})", text, name)
                                    : fmt::format("{}({}, {})", text.substr(0, text.find('[')),
                                                  transform.parameter(), name);
}

std::string_view Symbol(Operation operation) {
  switch (operation) {
    case Operation::kIsNull:
      return "is null";
    case Operation::kNotNull:
      return "is not null";
    case Operation::kIsNan:
      return "is nan";
    case Operation::kNotNan:
      return "is not nan";
    case Operation::kLess:
      return "<";
    case Operation::kLessOrEqual:
      return "<=";
    case Operation::kGreater:
      return ">";
    case Operation::kGreaterOrEqual:
      return ">=";
    case Operation::kEqual:
      return "=";
    case Operation::kNotEqual:
      return "!=";
    case Operation::kIn:
      return "in";
    case Operation::kNotIn:
      return "not in";
    case Operation::kStartsWith:
      return "like";
    case Operation::kNotStartsWith:
      return "not like";
    default:
      throw InternalError("not an operation on a column");
  }
}

/// The text of a predicate's literals, with a blank before it; empty if it has none.
using OperandText = std::function<std::string(const Expression& predicate)>;

std::string ExactOperands(const Expression& predicate) {
  const std::vector<Literal>& literals = predicate.literals();
  const auto text = [&](const Literal& literal) {
    return predicate.transform() ? TransformedText(*predicate.transform(), literal)
                                 : LiteralText(literal);
  };
  switch (predicate.operation()) {
    case Operation::kIn:
    case Operation::kNotIn: {
      std::string list;
      for (const Literal& literal : literals) {
        list += (list.empty() ? "" : ", ") + text(literal);
      }
      return fmt::format(" ({})", list);
    }
    case Operation::kStartsWith:
    case Operation::kNotStartsWith:
      return " " + LikePattern(literals[0]);
    default:
      return literals.empty() ? "" : " " + text(literals[0]);
  }
}

std::string HashText(std::string_view bytes) {
  return fmt::format("(hash-{:08x})", static_cast<uint32_t>(Murmur3(bytes)));
}

size_t DigitsBeforePoint(std::string_view number) {
  const size_t start = number.starts_with('-') ? 1 : 0;
  const size_t end = std::min(number.find_first_of(".e", start), number.size());
  return end - start;
}

std::string SanitizedText(std::string_view text) {
  if (ParseDate(text)) {
    return "(date)";
  }
  if (ParseTimestamp(text)) {
    return "(timestamp)";
  }
  return ParseTime(text) ? "(time)" : HashText(text);
}

std::string SanitizedLiteral(const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kInt:
    case TypeId::kLong:
      return fmt::format("({}-digit-int)", DigitsBeforePoint(literal.ToString()));
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal:
      return fmt::format("({}-digit-float)", DigitsBeforePoint(literal.ToString()));
    case TypeId::kString:
      return SanitizedText(literal.get<std::string>());
    case TypeId::kUuid:
    case TypeId::kFixed:
    case TypeId::kBinary:
      return HashText(literal.get<std::string>());
    default:
      return fmt::format("({})", literal.type().ToString());
  }
}

std::string SanitizedOperands(const Expression& predicate) {
  constexpr size_t kShownLiterals = 3;
  const std::vector<Literal>& literals = predicate.literals();
  switch (predicate.operation()) {
    case Operation::kIn:
    case Operation::kNotIn: {
      std::string list;
      for (size_t i = 0; i < std::min(literals.size(), kShownLiterals); ++i) {
        list += (i > 0 ? ", " : "") + SanitizedLiteral(literals[i]);
      }
      if (literals.size() > kShownLiterals) {
        list += fmt::format(", {} more", literals.size() - kShownLiterals);
      }
      return fmt::format(" ({})", list);
    }
    case Operation::kStartsWith:
    case Operation::kNotStartsWith:
      return " " + SanitizedLiteral(literals[0]) + "%";
    default:
      return literals.empty() ? "" : " " + SanitizedLiteral(literals[0]);
  }
}

std::string TextOf(const Expression& filter, const OperandText& operands) {
  switch (filter.operation()) {
    case Operation::kTrue:
      return "true";
    case Operation::kFalse:
      return "false";
    case Operation::kNot:
      return fmt::format("not ({})", TextOf(*filter.children()[0], operands));
    case Operation::kAnd:
    case Operation::kOr: {
      std::string out = "(";
      for (const ExpressionPtr& child : filter.children()) {
        out.append(out.size() == 1                         ? ""
                   : filter.operation() == Operation::kAnd ? " and "
                                                           : " or ");
        out.append(TextOf(*child, operands));
      }
      return out + ")";
    }
    default:
      return fmt::format("{} {}{}", TermText(filter), Symbol(filter.operation()),
                         operands(filter));
  }
}

}  // namespace

std::string Expression::ToString() const { return TextOf(*this, ExactOperands); }

std::string Expression::ToSanitizedString() const { return TextOf(*this, SanitizedOperands); }

}  // namespace floe::inline v0
