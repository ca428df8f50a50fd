// Statistics may be missing, cut short or wider than the values: no row may be lost by them,
// and all rows are said to match only if they do.

#include "floe/expr/prune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/partition/spec.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

using Value = std::optional<Literal>;

/// Statistics by column id, of owned bounds.
class FixedStatistics final : public StatisticsSource {
 public:
  explicit FixedStatistics(int64_t row_count) : row_count_(row_count) {}
  ColumnMetrics& operator[](int32_t id) { return columns_[id]; }

  int64_t row_count() const override { return row_count_; }
  ColumnStatistics OfColumn(int32_t field_id) const override {
    const auto found = columns_.find(field_id);
    if (found == columns_.end()) {
      return {};
    }
    const ColumnMetrics& metrics = found->second;
    return {metrics.value_count, metrics.null_count, metrics.nan_count, metrics.lower_bound,
            metrics.upper_bound};
  }

 private:
  int64_t row_count_;
  MetricsById columns_;
};

bool IsFloating(const Type& type) {
  return type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
}

Literal OtherZero(const Literal& value) {
  if (value.type().id() == TypeId::kFloat && value.get<float>() == 0) {
    return Literal::Float(-value.get<float>());
  }
  if (value.type().id() == TypeId::kDouble && value.get<double>() == 0) {
    return Literal::Double(-value.get<double>());
  }
  return value;
}

/// Statistics of a column as some writer might have kept them: true, but not all there is.
ColumnMetrics Keep(Rng& rng, const Type& type, const std::vector<Value>& values) {
  ColumnMetrics kept;
  int64_t nulls = 0;
  int64_t nans = 0;
  std::vector<Literal> present;
  for (const Value& value : values) {
    nulls += value ? 0 : 1;
    nans += value && value->is_nan() ? 1 : 0;
    if (value && !value->is_nan()) {
      present.push_back(*value);
    }
  }
  const auto maybe = [&](int64_t count) {
    return rng.OneIn(3) ? std::nullopt : std::optional(count);
  };
  kept.value_count = maybe(static_cast<int64_t>(values.size()));
  kept.null_count = maybe(nulls);
  if (IsFloating(type)) {
    kept.nan_count = maybe(nans);
  }
  if (present.empty()) {
    return kept;
  }
  std::ranges::sort(present,
                    [](const Literal& a, const Literal& b) { return a.Compare(b) < 0; });
  Literal low = OtherZero(present.front());
  Literal high = OtherZero(present.back());
  if (rng.OneIn(4)) {  // wider than the values
    const Literal any = RandomLiteral(rng, type);
    if (!any.is_nan()) {
      low = std::min(low, any, [](auto& a, auto& b) { return a.Compare(b) < 0; });
      high = std::max(high, any, [](auto& a, auto& b) { return a.Compare(b) < 0; });
    }
  }
  const size_t length = 1 + rng.Index(3);
  if (!rng.OneIn(4)) {
    kept.lower_bound =
        rng.OneIn(2) ? low.ToBytes() : TruncateLowerBound(type, low.ToBytes(), length);
  }
  if (!rng.OneIn(4)) {
    kept.upper_bound =
        rng.OneIn(2) ? high.ToBytes() : TruncateUpperBound(type, high.ToBytes(), length);
  }
  if (nans > 0 && rng.OneIn(3)) {  // writers that take NaN for a value
    (rng.OneIn(2) ? kept.lower_bound : kept.upper_bound) =
        std::ranges::find_if(values, [](const Value& v) { return v && v->is_nan(); })
            ->value()
            .ToBytes();
  }
  return kept;
}

std::vector<Value> RandomColumn(Rng& rng, const Type& type, size_t rows) {
  std::vector<Value> values;
  const uint64_t kind = rng.Below(5);  // all null, all one value, or mixed
  const Literal one = RandomLiteral(rng, type);
  for (size_t i = 0; i < rows; ++i) {
    if (kind == 0) {
      values.emplace_back();
    } else if (kind == 1) {
      values.emplace_back(one);
    } else {
      values.emplace_back(rng.OneIn(4) ? Value() : Value(RandomLiteral(rng, type)));
    }
  }
  return values;
}

