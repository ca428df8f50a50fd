#include "expr/transformed.h"

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/datetime.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// Takes digits off the front of `text`: at least `least`, at most `most`.
std::optional<int64_t> TakeDigits(std::string_view* text, size_t least, size_t most) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->begin(), text->end(), value);
  const auto count = static_cast<size_t>(end - text->begin());
  if (error != std::errc() || text->starts_with('-') || count < least || count > most) {
    return std::nullopt;
  }
  text->remove_prefix(count);
  return value;
}

/// Takes one of `separators` and two digits.
std::optional<int> TakePart(std::string_view* text, std::string_view separators) {
  if (text->empty() || separators.find(text->front()) == std::string_view::npos) {
    return std::nullopt;
  }
  text->remove_prefix(1);
  const auto value = TakeDigits(text, 2, 2);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<int64_t> TakeYear(std::string_view* text) {
  constexpr size_t kMostDigits = 10;
  const bool negative = text->starts_with('-');
  if (negative || text->starts_with('+')) {
    text->remove_prefix(1);
  }
  const auto year = TakeDigits(text, 4, kMostDigits);
  return year && negative ? -*year : year;
}

std::optional<int64_t> HoursOfText(int64_t year, int month, std::string_view rest) {
  constexpr int kHoursPerDay = 24;
  const auto day = TakePart(&rest, "-");
  const auto hour = day ? TakePart(&rest, "T -") : std::nullopt;
  if (!hour || *hour >= kHoursPerDay || !rest.empty()) {
    return std::nullopt;
  }
  const int64_t days = DaysFromCivil({year, month, *day});
  if (CivilFromDays(days).day != *day) {
    return std::nullopt;
  }
  return days * kHoursPerDay + *hour;
}

std::optional<int64_t> CountPeriods(const Transform& transform, std::string_view text) {
  const auto year = TakeYear(&text);
  if (!year || transform.kind() == Transform::Kind::kYear) {
    return year && text.empty() ? std::optional(*year - 1970) : std::nullopt;
  }
  const auto month = TakePart(&text, "-");
  if (!month || *month < 1 || *month > 12) {
    return std::nullopt;
  }
  if (transform.kind() == Transform::Kind::kMonth) {
    return text.empty() ? std::optional((*year - 1970) * 12 + *month - 1) : std::nullopt;
  }
  return HoursOfText(*year, *month, text);
}

/// The values of a type as integers, in their order.
struct IntegerRange {
  Int128 least;
  Int128 most;
};

template <class Int>
IntegerRange RangeOf() {
  return {std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max()};
}

/// Comparisons of an integer (date, timestamp, decimal) seen through a transform.
class IntegerComparison {
 public:
  IntegerComparison(const Transform& transform, const Type& source,
                    const MakePredicate& predicate)
      : transform_(transform), source_(source), predicate_(predicate) {
    if (source.id() == TypeId::kDecimal) {
      const Int128 limit = PowerOfTen(source.precision());
      range_ = {1 - limit, limit - 1};
    } else {
      range_ = IsHeldAsInt() ? RangeOf<int32_t>() : RangeOf<int64_t>();
    }
  }

  BoundExpressionPtr Make(Operation operation, const Literal& value) const {
    if (transform_.kind() != Transform::Kind::kTruncate) {
      return Ordered(operation, value, range_.least);
    }
    // Truncation wraps around for the smallest integers: they have one value of their own.
    const Int128 start = FirstWhere(range_.least, [&](const Literal& source) {
                           return Apply(source).Compare(source) <= 0;
                         }).value_or(range_.most);
    if (start == range_.least) {
      return Ordered(operation, value, start);
    }
    std::vector<BoundExpressionPtr> parts = {Ordered(operation, value, start)};
    if (Holds(operation, Apply(Source(range_.least)).Compare(value))) {
      parts.push_back(predicate_(Operation::kLess, {Source(start)}));
    }
    return BoundExpression::Or(std::move(parts));
  }

 private:
  bool IsHeldAsInt() const {
    return source_.id() == TypeId::kInt || source_.id() == TypeId::kDate;
  }

  Literal Source(Int128 value) const {
    if (source_.id() == TypeId::kDecimal) {
      return Literal::Of(source_, value);
    }
    return IsHeldAsInt() ? Literal::Of(source_, static_cast<int32_t>(value))
                         : Literal::Of(source_, static_cast<int64_t>(value));
  }

  Literal Apply(const Literal& source) const { return transform_.Apply(source).value(); }

  /// The first source value from `least` on that `test` holds for, as it then does for all
  /// larger ones; nothing if it holds for none.
  template <class Test>
  std::optional<Int128> FirstWhere(Int128 least, const Test& test) const {
    Int128 below = least;
    Int128 at_or_above = range_.most + 1;
    while (below < at_or_above) {
      // The distance of two decimals of 38 digits has no Int128.
      const UInt128 distance = static_cast<UInt128>(at_or_above) - static_cast<UInt128>(below);
      const Int128 middle = below + static_cast<Int128>(distance / 2);
      if (test(Source(middle))) {
        at_or_above = middle;
      } else {
        below = middle + 1;
      }
    }
    return below > range_.most ? std::nullopt : std::optional(below);
  }

  static bool Holds(Operation operation, std::strong_ordering order) {
    switch (operation) {
      case Operation::kLess:
        return order < 0;
      case Operation::kLessOrEqual:
        return order <= 0;
      case Operation::kGreater:
        return order > 0;
      case Operation::kGreaterOrEqual:
        return order >= 0;
      case Operation::kEqual:
        return order == 0;
      default:
        return order != 0;
    }
  }

  /// For source values from `least` on, which keep their order.
  BoundExpressionPtr Ordered(Operation operation, const Literal& value, Int128 least) const {
    const auto first = FirstWhere(
        least, [&](const Literal& source) { return Apply(source).Compare(value) >= 0; });
    const auto after = FirstWhere(
        least, [&](const Literal& source) { return Apply(source).Compare(value) > 0; });
    const auto all = [&] {
      return least == range_.least ? predicate_(Operation::kNotNull, {})
                                   : predicate_(Operation::kGreaterOrEqual, {Source(least)});
    };
    const auto before = [&](const std::optional<Int128>& end) {
      return end ? predicate_(Operation::kLess, {Source(*end)})
                 : predicate_(Operation::kNotNull, {});
    };
    const auto below = [&](const std::optional<Int128>& end) {
      if (!end || *end == least) {
        return end ? BoundExpression::False() : all();
      }
      return least == range_.least ? before(end) : BoundExpression::And({all(), before(end)});
    };
    const auto from = [&](const std::optional<Int128>& start) {
      if (!start || *start == least) {
        return start ? all() : BoundExpression::False();
      }
      return predicate_(Operation::kGreaterOrEqual, {Source(*start)});
    };
    switch (operation) {
      case Operation::kLess:
        return below(first);
      case Operation::kLessOrEqual:
        return below(after);
      case Operation::kGreater:
        return from(after);
      case Operation::kGreaterOrEqual:
        return from(first);
      case Operation::kEqual:
        return first == after ? BoundExpression::False()
                              : BoundExpression::And({from(first), before(after)});
      case Operation::kNotEqual:
        return first == after ? all() : BoundExpression::Or({below(first), from(after)});
      default:
        throw InternalError("an operation that integers do not have");
    }
  }

  const Transform& transform_;
  const Type& source_;
  const MakePredicate& predicate_;
  IntegerRange range_{};
};

/// Comparisons of a text, or bytes, of which only the first characters (bytes) are seen.
class PrefixComparison {
 public:
  PrefixComparison(const Transform& transform, const Type& source,
                   const MakePredicate& predicate)
      : transform_(transform),
        is_text_(source.id() == TypeId::kString),
        predicate_(predicate) {}

  BoundExpressionPtr Make(Operation operation, const Literal& value) const {
    const auto width = static_cast<size_t>(transform_.parameter());
    const auto& bytes = value.get<std::string>();
    if (Cut(bytes, width) < bytes.size()) {
      return MakeLonger(operation, transform_.Apply(value).value());
    }
    const bool is_full = Cut(bytes, width - 1) < bytes.size();
    return is_full ? MakeFull(operation, value) : predicate_(operation, {value});
  }

 private:
  size_t Cut(const std::string& bytes, size_t width) const {
    return is_text_ ? PrefixBytes(bytes, width) : std::min(bytes.size(), width);
  }

  /// The literal is longer than anything that is seen; `cut` is what would be seen of it.
  BoundExpressionPtr MakeLonger(Operation operation, const Literal& cut) const {
    switch (operation) {
      case Operation::kLess:
      case Operation::kLessOrEqual:
        return MakeFull(Operation::kLessOrEqual, cut);
      case Operation::kGreater:
      case Operation::kGreaterOrEqual:
        return MakeFull(Operation::kGreater, cut);
      case Operation::kEqual:
      case Operation::kStartsWith:
        return BoundExpression::False();
      default:
        return predicate_(Operation::kNotNull, {});
    }
  }

  /// The literal is as long as what is seen: a value is seen so if it begins with it.
  BoundExpressionPtr MakeFull(Operation operation, const Literal& value) const {
    switch (operation) {
      case Operation::kEqual:
        return Begins(value);
      case Operation::kNotEqual:
        return BeginsNot(value);
      case Operation::kLessOrEqual:
        return BoundExpression::Or({predicate_(Operation::kLess, {value}), Begins(value)});
      case Operation::kGreater:
        return BoundExpression::And(
            {predicate_(Operation::kGreaterOrEqual, {value}), BeginsNot(value)});
      default:
        return predicate_(operation, {value});
    }
  }

  /// The first bytes that are larger than all that begin with `value`; nothing if none are.
  static std::optional<Literal> After(const Literal& value) {
    constexpr char kLargest = '\xff';
    std::string bytes = value.get<std::string>();
    while (!bytes.empty() && bytes.back() == kLargest) {
      bytes.pop_back();
    }
    if (bytes.empty()) {
      return std::nullopt;
    }
    ++bytes.back();
    return Literal::Of(value.type(), std::move(bytes));
  }

  BoundExpressionPtr Begins(const Literal& value) const {
    if (is_text_) {
      return predicate_(Operation::kStartsWith, {value});
    }
    BoundExpressionPtr from = predicate_(Operation::kGreaterOrEqual, {value});
    const auto after = After(value);
    return after ? BoundExpression::And({from, predicate_(Operation::kLess, {*after})}) : from;
  }

  BoundExpressionPtr BeginsNot(const Literal& value) const {
    if (is_text_) {
      return predicate_(Operation::kNotStartsWith, {value});
    }
    BoundExpressionPtr below = predicate_(Operation::kLess, {value});
    const auto after = After(value);
    return after
               ? BoundExpression::Or({below, predicate_(Operation::kGreaterOrEqual, {*after})})
               : below;
  }

  const Transform& transform_;
  bool is_text_;
  const MakePredicate& predicate_;
};

}  // namespace

