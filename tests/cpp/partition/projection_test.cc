// A filter on rows, seen through partition values: no row may be lost, and what is said to
// match as a whole must.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/expr/residual.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

using Row = std::optional<Literal>;

PartitionValues PartitionOf(const PartitionSpec& spec, const Row& row) {
  PartitionValues values;
  for (const PartitionField& field : spec.fields()) {
    values.push_back(row ? field.transform.Apply(*row) : std::nullopt);
  }
  return values;
}

/// Bounds of some partitions, as a manifest list would have them.
struct Summaries {
  std::vector<std::string> bytes;  // what the views below look at
  std::vector<FieldSummary> fields;
};

std::unique_ptr<Summaries> Summarize(const std::vector<PartitionValues>& partitions) {
  auto all = std::make_unique<Summaries>();
  const size_t count = partitions[0].size();
  all->bytes.reserve(2 * count);
  for (size_t f = 0; f < count; ++f) {
    FieldSummary summary{false, false, {}, {}};
    std::optional<Literal> low;
    std::optional<Literal> high;
    for (const PartitionValues& partition : partitions) {
      const auto& value = partition[f];
      if (!value) {
        summary.contains_null = true;
      } else if (value->is_nan()) {
        summary.contains_nan = true;
      } else {
        low = low && low->Compare(*value) <= 0 ? low : value;
        high = high && high->Compare(*value) >= 0 ? high : value;
      }
    }
    if (low) {
      summary.lower_bound = all->bytes.emplace_back(low->ToBytes());
      summary.upper_bound = all->bytes.emplace_back(high->ToBytes());
    }
    all->fields.push_back(summary);
  }
  return all;
}

/// One column, one spec, some rows and a filter.
struct Trial {
  Schema schema;
  PartitionSpec spec;
  Type partition_type;
  std::vector<Row> rows;
  std::vector<PartitionValues> partitions;  ///< of each row
  BoundExpressionPtr filter;
};

PartitionSpec SpecOf(const std::vector<Transform>& transforms) {
  std::vector<PartitionField> fields;
  for (const Transform& transform : transforms) {
    const auto n = static_cast<int32_t>(fields.size());
    fields.push_back({1, 1000 + n, "p" + std::to_string(n), transform, {}});
  }
  return {0, std::move(fields)};
}

Trial MakeTrial(Rng& rng, const Type& type, const std::vector<Transform>& transforms) {
  const Field field{1, "x", type, false, "", {}};
  const Schema schema({field});
  PartitionSpec spec = SpecOf(transforms);
  std::vector<Row> rows = {std::nullopt};
  std::vector<Literal> pool;
  for (int i = 0; i < 8; ++i) {
    rows.emplace_back(RandomLiteral(rng, type));
    pool.push_back(*rows.back());
  }
  std::vector<PartitionValues> partitions;
  for (const Row& row : rows) {
    partitions.push_back(PartitionOf(spec, row));
  }
  BoundExpressionPtr filter = Bind(*RandomFilter(rng, field, pool), schema);
  Type partition_type = PartitionType(spec, schema);
  return {schema,          std::move(spec),       std::move(partition_type),
          std::move(rows), std::move(partitions), std::move(filter)};
}

Row Widen(const Row& row, const Type& type) {
  return row ? LiteralFromBytes(type, row->ToBytes()) : std::nullopt;
}

/// The files of a trial after their column was promoted to `wider`, whose partition values were
/// computed before. A filter of the time before stays as it is, as it does in time travel.
Trial Promote(Rng& rng, Trial trial, const Type& wider, bool travels) {
  const Field field{1, "x", wider, false, "", {}};
  const Schema schema({field});
  trial.partition_type = PartitionType(trial.spec, schema);
  for (PartitionValues& partition : trial.partitions) {
    for (size_t i = 0; i < partition.size(); ++i) {
      const Type& type = trial.partition_type.fields()[i].type;
      partition[i] = partition[i] && partition[i]->type() == type ? partition[i]
                                                                  : Widen(partition[i], type);
    }
  }
  if (travels) {
    return trial;
  }
  trial.schema = schema;
  std::vector<Literal> pool;
  for (Row& row : trial.rows) {
    row = Widen(row, wider);
    if (row) {
      pool.push_back(*row);
    }
  }
  // Rows of today, too, among them the largest and smallest of the wider type.
  for (int i = 0; i < 4; ++i) {
    trial.rows.emplace_back(RandomLiteral(rng, wider));
    trial.partitions.push_back(PartitionOf(trial.spec, trial.rows.back()));
    pool.push_back(*trial.rows.back());
  }
  trial.filter = Bind(*RandomFilter(rng, field, pool), schema);
  return trial;
}