std::vector<Literal> PoolOf(const std::vector<Value>& values) {
  std::vector<Literal> pool;
  for (const Value& value : values) {
    if (value) {
      pool.push_back(*value);
    }
  }
  return pool;
}

void CheckPruning(const BoundExpression& filter, const StatisticsSource& statistics,
                  const std::vector<std::vector<Value>>& columns) {
  bool any = false;
  bool all = true;
  for (size_t row = 0; row < columns[0].size(); ++row) {
    PartitionValues values;
    for (const auto& column : columns) {
      values.push_back(column[row]);
    }
    const bool matches = EvaluatePartition(filter, values);
    any = any || matches;
    all = all && matches;
  }
  EXPECT_TRUE(!any || RowsMayMatch(filter, statistics)) << "lost: " << filter.ToString();
  EXPECT_TRUE(all || !AllRowsMatch(filter, statistics)) << "not all: " << filter.ToString();
}

TEST(Prune, ByStatisticsLosesNoRow) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      const Field field{1, "x", type, false, "", {}};
      const Schema schema({field});
      for (int i = 0; i < 400; ++i) {
        const std::vector<Value> values = RandomColumn(rng, type, rng.Index(6));
        const auto count = static_cast<int64_t>(values.size());
        FixedStatistics statistics(rng.OneIn(5) ? -1 : count);
        if (!rng.OneIn(8)) {
          statistics[1] = Keep(rng, type, values);
        }
        const auto filter = Bind(*RandomFilter(rng, field, PoolOf(values)), schema);
        CheckPruning(*filter, statistics, {values});
      }
    }
  }
}

TEST(Prune, ByTwoColumnsLosesNoRow) {
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<Type> types = AllPrimitiveTypes();
    for (int i = 0; i < 2'000; ++i) {
      const Field a{1, "a", rng.Pick(types), false, "", {}};
      const Field b{2, "b", rng.Pick(types), false, "", {}};
      const Schema schema({a, b});
      const size_t rows = 1 + rng.Index(4);
      const std::vector<Value> left = RandomColumn(rng, a.type, rows);
      const std::vector<Value> right = RandomColumn(rng, b.type, rows);
      FixedStatistics statistics(static_cast<int64_t>(rows));
      statistics[1] = Keep(rng, a.type, left);
      statistics[2] = Keep(rng, b.type, right);
      std::vector<ExpressionPtr> parts = {RandomFilter(rng, a, PoolOf(left)),
                                          RandomFilter(rng, b, PoolOf(right))};
      const ExpressionPtr joined =
          rng.OneIn(2) ? Expression::And(std::move(parts)) : Expression::Or(std::move(parts));
      CheckPruning(*Bind(*joined, schema), statistics, {left, right});
    }
  }
}

struct Known {
  const char* filter;
  bool may_match;
  bool all_match;
};

TEST(Prune, UsesWhatIsKnown) {
  const Schema schema({{1, "x", Type::Of(TypeId::kInt), false, "", {}},
                       {2, "nulls", Type::Of(TypeId::kInt), false, "", {}},
                       {3, "s", Type::Of(TypeId::kString), false, "", {}},
                       {4, "f", Type::Of(TypeId::kDouble), false, "", {}},
                       {5, "nans", Type::Of(TypeId::kDouble), false, "", {}}});
  FixedStatistics statistics(10);
  statistics[1] = {{}, 10, 0, {}, Literal::Int(5).ToBytes(), Literal::Int(9).ToBytes()};
  statistics[2] = {{}, 10, 10, {}, {}, {}};
  statistics[3] = {{}, 10, 0, {}, "abc", "abd"};
  statistics[4] = {
      {}, 10, 0, 0, Literal::Double(-0.0).ToBytes(), Literal::Double(0.0).ToBytes()};
  statistics[5] = {{}, 10, 2, 8, {}, {}};
  for (const Known& known : std::vector<Known>{
           {"x < 5", false, false},
           {"x <= 5", true, false},
           {"x > 9", false, false},
           {"x >= 9", true, false},
           {"x >= 5", true, true},
           {"x < 10", true, true},
           {"x = 4", false, false},
           {"x != 4", true, true},
           {"x in (1, 4, 10)", false, false},
           {"x not in (1, 4, 10)", true, true},
           {"x is null", false, false},
           {"x is not null", true, true},
           {"nulls = 1", false, false},
           {"nulls is null", true, true},
           {"nulls is not null", false, false},
           {"nulls != 1", false, false},
           {"nulls not in (1, 2)", false, false},
           {"s like 'ab%'", true, true},
           {"s like 'abc%'", true, false},
           {"s like 'abe%'", false, false},
           {"s not like 'ab%'", false, false},
           {"s not like 'b%'", true, true},
           {"s < 'abc'", false, false},
           {"s >= 'abc'", true, true},
           {"f = 0", true, true},
           {"f < 0", false, false},
           {"f > 0", false, false},
           {"f is nan", false, false},
           {"f is not nan", true, true},
           {"nans > 1", false, false},
           {"nans is nan", true, false},
           {"nans is not nan", false, false},
           {"nans != 1", true, false},
           {"x = 4 or nulls is null", true, true},
           {"x = 5 and s like 'b%'", false, false},
       }) {
    const auto filter = Bind(*ParseExpression(known.filter), schema);
    EXPECT_EQ(RowsMayMatch(*filter, statistics), known.may_match) << known.filter;
    EXPECT_EQ(AllRowsMatch(*filter, statistics), known.all_match) << known.filter;
  }
}

