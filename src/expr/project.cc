#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "expr/by_predicates.h"
#include "floe/base/decimal.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "schema/field_defaults.h"

namespace floe::inline v0 {
namespace {

using TransformKind = Transform::Kind;

template <class Int>
std::optional<Literal> Step(const Literal& value, int step) {
  Int moved{};
  if (__builtin_add_overflow(value.get<Int>(), static_cast<Int>(step), &moved)) {
    return std::nullopt;
  }
  return Literal::Of(value.type(), moved);
}

/// The next smaller (step −1) or larger (+1) value of a discrete type; nothing at its end or
/// for types that have no neighbours.
std::optional<Literal> Neighbour(const Literal& value, int step) {
  switch (value.type().id()) {
    case TypeId::kInt:
    case TypeId::kDate:
      return Step<int32_t>(value, step);
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return Step<int64_t>(value, step);
    case TypeId::kDecimal:
      return Step<Int128>(value, step);
    default:
      return std::nullopt;
  }
}

/// One predicate on a column, seen through one partition field made from that column.
class FieldProjection {
 public:
  FieldProjection(const PartitionField& field, const Field& partition, size_t index)
      : transform_(field.transform), partition_(partition), index_(static_cast<int>(index)) {}

  /// A filter that is true wherever the predicate may be; True() if nothing is known.
  BoundExpressionPtr Inclusive(const BoundExpression& predicate) const {
    const Operation operation = predicate.operation();
    if (transform_.kind() == TransformKind::kVoid || transform_.is_unknown()) {
      return BoundExpression::True();
    }
    if (predicate.bucket()) {
      return OfBuckets(predicate).value_or(BoundExpression::True());
    }
    if (transform_.kind() == TransformKind::kIdentity) {
      return Make(operation, predicate.literals());
    }
    switch (operation) {
      case Operation::kIsNull:
      case Operation::kNotNull:
        return Make(operation, {});
      case Operation::kEqual:
      case Operation::kIn:
        return Make(Operation::kIn, ApplyAll(predicate.literals()));
      case Operation::kLess:
      case Operation::kLessOrEqual:
      case Operation::kGreater:
      case Operation::kGreaterOrEqual:
        return transform_.preserves_order() ? InclusiveRange(operation, predicate.literals()[0])
                                            : BoundExpression::True();
      case Operation::kStartsWith:
      case Operation::kNotStartsWith:
        return InclusivePrefix(operation, predicate.literals()[0]);
      default:
        return BoundExpression::True();
    }
  }

  /// A filter that is true only where the predicate is for every row; False() if unknown.
  BoundExpressionPtr Strict(const BoundExpression& predicate) const {
    const Operation operation = predicate.operation();
    if (transform_.kind() == TransformKind::kVoid || transform_.is_unknown()) {
      return BoundExpression::False();
    }
    if (predicate.bucket()) {
      return OfBuckets(predicate).value_or(BoundExpression::False());
    }
    if (transform_.kind() == TransformKind::kIdentity) {
      return Make(operation, predicate.literals());
    }
    switch (operation) {
      case Operation::kIsNull:
      case Operation::kNotNull:
        return Make(operation, {});
      case Operation::kNotEqual:
      case Operation::kNotIn:
        return Make(Operation::kNotIn, ApplyAll(predicate.literals()));
      case Operation::kLess:
      case Operation::kLessOrEqual:
      case Operation::kGreater:
      case Operation::kGreaterOrEqual:
        return transform_.preserves_order() ? StrictRange(operation, predicate.literals()[0])
                                            : BoundExpression::False();
      case Operation::kStartsWith:
      case Operation::kNotStartsWith:
        return StrictPrefix(operation, predicate.literals()[0]);
      default:
        return BoundExpression::False();
    }
  }

 private:
  /// The literals are of the transform's result type, or of one that is promoted to it.
  BoundExpressionPtr Make(Operation operation, std::vector<Literal> literals) const {
    for (Literal& literal : literals) {
      if (literal.type() != partition_.type) {
        literal = *ValueOfType(literal, partition_.type).value().literal();
      }
    }
    return BoundExpression::Predicate(operation, partition_, partition_.name, {index_},
                                      std::move(literals));
  }

