#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "expr/token.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

constexpr int kMaxDepth = 200;

constexpr std::array<std::string_view, 11> kKeywords = {
    "and", "or", "not", "is", "null", "nan", "in", "like", "between", "true", "false"};

struct NamedComparison {
  std::string_view symbol;
  Operation operation;
  Operation mirrored;  ///< with the sides exchanged
};

constexpr std::array kComparisons = {
    NamedComparison{"=", Operation::kEqual, Operation::kEqual},
    NamedComparison{"==", Operation::kEqual, Operation::kEqual},
    NamedComparison{"!=", Operation::kNotEqual, Operation::kNotEqual},
    NamedComparison{"<>", Operation::kNotEqual, Operation::kNotEqual},
    NamedComparison{"<", Operation::kLess, Operation::kGreater},
    NamedComparison{"<=", Operation::kLessOrEqual, Operation::kGreaterOrEqual},
    NamedComparison{">", Operation::kGreater, Operation::kLess},
    NamedComparison{">=", Operation::kGreaterOrEqual, Operation::kLessOrEqual},
};

/// The literal a number spells: long, decimal, or double where those can't hold it.
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

/// Recursive descent over the tokens:
///   or := and ('or' and)* ; and := not ('and' not)* ; not := 'not' not | primary
class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(Tokenize(text)) {}

  ExpressionPtr Run() {
    ExpressionPtr parsed = ParseOr(0);
    if (Peek().kind != TokenKind::kEnd) {
      Fail("'and', 'or' or the end of the filter");
    }
    return parsed;
  }

 private:
  const Token& Peek() const { return tokens_[at_]; }
  const Token& Take() { return tokens_[at_++]; }

  bool IsKeyword(std::string_view word) const {
    return Peek().kind == TokenKind::kName && EqualsIgnoringCase(Peek().text, word);
  }
  bool TakeKeyword(std::string_view word) {
    if (!IsKeyword(word)) {
      return false;
    }
    ++at_;
    return true;
  }
  bool TakeSymbol(std::string_view symbol) {
    if (Peek().kind != TokenKind::kSymbol || Peek().text != symbol) {
      return false;
    }
    ++at_;
    return true;
  }

  [[noreturn]] void Fail(std::string_view expected) const {
    const Token& found = Peek();
    constexpr size_t kShownBytes = 100;
    const std::string& text = found.kind == TokenKind::kBytes ? ToHex(found.text) : found.text;
    const std::string what = found.kind == TokenKind::kEnd
                                 ? "the end of the filter"
                                 : "'" + Abbreviate(text, kShownBytes) + "'";
    throw ParseError(fmt::format("can't parse the filter at position {}: expected {}, found {}",
                                 found.position, expected, what),
                     {.position = static_cast<int64_t>(found.position)});
  }

  ExpressionPtr ParseOr(int depth) {
    std::vector<ExpressionPtr> parts;
    do {
      parts.push_back(ParseAnd(depth));
    } while (TakeKeyword("or"));
    return parts.size() == 1 ? parts[0] : Expression::Or(std::move(parts));
  }

  ExpressionPtr ParseAnd(int depth) {
    std::vector<ExpressionPtr> parts;
    do {
      parts.push_back(ParseNot(depth));
    } while (TakeKeyword("and"));
    return parts.size() == 1 ? parts[0] : Expression::And(std::move(parts));
  }

  ExpressionPtr ParseNot(int depth) {
    if (depth > kMaxDepth) {
      throw ParseError(fmt::format("the filter is nested deeper than {} levels at position {}",
                                   kMaxDepth, Peek().position),
                       {.position = static_cast<int64_t>(Peek().position)});
    }
    if (TakeKeyword("not")) {
      return Expression::Not(ParseNot(depth + 1));
    }
    if (TakeSymbol("(")) {
      ExpressionPtr inner = ParseOr(depth + 1);
      if (!TakeSymbol(")")) {
        Fail("')'");
      }
      return inner;
    }
    return ParsePredicate();
  }

  /// A column name at the cursor; nothing if there is none.
  std::optional<std::string> TakeColumn() {
    const Token& token = Peek();
    const bool bare = token.kind == TokenKind::kName &&
                      std::ranges::none_of(kKeywords, [&](std::string_view keyword) {
                        return EqualsIgnoringCase(token.text, keyword);
                      });
    if (bare || token.kind == TokenKind::kQuotedName) {
      return Take().text;
    }
    return std::nullopt;
  }

  std::optional<Literal> TakeLiteral() {
    const Token& token = Peek();
    if (token.kind == TokenKind::kString) {
      return Literal::String(Take().text);
    }
    if (token.kind == TokenKind::kBytes) {
      return Literal::Binary(Take().text);
    }
    if (token.kind == TokenKind::kNumber) {
      auto literal = NumberLiteral(token.text);
      if (!literal) {
        Fail("a number that a double can hold");
      }
      ++at_;
      return literal;
    }
    if (IsKeyword("true") || IsKeyword("false")) {
      return Literal::Boolean(EqualsIgnoringCase(Take().text, "true"));
    }
    return std::nullopt;
  }

  Literal RequireLiteral() {
    auto literal = TakeLiteral();
    if (!literal) {
      Fail("a literal (a number, a 'string', X'00ff', true or false)");
    }
    return *std::move(literal);
  }

  const NamedComparison* TakeComparison() {
    for (const NamedComparison& comparison : kComparisons) {
      if (TakeSymbol(comparison.symbol)) {
        return &comparison;
      }
    }
    return nullptr;
  }

  ExpressionPtr ParsePredicate() {
    const size_t start = at_;
    if (auto column = TakeColumn()) {
      return ParseColumnPredicate(*std::move(column));
    }
    if (auto literal = TakeLiteral()) {
      if (const NamedComparison* comparison = TakeComparison()) {
        auto column = TakeColumn();
        if (!column) {
          Fail("a column name");
        }
        return Expression::Predicate(comparison->mirrored, *std::move(column),
                                     {*std::move(literal)});
      }
      if (literal->type().id() == TypeId::kBoolean) {
        return literal->get<bool>() ? Expression::True() : Expression::False();
      }
      Fail("a comparison");
    }
    at_ = start;
    Fail("a column name, 'not', '(', true or false");
  }

  ExpressionPtr ParseColumnPredicate(std::string column) {
    if (const NamedComparison* comparison = TakeComparison()) {
      return Expression::Predicate(comparison->operation, std::move(column),
                                   {RequireLiteral()});
    }
    if (TakeKeyword("is")) {
      return ParseIs(std::move(column));
    }
    const bool negated = TakeKeyword("not");
    if (TakeKeyword("in")) {
      return Expression::Predicate(negated ? Operation::kNotIn : Operation::kIn,
                                   std::move(column), ParseList());
    }
    if (TakeKeyword("like")) {
      return ParseLike(std::move(column), negated);
    }
    if (TakeKeyword("between")) {
      return ParseBetween(column, negated);
    }
    Fail(negated ? "'in', 'like' or 'between'"
                 : "a comparison, 'is', 'in', 'like', 'between' or 'not'");
  }

  ExpressionPtr ParseIs(std::string column) {
    const bool negated = TakeKeyword("not");
    if (TakeKeyword("null")) {
      return Expression::Predicate(negated ? Operation::kNotNull : Operation::kIsNull,
                                   std::move(column));
    }
    if (TakeKeyword("nan")) {
      return Expression::Predicate(negated ? Operation::kNotNan : Operation::kIsNan,
                                   std::move(column));
    }
    Fail(negated ? "'null' or 'nan'" : "'null', 'nan' or 'not'");
  }

  std::vector<Literal> ParseList() {
    if (!TakeSymbol("(")) {
      Fail("'('");
    }
    std::vector<Literal> literals;
    do {
      literals.push_back(RequireLiteral());
    } while (TakeSymbol(","));
    if (!TakeSymbol(")")) {
      Fail("',' or ')'");
    }
    return literals;
  }

  ExpressionPtr ParseLike(std::string column, bool negated) {
    if (Peek().kind != TokenKind::kString) {
      Fail("a 'pattern'");
    }
    const Token& token = Take();
    std::string prefix;
    bool wildcard = false;
    for (size_t i = 0; i < token.text.size(); ++i) {
      const char c = token.text[i];
      if (c == '\\' && i + 1 < token.text.size()) {
        prefix.push_back(token.text[++i]);
      } else if (c == '%' && i + 1 == token.text.size()) {
        wildcard = true;
      } else if (c == '%' || c == '_') {
        throw UnsupportedError(
            fmt::format("the pattern at position {} of the filter: 'like' supports one '%' at "
                        "the end, as in 'abc%' (write \\% or \\_ for the characters)",
                        token.position),
            {.position = static_cast<int64_t>(token.position)});
      } else {
        prefix.push_back(c);
      }
    }
    Operation operation = wildcard ? Operation::kStartsWith : Operation::kEqual;
    if (negated) {
      operation = Negate(operation);
    }
    return Expression::Predicate(operation, std::move(column),
                                 {Literal::String(std::move(prefix))});
  }

  ExpressionPtr ParseBetween(const std::string& column, bool negated) {
    Literal low = RequireLiteral();
    if (!TakeKeyword("and")) {
      Fail("'and'");
    }
    Literal high = RequireLiteral();
    ExpressionPtr between = Expression::And(
        {Expression::Predicate(Operation::kGreaterOrEqual, column, {std::move(low)}),
         Expression::Predicate(Operation::kLessOrEqual, column, {std::move(high)})});
    return negated ? Expression::Not(std::move(between)) : between;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

ExpressionPtr ParseExpression(std::string_view text) { return Parser(text).Run(); }

}  // namespace floe::inline v0
