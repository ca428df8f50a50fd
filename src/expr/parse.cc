#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "expr/number_literal.h"
#include "expr/token.h"
#include "floe/base/error.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
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

/// What a predicate is about.
struct Term {
  std::string column;
  std::optional<Transform> transform;

  ExpressionPtr Predicate(Operation operation, std::vector<Literal> literals = {}) const {
    return transform ? Expression::TransformPredicate(operation, *transform, column,
                                                      std::move(literals))
                     : Expression::Predicate(operation, column, std::move(literals));
  }
};

/// Years, months and hours since 1970 as numbers would be taken for those of the calendar.
std::string_view PeriodExample(const Term& term) {
  if (!term.transform) {
    return "";
  }
  switch (term.transform->kind()) {
    case Transform::Kind::kYear:
      return "a year such as '2024'";
    case Transform::Kind::kMonth:
      return "a month such as '2024-01'";
    case Transform::Kind::kHour:
      return "an hour such as '2024-01-31T23'";
    default:
      return "";
  }
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
    if (IsKeyword("not") && IsBeforeOperator()) {
      return ParsePredicate();
    }
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

  bool NextIsSymbol(std::string_view symbol) const {
    const Token& next = tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    return next.kind == TokenKind::kSymbol && next.text == symbol;
  }

  /// Whether what follows the token at the cursor makes it a column, keyword or not.
  bool IsBeforeOperator() const {
    const Token& next = tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    if (next.kind == TokenKind::kSymbol) {
      return next.text != "(" && next.text != ")" && next.text != ",";
    }
    constexpr std::array<std::string_view, 5> kOperators = {"is", "in", "like", "between",
                                                            "not"};
    return !IsKeyword("not") && next.kind == TokenKind::kName &&
           std::ranges::any_of(kOperators, [&](std::string_view word) {
             return EqualsIgnoringCase(next.text, word);
           });
  }

  bool AtBareColumn() const {
    return Peek().kind == TokenKind::kName &&
           std::ranges::none_of(kKeywords, [&](std::string_view keyword) {
             return EqualsIgnoringCase(Peek().text, keyword);
           });
  }

  /// A keyword that can be nothing but a column here: `like = 'x'`.
  bool AtKeywordColumn() const {
    return Peek().kind == TokenKind::kName && !IsKeyword("true") && !IsKeyword("false") &&
           IsBeforeOperator();
  }

  /// A column, or a transform of one, at the cursor; nothing if there is none.
  std::optional<Term> TakeTerm() {
    if (AtBareColumn() && NextIsSymbol("(")) {
      return TakeTransform();
    }
    if (AtBareColumn() || Peek().kind == TokenKind::kQuotedName) {
      return Term{Take().text, std::nullopt};
    }
    return std::nullopt;
  }

  Term RequireTerm() {
    auto term = TakeTerm();
    if (!term && Peek().kind == TokenKind::kName && !IsKeyword("true") && !IsKeyword("false")) {
      return {Take().text, std::nullopt};  // nothing but a column can be here
    }
    if (!term) {
      Fail("a column name");
    }
    return *std::move(term);
  }

  /// bucket(16, id), day(ts)
  Term TakeTransform() {
    const Token& name = Take();
    ++at_;  // the parenthesis
    std::string text = name.text;
    if (Peek().kind == TokenKind::kNumber) {
      text += "[" + Take().text + "]";
      if (!TakeSymbol(",")) {
        Fail("','");
      }
    }
    Transform transform = Transform::Identity();
    try {
      transform = Transform::Parse(text);
    } catch (const Error& error) {
      throw ParseError(fmt::format("can't parse the filter at position {}: {}", name.position,
                                   error.message()),
                       {.position = static_cast<int64_t>(name.position)});
    }
    const Term source = RequireTerm();
    if (source.transform || !TakeSymbol(")")) {
      Fail("')' after the transform's column");
    }
    return {source.column, transform};
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

  Literal RequireLiteral(const Term& term) {
    const std::string_view period = PeriodExample(term);
    if (!period.empty() && Peek().kind == TokenKind::kNumber) {
      Fail(period);
    }
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
    if (AtKeywordColumn()) {
      return ParseTermPredicate({Take().text, std::nullopt});
    }
    if (auto term = TakeTerm()) {
      return ParseTermPredicate(*std::move(term));
    }
    const size_t start = at_;
    auto literal = TakeLiteral();
    if (!literal) {
      Fail("a column name, 'not', '(', true or false");
    }
    if (const NamedComparison* comparison = TakeComparison()) {
      return ParseMirrored(start, comparison->mirrored, *std::move(literal));
    }
    if (literal->type().id() == TypeId::kBoolean) {
      return literal->get<bool>() ? Expression::True() : Expression::False();
    }
    Fail("a comparison");
  }

  /// literal comparison term
  ExpressionPtr ParseMirrored(size_t literal_at, Operation operation, Literal literal) {
    const Term term = RequireTerm();
    const std::string_view period = PeriodExample(term);
    if (!period.empty() && tokens_[literal_at].kind == TokenKind::kNumber) {
      at_ = literal_at;
      Fail(period);
    }
    return term.Predicate(operation, {std::move(literal)});
  }

  ExpressionPtr ParseTermPredicate(const Term& term) {
    if (const NamedComparison* comparison = TakeComparison()) {
      return term.Predicate(comparison->operation, {RequireLiteral(term)});
    }
    if (TakeKeyword("is")) {
      return ParseIs(term);
    }
    const bool negated = TakeKeyword("not");
    if (TakeKeyword("in")) {
      return term.Predicate(negated ? Operation::kNotIn : Operation::kIn, ParseList(term));
    }
    if (TakeKeyword("like")) {
      return ParseLike(term, negated);
    }
    if (TakeKeyword("between")) {
      return ParseBetween(term, negated);
    }
    Fail(negated ? "'in', 'like' or 'between'"
                 : "a comparison, 'is', 'in', 'like', 'between' or 'not'");
  }

  ExpressionPtr ParseIs(const Term& term) {
    const bool negated = TakeKeyword("not");
    if (TakeKeyword("null")) {
      return term.Predicate(negated ? Operation::kNotNull : Operation::kIsNull);
    }
    if (TakeKeyword("nan")) {
      return term.Predicate(negated ? Operation::kNotNan : Operation::kIsNan);
    }
    Fail(negated ? "'null' or 'nan'" : "'null', 'nan' or 'not'");
  }

  std::vector<Literal> ParseList(const Term& term) {
    if (!TakeSymbol("(")) {
      Fail("'('");
    }
    std::vector<Literal> literals;
    do {
      literals.push_back(RequireLiteral(term));
    } while (TakeSymbol(","));
    if (!TakeSymbol(")")) {
      Fail("',' or ')'");
    }
    return literals;
  }

  ExpressionPtr ParseLike(const Term& term, bool negated) {
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
    return term.Predicate(operation, {Literal::String(std::move(prefix))});
  }

  ExpressionPtr ParseBetween(const Term& term, bool negated) {
    Literal low = RequireLiteral(term);
    if (!TakeKeyword("and")) {
      Fail("'and'");
    }
    Literal high = RequireLiteral(term);
    ExpressionPtr between =
        Expression::And({term.Predicate(Operation::kGreaterOrEqual, {std::move(low)}),
                         term.Predicate(Operation::kLessOrEqual, {std::move(high)})});
    return negated ? Expression::Not(std::move(between)) : between;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

ExpressionPtr ParseExpression(std::string_view text) { return Parser(text).Run(); }

}  // namespace floe::inline v0