void CheckTrial(const Trial& trial) {
  const auto inclusive = ProjectInclusive(*trial.filter, trial.spec, trial.partition_type);
  const auto strict = ProjectStrict(*trial.filter, trial.spec, trial.partition_type);
  bool any_partition_matches = false;
  for (size_t i = 0; i < trial.rows.size(); ++i) {
    const Row& row = trial.rows[i];
    const PartitionValues& partition = trial.partitions[i];
    const bool matches = EvaluatePartition(*trial.filter, {row});
    const std::string what = trial.filter->ToString() + " as " + inclusive->ToString() +
                             ", strictly " + strict->ToString() + ", row " +
                             (row ? row->ToString() : "null");
    any_partition_matches = any_partition_matches || EvaluatePartition(*inclusive, partition);
    if (matches) {
      EXPECT_TRUE(EvaluatePartition(*inclusive, partition)) << "lost: " << what;
    }
    if (EvaluatePartition(*strict, partition)) {
      EXPECT_TRUE(matches) << "wrongly taken: " << what;
    }
    const auto residual =
        ResidualFor(trial.filter, trial.spec, trial.partition_type, partition);
    EXPECT_EQ(EvaluatePartition(*residual, {row}), matches)
        << what << ", left " << residual->ToString();
    const auto summaries = Summarize({partition});
    EXPECT_TRUE(ManifestMayContain(summaries->fields, partition)) << what;
  }
  if (any_partition_matches) {
    EXPECT_TRUE(ManifestMayMatch(*inclusive, Summarize(trial.partitions)->fields))
        << inclusive->ToString();
  }
}

TEST(Projection, LosesNoRowAndTakesNoneWrongly) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      for (const Transform& transform : TransformsFor(type)) {
        SCOPED_TRACE(transform.ToString() + " of " + type.ToString() + ", seed " +
                     std::to_string(seed));
        for (int i = 0; i < 20; ++i) {
          CheckTrial(MakeTrial(rng, type, {transform}));
        }
      }
    }
  }
}

TEST(Projection, ThroughSeveralFieldsOfOneColumn) {
  for (const uint64_t seed : Seeds(2)) {
    Rng rng(seed);
    for (const Type& type : AllPrimitiveTypes()) {
      SCOPED_TRACE(type.ToString() + ", seed " + std::to_string(seed));
      const std::vector<Transform> suitable = TransformsFor(type);
      for (int i = 0; i < 20; ++i) {
        CheckTrial(
            MakeTrial(rng, type, {rng.Pick(suitable), rng.Pick(suitable), rng.Pick(suitable)}));
      }
    }
  }
}

TEST(Projection, OfValuesFromBeforeAPromotion) {
  struct Promotion {
    Type from;
    Type to;
  };
  const std::vector<Promotion> promotions = {
      {Type::Of(TypeId::kInt), Type::Of(TypeId::kLong)},
      {Type::Of(TypeId::kFloat), Type::Of(TypeId::kDouble)},
      {Type::Decimal(5, 2), Type::Decimal(20, 2)},
  };
  for (const uint64_t seed : Seeds(4)) {
    Rng rng(seed);
    for (const auto& [from, to] : promotions) {
      for (const Transform& transform : TransformsFor(from)) {
        SCOPED_TRACE(transform.ToString() + " of " + from.ToString() + ", now " +
                     to.ToString() + ", seed " + std::to_string(seed));
        for (int i = 0; i < 100; ++i) {
          CheckTrial(Promote(rng, MakeTrial(rng, from, {transform}), to, i % 2 == 0));
        }
      }
    }
  }
}

