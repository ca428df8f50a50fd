// What a filter keeps after binding is what it kept before.

#include <gtest/gtest.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/partition/spec.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

enum class Truth : uint8_t { kFalse, kUnknown, kTrue };

Truth Of(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
Truth Not(Truth truth) { return static_cast<Truth>(2 - static_cast<int>(truth)); }

Truth Compare(Operation operation, const Literal& value, const Literal& literal) {
  const auto order = CompareValues(value, literal);
  if (operation == Operation::kEqual) {
    return Of(order && *order == 0);
  }
  if (!order) {
    return Truth::kUnknown;  // an order with NaN
  }
  switch (operation) {
    case Operation::kLess:
      return Of(*order < 0);
    case Operation::kLessOrEqual:
      return Of(*order <= 0);
    case Operation::kGreater:
      return Of(*order > 0);
    default:
      return Of(*order >= 0);
  }
}

/// The filter's truth by the book: three values, nothing rewritten.
Truth Evaluate(const Expression& filter, const std::optional<Literal>& row) {
  const std::optional<Literal> value =
      row && filter.transform() ? filter.transform()->Apply(*row) : row;
  const auto child = [&](const ExpressionPtr& inner) { return Evaluate(*inner, value); };
  const auto any_equal = [&] {
    return std::ranges::any_of(filter.literals(), [&](const Literal& literal) {
      return Compare(Operation::kEqual, *value, literal) == Truth::kTrue;
    });
  };
  switch (filter.operation()) {
    case Operation::kTrue:
    case Operation::kFalse:
      return Of(filter.operation() == Operation::kTrue);
    case Operation::kNot:
      return Not(child(filter.children()[0]));
    case Operation::kAnd: {
      Truth least = Truth::kTrue;
      for (const ExpressionPtr& inner : filter.children()) {
        least = std::min(least, child(inner));
      }
      return least;
    }
    case Operation::kOr: {
      Truth most = Truth::kFalse;
      for (const ExpressionPtr& inner : filter.children()) {
        most = std::max(most, child(inner));
      }
      return most;
    }
    case Operation::kIsNull:
    case Operation::kNotNull:
      return Of(value.has_value() == (filter.operation() == Operation::kNotNull));
    default:
      break;
  }
  if (!value) {
    return Truth::kUnknown;
  }
  const auto starts = [&] {
    return value->get<std::string>().starts_with(filter.literals()[0].get<std::string>());
  };
  switch (filter.operation()) {
    case Operation::kIsNan:
      return Of(value->is_nan());
    case Operation::kNotNan:
      return Of(!value->is_nan());
    case Operation::kIn:
      return Of(any_equal());
    case Operation::kNotEqual:
    case Operation::kNotIn:
      return Of(!any_equal());
    case Operation::kStartsWith:
      return Of(starts());
    case Operation::kNotStartsWith:
      return Of(!starts());
    default:
      return Compare(filter.operation(), *value, filter.literals()[0]);
  }
}

TEST(Bind, KeepsTheRowsThatTheFilterKeeps) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      const Field field{1, "x", type, false, "", {}};
      const Schema schema({field});
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      for (int i = 0; i < 150; ++i) {
        std::vector<std::optional<Literal>> rows = {std::nullopt};
        std::vector<Literal> pool;
        for (int k = 0; k < 6; ++k) {
          pool.push_back(RandomLiteral(rng, type));
          rows.emplace_back(pool.back());
        }
        const ExpressionPtr filter = RandomFilter(rng, field, pool);
        const BoundExpressionPtr bound = Bind(*filter, schema);
        for (const auto& row : rows) {
          EXPECT_EQ(EvaluatePartition(*bound, {row}), Evaluate(*filter, row) == Truth::kTrue)
              << filter->ToString() << " bound as " << bound->ToString() << ", row "
              << (row ? row->ToString() : "null");
        }
      }
    }
  }
}

TEST(Bind, OfARequiredColumnKnowsThatNothingIsNull) {
  const Schema schema({{1, "x", Type::Of(TypeId::kInt), true, "", {}},
                       {2,
                        "s",
                        Type::Struct({{3, "y", Type::Of(TypeId::kInt), true, "", {}}}),
                        false,
                        "",
                        {}}});
  const auto bound = [&](const char* filter) {
    return Bind(*ParseExpression(filter), schema)->ToString();
  };
  EXPECT_EQ(bound("x is null"), "false");
  EXPECT_EQ(bound("not x is null"), "true");
  EXPECT_EQ(bound("x < 9999999999"), "true");
  EXPECT_EQ(bound("s.y is null"), "\"s.y\" is null") << "the struct above may be null";
  EXPECT_EQ(bound("s.y < 9999999999"), "\"s.y\" is not null");
}

TEST(Bind, CollectsTheColumnsOnce) {
  const Schema schema({{5, "a", Type::Of(TypeId::kInt), false, "", {}},
                       {2, "b", Type::Of(TypeId::kInt), false, "", {}}});
  const auto columns = [&](const char* filter) {
    return ColumnsOf(*Bind(*ParseExpression(filter), schema));
  };
  EXPECT_EQ(columns("a = 1 and (b = 2 or a = 3)"), (std::vector<int32_t>{2, 5}));
  EXPECT_EQ(columns("a = 1 and b = 2.5"), std::vector<int32_t>{}) << "never true";
}

}  // namespace
}  // namespace floe::testing