TEST(Prune, NothingIsKnownOfWhatIsMissing) {
  const Schema schema({{1, "x", Type::Of(TypeId::kDouble), false, "", {}}});
  for (const char* text : {"x < 1", "x = 1", "x != 1", "x is null", "x is not null", "x is nan",
                           "x is not nan", "x in (1, 2)", "x not in (1, 2)"}) {
    const auto filter = Bind(*ParseExpression(text), schema);
    for (const int64_t rows : {int64_t{-1}, int64_t{3}}) {
      EXPECT_TRUE(RowsMayMatch(*filter, FixedStatistics(rows))) << text;
      EXPECT_FALSE(AllRowsMatch(*filter, FixedStatistics(rows))) << text;
    }
    EXPECT_FALSE(RowsMayMatch(*filter, FixedStatistics(0))) << text << ": only 0 is empty";
    EXPECT_TRUE(ManifestMayMatch(*filter, {})) << text;
    FieldSummary unknown;  // an empty summary says: no nulls, nothing of NaNs, no bounds
    EXPECT_EQ(ManifestMayMatch(*filter, {unknown}), std::string(text) != "x is null") << text;
  }
}

TEST(Prune, NullsAreNotKnownWhereNotAllRowsWereCounted) {
  const Schema schema({{1, "x", Type::Of(TypeId::kDouble), false, "", {}}});
  const std::string half = Literal::Double(0.5).ToBytes();
  FixedStatistics statistics(2);  // of two rows, one has no struct around x
  statistics[1] = {{}, 1, 0, 0, half, half};
  for (const char* text : {"x = 0.5", "x is null", "x is not null", "x != 3", "x is not nan"}) {
    const auto filter = Bind(*ParseExpression(text), schema);
    EXPECT_TRUE(RowsMayMatch(*filter, statistics)) << text;
    EXPECT_FALSE(AllRowsMatch(*filter, statistics)) << text;
  }
  EXPECT_FALSE(RowsMayMatch(*Bind(*ParseExpression("x > 1"), schema), statistics));
}

TEST(Prune, BoundsOfAnImpossibleLengthAreNone) {
  const Schema schema({{1, "x", Type::Of(TypeId::kInt), false, "", {}}});
  const auto filter = Bind(*ParseExpression("x = 1"), schema);
  for (const char* bytes : {"", "a", "abc", "abcdefgh", "abcdefghi"}) {
    FixedStatistics statistics(3);
    statistics[1] = {{}, 3, 0, {}, bytes, bytes};
    EXPECT_TRUE(RowsMayMatch(*filter, statistics));
    FieldSummary summary{false, {}, bytes, bytes};
    EXPECT_TRUE(ManifestMayMatch(*filter, {summary}));
    EXPECT_TRUE(ManifestMayContain({summary}, {Literal::Int(1)}));
  }
}

}  // namespace
}  // namespace floe::testing