bool CountsPeriods(const std::optional<Transform>& transform) {
  return transform && (transform->kind() == Transform::Kind::kYear ||
                       transform->kind() == Transform::Kind::kMonth ||
                       transform->kind() == Transform::Kind::kHour);
}

std::optional<int32_t> ParsePeriod(const Transform& transform, std::string_view text) {
  if (!CountsPeriods(transform)) {
    return std::nullopt;
  }
  const auto count = CountPeriods(transform, text);
  const bool fits = count && *count >= std::numeric_limits<int32_t>::min() &&
                    *count <= std::numeric_limits<int32_t>::max();
  return fits ? std::optional(static_cast<int32_t>(*count)) : std::nullopt;
}

BoundExpressionPtr WithoutTransform(Operation operation, const Transform& transform,
                                    const Type& source, const Literal& value,
                                    const MakePredicate& predicate) {
  Check(transform.preserves_order() && transform.kind() != Transform::Kind::kIdentity,
        "a transform that can't be taken off");
  const bool is_bytes = source.id() == TypeId::kString || source.id() == TypeId::kBinary;
  return is_bytes ? PrefixComparison(transform, source, predicate).Make(operation, value)
                  : IntegerComparison(transform, source, predicate).Make(operation, value);
}

}  // namespace floe::inline v0