  /// A predicate on buckets, where the partition value determines them.
  std::optional<BoundExpressionPtr> OfBuckets(const BoundExpression& predicate) const {
    const Transform& bucket = *predicate.bucket();
    if (transform_.kind() == TransformKind::kIdentity) {
      return BoundExpression::BucketPredicate(predicate.operation(), bucket, partition_,
                                              partition_.name, {index_}, predicate.literals());
    }
    if (transform_ == bucket) {
      return Make(predicate.operation(), predicate.literals());
    }
    constexpr int32_t kMostBuckets = 4'096;
    const int32_t count = transform_.parameter();
    if (transform_.kind() != TransformKind::kBucket || count > kMostBuckets ||
        count % bucket.parameter() != 0) {
      return std::nullopt;
    }
    // Bucket b of `count` lies in bucket b modulo the parameter.
    const BoundExpressionPtr on_bucket = Make(predicate.operation(), predicate.literals());
    std::vector<Literal> within;
    for (int32_t b = 0; b < count; ++b) {
      if (EvaluatePredicate(*on_bucket, Literal::Int(b % bucket.parameter()))) {
        within.push_back(Literal::Int(b));
      }
    }
    return within.empty() ? BoundExpression::False() : Make(Operation::kIn, std::move(within));
  }

  Literal Apply(const Literal& value) const { return transform_.Apply(value).value(); }

  /// What files may have for the values: all that Apply() makes of them, and made of them
  /// before their column was promoted.
  std::vector<Literal> ApplyAll(const std::vector<Literal>& values) const {
    std::vector<Literal> applied;
    for (const Literal& value : values) {
      applied.push_back(Apply(value));
      if (auto older = WrappedAsInt(value)) {
        applied.push_back(*std::move(older));
      }
    }
    return applied;
  }

  /// What `value` is truncated to if that is larger than itself, as it is one of the smallest
  /// integers of its type: they wrap, to a value that no other integer is truncated to.
  std::optional<Literal> Wrapped(const Literal& value) const {
    Literal truncated = Apply(value);
    return truncated.Compare(value) > 0 ? std::optional(std::move(truncated)) : std::nullopt;
  }

  /// What a long was truncated to while its column was of ints, if that wrapped.
  std::optional<Literal> WrappedAsInt(const Literal& value) const {
    if (transform_.kind() != TransformKind::kTruncate || value.type().id() != TypeId::kLong) {
      return std::nullopt;
    }
    const auto narrow = static_cast<int32_t>(value.get<int64_t>());
    const auto wrapped =
        narrow == value.get<int64_t>() ? Wrapped(Literal::Int(narrow)) : std::nullopt;
    return wrapped ? std::optional(Literal::Long(wrapped->get<int32_t>())) : std::nullopt;
  }

  /// All that files may have for smallest integers that wrapped, of a column of `type`.
  std::vector<Literal> AllWrapped(const Type& type) const {
    const bool is_long = type.id() == TypeId::kLong;
    std::vector<Literal> all;
    if (transform_.kind() != TransformKind::kTruncate ||
        (type.id() != TypeId::kInt && !is_long)) {
      return all;
    }
    constexpr int32_t kLeastInt = std::numeric_limits<int32_t>::min();
    const auto add = [&](std::optional<Literal> wrapped) {
      if (wrapped) {
        all.push_back(*std::move(wrapped));
      }
    };
    add(Wrapped(is_long ? Literal::Long(std::numeric_limits<int64_t>::min())
                        : Literal::Int(kLeastInt)));
    add(is_long ? WrappedAsInt(Literal::Long(kLeastInt)) : std::nullopt);
    return all;
  }

  /// x < v implies t(x) ≤ t(v), or t(the value before v) where there is one; and so on.
  BoundExpressionPtr InclusiveRange(Operation operation, const Literal& value) const {
    const bool less = operation == Operation::kLess || operation == Operation::kLessOrEqual;
    const bool open = operation == Operation::kLess || operation == Operation::kGreater;
    const Literal edge =
        Apply((open ? Neighbour(value, less ? -1 : 1) : std::nullopt).value_or(value));
    const std::vector<Literal> wrapped = AllWrapped(value.type());
    if (std::ranges::find(wrapped, edge) != wrapped.end()) {  // v is one of the smallest
      return less ? Make(Operation::kEqual, {edge}) : Make(Operation::kNotNull, {});
    }
    BoundExpressionPtr range =
        Make(less ? Operation::kLessOrEqual : Operation::kGreaterOrEqual, {edge});
    return less && !wrapped.empty()
               ? BoundExpression::Or({std::move(range), Make(Operation::kIn, wrapped)})
               : range;
  }