/// Under these widths the smallest int, and the smallest long, wrap when they are truncated.
TEST(Projection, OfSmallestIntegersThatWrapped) {
  constexpr int64_t kLeast = std::numeric_limits<int32_t>::min();
  for (const int width : {3, 10, 1'000'000}) {
    const Transform transform = Transform::Truncate(width);
    Trial trial{Schema({{1, "x", Type::Of(TypeId::kLong), false, "", {}}}),
                SpecOf({transform}),
                Type::Of(TypeId::kUnknown),
                {},
                {},
                nullptr};
    trial.partition_type = PartitionType(trial.spec, trial.schema);
    for (const int32_t value : {0, 1, width - 1, width, width + 1}) {
      const Literal row = Literal::Int(static_cast<int32_t>(kLeast + value));
      trial.rows.emplace_back(Widen(row, Type::Of(TypeId::kLong)));
      trial.partitions.push_back(
          {Widen(transform.Apply(row), Type::Of(TypeId::kLong))});  // of an int's file
    }
    for (const int64_t value : {kLeast - 1, kLeast, int64_t{0}, -kLeast - 1, -kLeast,
                                std::numeric_limits<int64_t>::min()}) {
      trial.rows.emplace_back(Literal::Long(value));
      trial.partitions.push_back(PartitionOf(trial.spec, trial.rows.back()));
    }
    for (const char* comparison : {"x = {}", "x != {}", "x < {}", "x <= {}", "x > {}",
                                   "x >= {}", "x in ({}, 5)", "x not in ({}, 5)"}) {
      for (const Row& row : std::vector(trial.rows)) {
        trial.filter =
            Bind(*ParseExpression(fmt::format(fmt::runtime(comparison), row->get<int64_t>())),
                 trial.schema);
        CheckTrial(trial);
      }
    }
  }
}

struct Known {
  const char* filter;
  Type type;
  Transform transform;
  const char* inclusive;
  const char* strict;
};

TEST(Projection, IsAsNarrowAsItCanBe) {
  const Type timestamp = Type::Of(TypeId::kTimestamp);
  const Type string = Type::Of(TypeId::kString);
  const Type integer = Type::Of(TypeId::kInt);
  for (const Known& known : std::vector<Known>{
           {"x >= '2024-02-01'", timestamp, Transform::Month(), "\"p0\" >= 649",
            "\"p0\" > 648"},
           {"x < '2024-02-01'", timestamp, Transform::Month(), "\"p0\" <= 648", "\"p0\" < 649"},
           {"x <= '2024-01-31T23:59:59.999999'", timestamp, Transform::Month(), "\"p0\" <= 648",
            "\"p0\" < 649"},
           {"x < '2024-02-01T00:00:01'", timestamp, Transform::Month(), "\"p0\" <= 649",
            "\"p0\" < 649"},
           {"x = '2024-02-01'", timestamp, Transform::Day(), "\"p0\" = '2024-02-01'", "false"},
           {"x != '2024-02-01'", timestamp, Transform::Day(), "true", "\"p0\" != '2024-02-01'"},
           {"x in (1, 2)", integer, Transform::Truncate(10), "\"p0\" = 0", "false"},
           {"x not in (1, 2)", integer, Transform::Truncate(10), "true", "\"p0\" != 0"},
           {"x is null", integer, Transform::Bucket(4), "\"p0\" is null", "\"p0\" is null"},
           {"x > 3", integer, Transform::Bucket(4), "true", "false"},
           {"x > 3", integer, Transform::Identity(), "\"p0\" > 3", "\"p0\" > 3"},
           {"x > 3", integer, Transform::Void(), "true", "false"},
           {"day(x) = '2024-02-01'", timestamp, Transform::Day(),
            "(\"p0\" >= '2024-02-01' and \"p0\" <= '2024-02-01')",
            "(\"p0\" > '2024-01-31' and \"p0\" < '2024-02-02')"},
           {"month(x) = '2024-02'", timestamp, Transform::Day(),
            "(\"p0\" >= '2024-02-01' and \"p0\" <= '2024-02-29')",
            "(\"p0\" > '2024-01-31' and \"p0\" < '2024-03-01')"},
           {"hour(x) = '2024-02-01T10'", timestamp, Transform::Day(),
            "(\"p0\" >= '2024-02-01' and \"p0\" <= '2024-02-01')",
            "(\"p0\" > '2024-02-01' and \"p0\" < '2024-02-01')"},
           {"year(x) < '1969'", timestamp, Transform::Year(), "\"p0\" <= -2", "\"p0\" < -1"},
           {"bucket(4, x) = 3", integer, Transform::Bucket(4), "\"p0\" = 3", "\"p0\" = 3"},
           {"bucket(4, x) != 3", integer, Transform::Bucket(8), "\"p0\" in (0, 1, 2, 4, 5, 6)",
            "\"p0\" in (0, 1, 2, 4, 5, 6)"},
           {"bucket(8, x) = 3", integer, Transform::Bucket(4), "true", "false"},
           {"bucket(4, x) = 3", integer, Transform::Identity(), "bucket(4, \"p0\") = 3",
            "bucket(4, \"p0\") = 3"},
           {"truncate(2, x) = 'ab'", string, Transform::Truncate(2), "\"p0\" = 'ab'",
            "\"p0\" like 'ab%'"},
           {"truncate(10, x) = 20", Type::Decimal(9, 0), Transform::Truncate(10),
            "(\"p0\" >= 20 and \"p0\" <= 20)", "(\"p0\" > 10 and \"p0\" < 30)"},
           {"x like 'ab%'", string, Transform::Truncate(3), "\"p0\" like 'ab%'",
            "\"p0\" like 'ab%'"},
           {"x like 'abc%'", string, Transform::Truncate(3), "\"p0\" = 'abc'",
            "\"p0\" like 'abc%'"},
           {"x like 'abcd%'", string, Transform::Truncate(3), "\"p0\" = 'abc'", "false"},
           {"x not like 'abcd%'", string, Transform::Truncate(3), "true", "\"p0\" != 'abc'"},
           {"x not like 'abc%'", string, Transform::Truncate(3), "\"p0\" != 'abc'",
            "\"p0\" not like 'abc%'"},
       }) {
    const Schema schema({{1, "x", known.type, false, "", {}}});
    const PartitionSpec spec(0, {{1, 1000, "p0", known.transform, {}}});
    const Type partition_type = PartitionType(spec, schema);
    const auto filter = Bind(*ParseExpression(known.filter), schema);
    SCOPED_TRACE(std::string(known.filter) + " through " + known.transform.ToString());
    EXPECT_EQ(ProjectInclusive(*filter, spec, partition_type)->ToString(), known.inclusive);
    EXPECT_EQ(ProjectStrict(*filter, spec, partition_type)->ToString(), known.strict);
  }
}

