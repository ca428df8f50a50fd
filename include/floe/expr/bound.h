#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

class BoundExpression;
using BoundExpressionPtr = std::shared_ptr<const BoundExpression>;

/// A row filter whose columns are found and whose literals have their columns' types. It has
/// no `not`: that was carried down to the predicates. Constants stand only alone. Transforms
/// that preserve the order are gone, too: `month(ts) = '2024-01'` is a range of ts.
/// Immutable and thread-safe.
class BoundExpression {
 public:
  static BoundExpressionPtr True();
  static BoundExpressionPtr False();
  /// Drops what is always true (false), so that True() and False() stand only alone.
  static BoundExpressionPtr And(std::vector<BoundExpressionPtr> children);
  static BoundExpressionPtr Or(std::vector<BoundExpressionPtr> children);
  /// `field` is copied; `path` leads to it through structs from the root. In and not in keep
  /// their literals sorted and distinct; of one literal they become equal and not equal.
  static BoundExpressionPtr Predicate(Operation operation, const Field& field,
                                      std::string column, std::vector<int> path,
                                      std::vector<Literal> literals);
  /// A comparison, in or not in of the column's buckets, which are ints.
  static BoundExpressionPtr BucketPredicate(Operation operation, const Transform& bucket,
                                            const Field& field, std::string column,
                                            std::vector<int> path,
                                            std::vector<Literal> literals);

  Operation operation() const { return operation_; }
  bool is_true() const { return operation_ == Operation::kTrue; }
  bool is_false() const { return operation_ == Operation::kFalse; }
  const std::vector<BoundExpressionPtr>& children() const { return children_; }
  int32_t field_id() const { return field_id_; }
  /// Type of the column.
  const Type& type() const { return *type_; }
  /// Set if the literals are compared with the column's buckets.
  const std::optional<Transform>& bucket() const { return bucket_; }
  const std::string& column() const { return column_; }
  const std::vector<int>& path() const { return path_; }
  const std::vector<Literal>& literals() const { return literals_; }

  std::string ToString() const;

 private:
  BoundExpression() = default;
  static std::shared_ptr<BoundExpression> Make(Operation operation);
  static BoundExpressionPtr Join(Operation operation, std::vector<BoundExpressionPtr> children);

  Operation operation_ = Operation::kTrue;
  std::vector<BoundExpressionPtr> children_;
  int32_t field_id_ = 0;
  std::optional<Type> type_;
  std::optional<Transform> bucket_;
  std::string column_;
  std::vector<int> path_;
  std::vector<Literal> literals_;
};

/// Looks up the columns of `filter` in `schema` and converts its literals.
/// Throws InvalidArgumentError: a column that does not exist (the message lists those that
/// do) or lies in a list or map, an operation or literal that does not suit its type.
BoundExpressionPtr Bind(const Expression& filter, const Schema& schema,
                        bool case_sensitive = true);

/// Ids of the columns that `filter` reads, ascending.
std::vector<int32_t> ColumnsOf(const BoundExpression& filter);

/// The truth of a predicate on one value of its column: nothing stands for null. See Expression
/// for nulls and NaN.
bool EvaluatePredicate(const BoundExpression& predicate, const std::optional<Literal>& value);

/// Order of two non-null values of one type as filters see it: −0 equals +0; nothing if
/// either is NaN.
std::optional<std::strong_ordering> CompareValues(const Literal& a, const Literal& b);

}  // namespace floe::inline v0
