#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/partition/transform.h"
#include "floe/schema/literal.h"

namespace floe::inline v0 {

/// What a node of a row filter does.
enum class Operation : uint8_t {
  kTrue,
  kFalse,
  kAnd,
  kOr,
  kNot,
  kIsNull,
  kNotNull,
  kIsNan,
  kNotNan,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kEqual,
  kNotEqual,
  kIn,
  kNotIn,
  kStartsWith,
  kNotStartsWith,
};

class Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

/// A row filter as it was written: column names are not looked up yet, literals have the type
/// they were written with. Immutable and thread-safe; share it by ExpressionPtr, which is
/// always the engine's own: a binding that lends one hands out this one, so that any thread can
/// let go of it.
///
/// Truth is SQL's: a comparison with a null is unknown, and a filter keeps what is true. NaN
/// compares as IEEE 754 says: it is only not equal to, and not in, everything; `not (x < 1)` is
/// `x >= 1`, which does not hold for it either.
class Expression : public std::enable_shared_from_this<Expression> {
 public:
  static ExpressionPtr True();
  static ExpressionPtr False();
  /// True if all (any) of `children` are, of which there is at least one. Nodes of the same
  /// kind below are taken in, so that long chains stay shallow. As not, they throw
  /// InvalidArgumentError where nesting would exceed 1,000 levels.
  static ExpressionPtr And(std::vector<ExpressionPtr> children);
  static ExpressionPtr Or(std::vector<ExpressionPtr> children);
  static ExpressionPtr Not(ExpressionPtr child);
  /// `operation` on a column given by its full dotted name; the number of literals is the
  /// operation's: none for the null and NaN tests, any for in and not in, one otherwise.
  static ExpressionPtr Predicate(Operation operation, std::string column,
                                 std::vector<Literal> literals = {});
  /// The same on the column's values seen through `transform`: `day(ts) = '2024-01-31'`. The
  /// literals are of the transform's result type; years, months and hours can be texts, too.
  static ExpressionPtr TransformPredicate(Operation operation, const Transform& transform,
                                          std::string column,
                                          std::vector<Literal> literals = {});
  /// A predicate whose timestamps without a zone are in UTC if the column has one; of others'
  /// filters, which do not tell the two apart.
  static ExpressionPtr PredicateInUtc(Operation operation, std::string column,
                                      std::vector<Literal> literals = {});

  Operation operation() const { return operation_; }
  const std::vector<ExpressionPtr>& children() const { return children_; }
  const std::string& column() const { return column_; }
  /// What the column's values are seen through; nothing: they are compared themselves.
  const std::optional<Transform>& transform() const { return transform_; }
  const std::vector<Literal>& literals() const { return literals_; }
  bool is_in_utc() const { return is_in_utc_; }

  /// Text that ParseExpression() reads back as the same filter, unless it has an infinite
  /// number, for which there is no text, or a predicate in UTC.
  std::string ToString() const;
  /// Text for logs and spans: in place of each literal what kind of value it is, such as
  /// `(2-digit-int)`, `(date)` or `(hash-0a1b2c3d)`; equal texts have equal hashes.
  std::string ToSanitizedString() const;

 private:
  Expression() = default;
  static std::shared_ptr<Expression> Make(Operation operation,
                                          std::vector<ExpressionPtr> children);

  Operation operation_ = Operation::kTrue;
  int depth_ = 0;
  std::vector<ExpressionPtr> children_;
  std::string column_;
  std::optional<Transform> transform_;
  std::vector<Literal> literals_;
  bool is_in_utc_ = false;
};

/// Parses a row filter such as `a > 3 and b in ('x', 'y')`. Grammar: docs/filter-grammar.md.
/// Linear in the length of the text; nesting is limited to 200 levels.
/// Throws ParseError with the 0-based byte offset and what was expected there.
ExpressionPtr ParseExpression(std::string_view text);

/// A literal as a filter writes it: 12.5, 'text', '2024-01-31', X'00ff'.
std::string LiteralText(const Literal& literal);

/// The operation that is true where `operation` is false (nulls aside). Predicates only.
Operation Negate(Operation operation);

/// True for the operations on a column.
constexpr bool IsPredicate(Operation operation) { return operation >= Operation::kIsNull; }

}  // namespace floe::inline v0