  /// t(x) < t(v) implies x < v; for x ≤ v the value after v is the edge where there is one.
  BoundExpressionPtr StrictRange(Operation operation, const Literal& value) const {
    const bool less = operation == Operation::kLess || operation == Operation::kLessOrEqual;
    const bool closed =
        operation == Operation::kLessOrEqual || operation == Operation::kGreaterOrEqual;
    const Literal edge =
        Apply((closed ? Neighbour(value, less ? 1 : -1) : std::nullopt).value_or(value));
    const std::vector<Literal> wrapped = AllWrapped(value.type());
    if (std::ranges::find(wrapped, edge) != wrapped.end()) {  // v is one of the smallest
      return less ? BoundExpression::False() : Make(Operation::kNotEqual, {edge});
    }
    BoundExpressionPtr range = Make(less ? Operation::kLess : Operation::kGreater, {edge});
    return !less && !wrapped.empty()
               ? BoundExpression::And({std::move(range), Make(Operation::kNotIn, wrapped)})
               : range;
  }

  /// Length of the prefix against the truncation width, in code points.
  int ComparePrefix(const Literal& prefix) const {
    const auto& text = prefix.get<std::string>();
    const auto width = static_cast<size_t>(transform_.parameter());
    const size_t cut = PrefixBytes(text, width);
    if (cut < text.size()) {
      return 1;
    }
    return PrefixBytes(text, width - 1) < text.size() ? 0 : -1;
  }

  BoundExpressionPtr InclusivePrefix(Operation operation, const Literal& prefix) const {
    if (transform_.kind() != TransformKind::kTruncate) {
      return BoundExpression::True();
    }
    const int longer = ComparePrefix(prefix);
    if (longer < 0) {
      return Make(operation, {prefix});
    }
    if (operation == Operation::kStartsWith) {
      return Make(Operation::kEqual, {Apply(prefix)});
    }
    return longer == 0 ? Make(Operation::kNotEqual, {prefix}) : BoundExpression::True();
  }

  BoundExpressionPtr StrictPrefix(Operation operation, const Literal& prefix) const {
    if (transform_.kind() != TransformKind::kTruncate) {
      return BoundExpression::False();
    }
    if (ComparePrefix(prefix) <= 0) {
      return Make(operation, {prefix});
    }
    return operation == Operation::kNotStartsWith ? Make(Operation::kNotEqual, {Apply(prefix)})
                                                  : BoundExpression::False();
  }

  const Transform& transform_;
  const Field& partition_;
  int index_;
};

/// Whether a predicate on a column of `column` can be one on partition values of `partition`:
/// of one type, or promoted since, as the column may have been after the scan's snapshot.
bool CanProject(const Transform& transform, const Type& column, const Type& partition) {
  return partition.id() != TypeId::kUnknown &&
         IsPromotion(transform.ResultType(column), partition, kExtendedTypesVersion);
}

BoundExpressionPtr Project(const BoundExpression& filter, const PartitionSpec& spec,
                           const Type& partition_type, bool inclusive) {
  if (filter.is_true() || filter.is_false()) {
    return filter.is_true() ? BoundExpression::True() : BoundExpression::False();
  }
  std::vector<BoundExpressionPtr> parts;
  if (!IsPredicate(filter.operation())) {
    for (const BoundExpressionPtr& child : filter.children()) {
      parts.push_back(Project(*child, spec, partition_type, inclusive));
    }
    return filter.operation() == Operation::kAnd ? BoundExpression::And(std::move(parts))
                                                 : BoundExpression::Or(std::move(parts));
  }
  for (size_t i = 0; i < spec.fields().size(); ++i) {
    const PartitionField& field = spec.fields()[i];
    if (field.source_id == filter.field_id() &&
        CanProject(field.transform, filter.type(), partition_type.fields()[i].type)) {
      const FieldProjection projection(field, partition_type.fields()[i], i);
      parts.push_back(inclusive ? projection.Inclusive(filter) : projection.Strict(filter));
    }
  }
  if (parts.empty()) {
    return inclusive ? BoundExpression::True() : BoundExpression::False();
  }
  // Every field's condition is necessary (inclusive); any field's is sufficient (strict).
  return inclusive ? BoundExpression::And(std::move(parts))
                   : BoundExpression::Or(std::move(parts));
}

}  // namespace

BoundExpressionPtr ProjectInclusive(const BoundExpression& filter, const PartitionSpec& spec,
                                    const Type& partition_type) {
  return Project(filter, spec, partition_type, /*inclusive=*/true);
}

BoundExpressionPtr ProjectStrict(const BoundExpression& filter, const PartitionSpec& spec,
                                 const Type& partition_type) {
  return Project(filter, spec, partition_type, /*inclusive=*/false);
}

bool EvaluatePartition(const BoundExpression& filter, const PartitionValues& values) {
  return ByPredicates(filter, [&](const BoundExpression& predicate) {
    return EvaluatePredicate(predicate, values.at(static_cast<size_t>(predicate.path()[0])));
  });
}

}  // namespace floe::inline v0
