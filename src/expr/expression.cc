#include "floe/expr/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

namespace {

/// Deeper ones would overflow the stack of whoever walks over them.
constexpr int kMaxDepth = 1'000;

}  // namespace

std::shared_ptr<Expression> Expression::Make(Operation operation,
                                             std::vector<ExpressionPtr> children) {
  struct Open : Expression {};
  auto made = std::make_shared<Open>();
  made->operation_ = operation;
  for (const ExpressionPtr& child : children) {
    made->depth_ = std::max(made->depth_, child->depth_ + 1);
  }
  if (made->depth_ > kMaxDepth) {
    throw InvalidArgumentError(
        fmt::format("the filter is nested deeper than {} levels; compare one column with "
                    "many values by in",
                    kMaxDepth));
  }
  made->children_ = std::move(children);
  return made;
}

ExpressionPtr Expression::True() { return Make(Operation::kTrue, {}); }
ExpressionPtr Expression::False() { return Make(Operation::kFalse, {}); }

namespace {

/// `children` with the children of nodes of kind `operation` in their place.
std::vector<ExpressionPtr> Flatten(Operation operation, std::vector<ExpressionPtr> children) {
  Check(!children.empty(), "and/or without children");
  const auto is_same = [&](const ExpressionPtr& child) {
    return child->operation() == operation;
  };
  if (std::ranges::none_of(children, is_same)) {
    return children;
  }
  std::vector<ExpressionPtr> flat;
  for (ExpressionPtr& child : children) {
    if (is_same(child)) {
      flat.insert(flat.end(), child->children().begin(), child->children().end());
    } else {
      flat.push_back(std::move(child));
    }
  }
  return flat;
}

}  // namespace

ExpressionPtr Expression::And(std::vector<ExpressionPtr> children) {
  return Make(Operation::kAnd, Flatten(Operation::kAnd, std::move(children)));
}

ExpressionPtr Expression::Or(std::vector<ExpressionPtr> children) {
  return Make(Operation::kOr, Flatten(Operation::kOr, std::move(children)));
}

ExpressionPtr Expression::Not(ExpressionPtr child) {
  return Make(Operation::kNot, {std::move(child)});
}

ExpressionPtr Expression::Predicate(Operation operation, std::string column,
                                    std::vector<Literal> literals) {
  Check(IsPredicate(operation), "a predicate is an operation on a column");
  const bool any_count = operation == Operation::kIn || operation == Operation::kNotIn;
  const size_t wanted = operation < Operation::kLess ? 0 : 1;
  Check(any_count || literals.size() == wanted, "wrong number of literals for a predicate");
  auto made = Make(operation, {});
  made->column_ = std::move(column);
  made->literals_ = std::move(literals);
  return made;
}

Operation Negate(Operation operation) {
  switch (operation) {
    case Operation::kIsNull:
      return Operation::kNotNull;
    case Operation::kNotNull:
      return Operation::kIsNull;
    case Operation::kIsNan:
      return Operation::kNotNan;
    case Operation::kNotNan:
      return Operation::kIsNan;
    case Operation::kLess:
      return Operation::kGreaterOrEqual;
    case Operation::kLessOrEqual:
      return Operation::kGreater;
    case Operation::kGreater:
      return Operation::kLessOrEqual;
    case Operation::kGreaterOrEqual:
      return Operation::kLess;
    case Operation::kEqual:
      return Operation::kNotEqual;
    case Operation::kNotEqual:
      return Operation::kEqual;
    case Operation::kIn:
      return Operation::kNotIn;
    case Operation::kNotIn:
      return Operation::kIn;
    case Operation::kStartsWith:
      return Operation::kNotStartsWith;
    case Operation::kNotStartsWith:
      return Operation::kStartsWith;
    default:
      throw InternalError("only a predicate can be negated");
  }
}

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
    case TypeId::kDouble:
    case TypeId::kDecimal:
      return literal.ToString();
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

std::string_view Symbol(Operation operation) {
  switch (operation) {
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
    default:
      throw InternalError("not a comparison");
  }
}

std::string ListText(const std::vector<Literal>& literals) {
  std::string out = "(";
  for (const Literal& literal : literals) {
    out += (out.size() > 1 ? ", " : "") + LiteralText(literal);
  }
  return out + ")";
}

std::string JoinText(const std::vector<ExpressionPtr>& children, std::string_view separator) {
  std::string out = "(";
  for (const ExpressionPtr& child : children) {
    out.append(out.size() > 1 ? separator : "").append(child->ToString());
  }
  return out + ")";
}

}  // namespace

std::string Expression::ToString() const {
  switch (operation_) {
    case Operation::kTrue:
      return "true";
    case Operation::kFalse:
      return "false";
    case Operation::kAnd:
    case Operation::kOr:
      return JoinText(children_, operation_ == Operation::kAnd ? " and " : " or ");
    case Operation::kNot:
      return fmt::format("not ({})", children_[0]->ToString());
    default:
      break;
  }
  const std::string name = Quote(column_, '"');
  switch (operation_) {
    case Operation::kIsNull:
      return name + " is null";
    case Operation::kNotNull:
      return name + " is not null";
    case Operation::kIsNan:
      return name + " is nan";
    case Operation::kNotNan:
      return name + " is not nan";
    case Operation::kIn:
      return name + " in " + ListText(literals_);
    case Operation::kNotIn:
      return name + " not in " + ListText(literals_);
    case Operation::kStartsWith:
      return name + " like " + LikePattern(literals_[0]);
    case Operation::kNotStartsWith:
      return name + " not like " + LikePattern(literals_[0]);
    default:
      return fmt::format("{} {} {}", name, Symbol(operation_), LiteralText(literals_[0]));
  }
}

}  // namespace floe::inline v0
