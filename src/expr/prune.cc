#include "floe/expr/prune.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/by_predicates.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/spec.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// Both ends of a column's values, as far as they can be used: a NaN is no bound.
struct Bounds {
  std::optional<Literal> lower;
  std::optional<Literal> upper;

  static Bounds Read(const Type& type, const std::optional<std::string_view>& lower,
                     const std::optional<std::string_view>& upper) {
    Bounds bounds{ReadOne(type, lower), ReadOne(type, upper)};
    if ((bounds.lower && bounds.lower->is_nan()) || (bounds.upper && bounds.upper->is_nan())) {
      return {};  // a writer that let NaN into one end may have got the other wrong, too
    }
    return bounds;
  }

  /// False only if no value within the bounds satisfies the comparison.
  bool MayMatch(const BoundExpression& predicate) const {
    const std::vector<Literal>& literals = predicate.literals();
    switch (predicate.operation()) {
      case Operation::kLess:
        return !lower || Order(*lower, literals[0]) < 0;
      case Operation::kLessOrEqual:
        return !lower || Order(*lower, literals[0]) <= 0;
      case Operation::kGreater:
        return !upper || Order(*upper, literals[0]) > 0;
      case Operation::kGreaterOrEqual:
        return !upper || Order(*upper, literals[0]) >= 0;
      case Operation::kEqual:
      case Operation::kIn:
        return MayHoldAny(literals);
      case Operation::kStartsWith:
        return MayStartWith(literals[0].get<std::string>());
      case Operation::kNotStartsWith:
        return !AllStartWith(literals[0].get<std::string>());
      default:
        return true;
    }
  }

  /// True only if every value within the bounds satisfies the comparison.
  bool AllMatch(const BoundExpression& predicate) const {
    const std::vector<Literal>& literals = predicate.literals();
    switch (predicate.operation()) {
      case Operation::kLess:
        return upper && Order(*upper, literals[0]) < 0;
      case Operation::kLessOrEqual:
        return upper && Order(*upper, literals[0]) <= 0;
      case Operation::kGreater:
        return lower && Order(*lower, literals[0]) > 0;
      case Operation::kGreaterOrEqual:
        return lower && Order(*lower, literals[0]) >= 0;
      case Operation::kEqual:
      case Operation::kIn:
        return lower && upper && Order(*lower, *upper) == 0 &&
               std::ranges::any_of(literals,
                                   [&](const Literal& l) { return Order(*lower, l) == 0; });
      case Operation::kNotEqual:
      case Operation::kNotIn:
        return !MayHoldAny(literals);
      case Operation::kStartsWith:
        return AllStartWith(literals[0].get<std::string>());
      case Operation::kNotStartsWith:
        return !MayStartWith(literals[0].get<std::string>());
      default:
        return false;
    }
  }

  /// False only if `literal`, which is no NaN, is out of bounds.
  bool MayHold(const Literal& literal) const {
    return !(lower && Order(*lower, literal) > 0) && !(upper && Order(*upper, literal) < 0);
  }

 private:
  static std::optional<Literal> ReadOne(const Type& type,
                                        const std::optional<std::string_view>& bytes) {
    return bytes ? LiteralFromBytes(type, *bytes) : std::nullopt;
  }

  /// Neither is NaN: bounds are checked on reading, literals by Bind().
  static std::strong_ordering Order(const Literal& a, const Literal& b) {
    return CompareValues(a, b).value();
  }

  /// The same for several, which are in order and may be many.
  bool MayHoldAny(const std::vector<Literal>& sorted) const {
    const auto first =
        !lower ? sorted.begin() : std::ranges::partition_point(sorted, [&](const Literal& l) {
          return Order(l, *lower) < 0;
        });
    return first != sorted.end() && !(upper && Order(*upper, *first) < 0);
  }

  bool MayStartWith(std::string_view prefix) const {
    const auto head = [&](const Literal& bound) {
      return std::string_view(bound.get<std::string>()).substr(0, prefix.size());
    };
    return !(lower && head(*lower) > prefix) && !(upper && head(*upper) < prefix);
  }

  bool AllStartWith(std::string_view prefix) const {
    return lower && upper && lower->get<std::string>().starts_with(prefix) &&
           upper->get<std::string>().starts_with(prefix);
  }
};

bool IsFloating(const Type& type) {
  return type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
}

bool SummaryMayMatch(const BoundExpression& predicate, const FieldSummary& summary) {
  if (predicate.bucket()) {
    return true;
  }
  const bool has_values = summary.lower_bound.has_value() || summary.upper_bound.has_value();
  switch (predicate.operation()) {
    case Operation::kIsNull:
      return summary.contains_null;
    case Operation::kIsNan:
      return summary.contains_nan.value_or(true);
    case Operation::kNotNull:
    case Operation::kNotNan:
    case Operation::kNotEqual:
    case Operation::kNotIn:
      // Without bounds there are only nulls and NaNs, or nothing is known.
      return true;
    default:
      break;
  }
  if (!has_values) {
    // Only nulls (and NaNs, which no comparison holds for), unless the writer left out bounds.
    return !summary.contains_null && summary.contains_nan != std::optional(true);
  }
  return Bounds::Read(predicate.type(), summary.lower_bound, summary.upper_bound)
      .MayMatch(predicate);
}