struct KnownResidual {
  const char* filter;
  const char* partition;  ///< a month
  const char* residual;
};

TEST(Residual, LeavesWhatThePartitionDoesNotTell) {
  const Schema schema({{1, "x", Type::Of(TypeId::kTimestamp), false, "", {}},
                       {2, "y", Type::Of(TypeId::kInt), false, "", {}}});
  const PartitionSpec spec(0, {{1, 1000, "p", Transform::Month(), {}}});
  const Type partition_type = PartitionType(spec, schema);
  for (const KnownResidual& known : std::vector<KnownResidual>{
           {"x >= '2024-02-01' and y = 1", "2024-03", "\"y\" = 1"},
           {"x >= '2024-02-01' and y = 1", "2024-02", "\"y\" = 1"},
           {"x >= '2024-02-02' and y = 1", "2024-02",
            "(\"x\" >= '2024-02-02T00:00:00' and \"y\" = 1)"},
           {"x >= '2024-02-01' or y = 1", "2024-01", "\"y\" = 1"},
           {"x >= '2024-02-01' or y = 1", "2024-02", "true"},
           {"month(x) = '2024-02'", "2024-02", "true"},
           {"month(x) = '2024-02' and y is null", "2024-01", "false"},
           {"y = 1", "2024-01", "\"y\" = 1"},
       }) {
    const auto month =
        Bind(*ParseExpression("month(x) = '" + std::string(known.partition) + "'"), schema);
    const Literal start = month->children()[0]->literals()[0];
    const auto residual = ResidualFor(Bind(*ParseExpression(known.filter), schema), spec,
                                      partition_type, {Transform::Month().Apply(start)});
    EXPECT_EQ(residual->ToString(), known.residual)
        << known.filter << " in " << known.partition;
  }
}

}  // namespace
}  // namespace floe::testing
