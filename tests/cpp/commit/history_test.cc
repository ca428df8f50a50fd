// Random histories against a model in memory.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::IsEmpty;

struct Row {
  int64_t id;
  std::string part;  ///< empty: null
};

std::vector<std::string> TextsOf(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  for (const Row& row : rows) {
    texts.push_back(fmt::format("{}|{}", row.id, row.part.empty() ? "null" : row.part));
  }
  return Sorted(texts);
}

/// One change of a table.
struct Step {
  enum class Kind : uint8_t { kAppend, kOverwritePartitions, kOverwriteWhere };
  Kind kind;
  std::vector<Row> rows;
  std::string part;  ///< kOverwriteWhere: `part = …`; empty: all rows
};

/// What a table must hold.
class Model {
 public:
  Model(Transform of_id, Transform of_part) : of_id_(of_id), of_part_(of_part) {}

  std::string PartitionOf(const Row& row) const {
    PartitionValues values{of_id_.Apply(Literal::Long(row.id)), std::nullopt};
    if (!row.part.empty()) {
      values[1] = of_part_.Apply(Literal::String(row.part));
    }
    return PartitionKey(values);
  }

  bool Replaces(const Step& step, const Row& row) const {
    switch (step.kind) {
      case Step::Kind::kAppend:
        return false;
      case Step::Kind::kOverwritePartitions:
        return std::ranges::any_of(step.rows, [&](const Row& other) {
          return PartitionOf(row) == PartitionOf(other);
        });
      case Step::Kind::kOverwriteWhere:
        return step.part.empty() || row.part == step.part;
    }
    return false;
  }

  void Apply(const Step& step) {
    std::erase_if(rows_, [&](const Row& row) { return Replaces(step, row); });
    rows_.insert(rows_.end(), step.rows.begin(), step.rows.end());
  }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  Transform of_id_;
  Transform of_part_;
  std::vector<Row> rows_;
};

Step RandomStep(Rng& rng) {
  static const std::vector<std::string> parts = {"", "a", "b", "ba", "Ä/=%"};
  Step step{static_cast<Step::Kind>(rng.Below(3)), {}, ""};
  for (auto count = rng.Below(6); count > 0; --count) {
    step.rows.push_back({rng.Between(-20, 20), rng.Pick(parts)});
  }
  if (!rng.OneIn(4)) {
    step.part = parts[1 + rng.Index(parts.size() - 1)];
  }
  return step;
}

void Run(const Table& table, const Step& step) {
  std::string json;
  for (const Row& row : step.rows) {
    json += fmt::format("{}[{}, {}]", json.empty() ? "" : ",", row.id,
                        row.part.empty() ? "null" : '"' + row.part + '"');
  }
  const auto rows = ContestRows("[" + json + "]");
  switch (step.kind) {
    case Step::Kind::kAppend:
      AppendRows(table, *rows);
      break;
    case Step::Kind::kOverwritePartitions:
      OverwritePartitions(table, *rows);
      break;
    case Step::Kind::kOverwriteWhere:
      OverwriteRows(table,
                    step.part.empty() ? Expression::True()
                                      : Expression::Predicate(Operation::kEqual, "part",
                                                              {Literal::String(step.part)}),
                    *rows);
      break;
  }
}

/// A table partitioned at random, its model, and what each of its snapshots holds.
class History {
 public:
  explicit History(uint64_t seed)
      : rng_(seed),
        of_id_(rng_.OneIn(2) ? Transform::Bucket(3) : Transform::Void()),
        model_(of_id_, Transform::Identity()) {
    warehouse_.Create("t",
                      {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString)},
                      {PartitionBy(1, "id", of_id_.ToString()), PartitionBy(2, "part")});
  }

  void RunOne() {
    const Step step = RandomStep(rng_);
    Run(warehouse_.Load("t"), step);
    Note(step);
  }

  /// Two steps from one base: they must be as if one had come after the other.
  void RunTwo() {
    const Table base = warehouse_.Load("t");
    const Step first = RandomStep(rng_);
    const Step second = RandomStep(rng_);
    Run(base, first);
    Note(first);
    const bool collides = std::ranges::any_of(
        first.rows, [&](const Row& row) { return model_.Replaces(second, row); });
    try {
      Run(base, second);
      EXPECT_FALSE(collides) << "rows were replaced that nobody had seen";
      Note(second);
    } catch (const CommitConflictError&) {
      EXPECT_TRUE(collides);
    }
  }

  void Check() {
    const Table table = warehouse_.Load("t");
    EXPECT_EQ(ReadRows(table), TextsOf(model_.rows()));
    ASSERT_EQ(table.metadata().snapshots.size(), states_.size());
    for (size_t i = 0; i < states_.size(); ++i) {
      SCOPED_TRACE(fmt::format("snapshot {} of {}", i + 1, states_.size()));
      const Snapshot& snapshot = *table.metadata().snapshots[i];
      EXPECT_EQ(snapshot.sequence_number, static_cast<int64_t>(i) + 1);
      EXPECT_EQ(ReadRows(table, {.snapshot_id = snapshot.snapshot_id}), states_[i]);
      EXPECT_EQ(ReadRows(table, {.timestamp_ms = snapshot.timestamp_ms}), states_[i]);
    }
    CheckSummaries(table);
    const TableFiles files = AuditTable(table);
    EXPECT_THAT(files.missing(), IsEmpty());
    EXPECT_THAT(files.orphans(), IsEmpty());
  }

 private:
  void Note(const Step& step) {
    model_.Apply(step);
    states_.push_back(TextsOf(model_.rows()));
    warehouse_.clock().SleepMs(rng_.Between(1, 1'000));
  }

  Rng rng_;
  Transform of_id_;
  Model model_;
  Warehouse warehouse_;
  std::vector<std::vector<std::string>> states_;
};

TEST(RandomHistory, EverySnapshotHoldsWhatTheModelDoes) {
  for (const uint64_t seed : Seeds(3)) {
    SCOPED_TRACE(fmt::format("FLOE_TEST_SEED={}", seed));
    History history(seed);
    for (int step = 0; step < 30; ++step) {
      history.RunOne();
    }
    history.Check();
  }
}

TEST(RandomHistory, TwoCommitsFromOneBaseAreSomeSerialOrder) {
  for (const uint64_t seed : Seeds(3)) {
    SCOPED_TRACE(fmt::format("FLOE_TEST_SEED={}", seed));
    History history(seed);
    for (int step = 0; step < 15; ++step) {
      history.RunTwo();
    }
    history.Check();
  }
}

}  // namespace
}  // namespace floe::testing