/// What statistics say about one predicate.
class PredicateStatistics {
 public:
  PredicateStatistics(const BoundExpression& predicate, const StatisticsSource& source)
      : predicate_(predicate), column_(source.OfColumn(predicate.field_id())) {
    if (source.row_count() < 0) {
      return;
    }
    // Every row has one value of a column outside lists and maps. Iceberg's Java library does
    // not count those of floating-point columns where the struct around them is null.
    if (column_.value_count.value_or(source.row_count()) != source.row_count()) {
      column_.null_count.reset();
    }
    column_.value_count = source.row_count();
  }

  bool MayMatch() const {
    if (predicate_.bucket()) {
      return !AllNull() && OnlyValueMatches().value_or(true);
    }
    switch (predicate_.operation()) {
      case Operation::kIsNull:
        return column_.null_count != 0;
      case Operation::kNotNull:
        return !AllNull();
      case Operation::kIsNan:
        return column_.nan_count != 0 && !AllNull();
      case Operation::kNotNan:
        return !AllNull() && !AllNullOrNan();
      case Operation::kNotEqual:
      case Operation::kNotIn:
        return !AllNull();
      default:
        return !AllNull() && !AllNullOrNan() && ReadBounds().MayMatch(predicate_);
    }
  }

  bool AllMatch() const {
    if (predicate_.bucket()) {
      return NoNulls() && OnlyValueMatches().value_or(false);
    }
    switch (predicate_.operation()) {
      case Operation::kIsNull:
        return AllNull();
      case Operation::kNotNull:
        return NoNulls();
      case Operation::kIsNan:
        return NoNulls() && column_.nan_count && column_.nan_count == column_.value_count;
      case Operation::kNotNan:
        return NoNulls() && NoNans();
      case Operation::kNotEqual:
      case Operation::kNotIn:
        // NaN is different from every literal, so NaNs do no harm.
        return NoNulls() && ReadBounds().AllMatch(predicate_);
      default:
        return NoNulls() && NoNans() && ReadBounds().AllMatch(predicate_);
    }
  }

 private:
  bool AllNull() const {
    return column_.value_count && column_.null_count &&
           *column_.value_count == *column_.null_count;
  }
  bool AllNullOrNan() const {
    // Counts come from files: their sum may not fit.
    return column_.value_count && column_.null_count && column_.nan_count &&
           *column_.null_count >= 0 && *column_.null_count <= *column_.value_count &&
           *column_.value_count - *column_.null_count == *column_.nan_count;
  }
  /// Whether the one value that the bounds leave matches; nothing if they leave several.
  std::optional<bool> OnlyValueMatches() const {
    const Bounds bounds = ReadBounds();
    if (!bounds.lower || !bounds.upper || *bounds.lower != *bounds.upper) {
      return std::nullopt;
    }
    return EvaluatePredicate(predicate_, bounds.lower);
  }
  bool NoNulls() const { return column_.null_count == 0; }
  bool NoNans() const { return !IsFloating(predicate_.type()) || column_.nan_count == 0; }
  Bounds ReadBounds() const {
    return Bounds::Read(predicate_.type(), column_.lower_bound, column_.upper_bound);
  }

  const BoundExpression& predicate_;
  ColumnStatistics column_;
};

}  // namespace

bool ManifestMayMatch(const BoundExpression& filter,
                      const std::vector<FieldSummary>& summaries) {
  return ByPredicates(filter, [&](const BoundExpression& predicate) {
    const auto index = static_cast<size_t>(predicate.path()[0]);
    return index >= summaries.size() || SummaryMayMatch(predicate, summaries[index]);
  });
}

bool ManifestMayContain(const std::vector<FieldSummary>& summaries,
                        const PartitionValues& partition) {
  for (size_t i = 0; i < summaries.size() && i < partition.size(); ++i) {
    const FieldSummary& summary = summaries[i];
    const std::optional<Literal>& value = partition[i];
    if (!value) {
      if (!summary.contains_null) {
        return false;
      }
      continue;
    }
    if (value->is_nan()) {
      if (!summary.contains_nan.value_or(true)) {
        return false;
      }
      continue;
    }
    if (!Bounds::Read(value->type(), summary.lower_bound, summary.upper_bound)
             .MayHold(*value)) {
      return false;
    }
  }
  return true;
}

bool RowsMayMatch(const BoundExpression& filter, const StatisticsSource& statistics) {
  if (statistics.row_count() == 0) {
    return false;
  }
  return ByPredicates(filter, [&](const BoundExpression& predicate) {
    return PredicateStatistics(predicate, statistics).MayMatch();
  });
}

bool AllRowsMatch(const BoundExpression& filter, const StatisticsSource& statistics) {
  return ByPredicates(filter, [&](const BoundExpression& predicate) {
    return PredicateStatistics(predicate, statistics).AllMatch();
  });
}

}  // namespace floe::inline v0
