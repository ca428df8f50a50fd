// Random tables with random deletes read like a list of rows that is kept beside them.

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/manifest/data_file.h"
#include "floe/partition/spec.h"
#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "support/delete_files.h"
#include "support/rng.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

struct Row {
  std::string path;
  int64_t position;
  int64_t sequence_number;
  std::optional<int64_t> id;
  int64_t part;

  std::string Text() const {
    return fmt::format("{}|{}", id ? std::to_string(*id) : "null", part);
  }
};

/// A table and the rows that it should have.
class Model {
 public:
  Model(uint64_t seed, bool partitioned)
      : rng_(seed),
        partitioned_(partitioned),
        table_(warehouse_.Create(
            "t", {Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kInt)},
            partitioned ? std::vector<PartitionField>{PartitionBy(2, "part")}
                        : std::vector<PartitionField>{})) {}

  void Append() {
    std::string json;
    for (int64_t i = rng_.Between(1, 40); i > 0; --i) {
      json += fmt::format("{}[{}, {}]", json.empty() ? "[" : ", ", IdText(rng_.Between(-2, 15)),
                          rng_.Between(1, 2));
    }
    const auto input = arrow::schema(
        {arrow::field("id", arrow::int64()), arrow::field("part", arrow::int32())});
    const std::set<std::string> before = Paths();
    table_ = AppendRows(table_, *RowsOf(input, {json + "]"}));
    for (const ScanTask& task : TableScan(table_).Plan()) {
      if (!before.contains(std::string(task.file_path()))) {
        AddRowsOf(task);
      }
    }
  }

  void DeletePositions(bool as_vector) {
    if (rows_.empty()) {
      return;
    }
    const Row chosen = rng_.Pick(rows_);
    const int64_t part = chosen.part;
    std::vector<std::pair<std::string, int64_t>> gone;
    std::set<int64_t> of_chosen;
    for (const Row& row : rows_) {
      const bool in_reach =
          as_vector ? row.path == chosen.path : !partitioned_ || row.part == part;
      if (in_reach && !vectors_.contains(row.path) && rng_.OneIn(3)) {
        gone.emplace_back(row.path, row.position);
        of_chosen.insert(row.position);
      }
    }
    if (gone.empty()) {
      return;
    }
    std::ranges::sort(gone);
    if (as_vector) {
      // What position delete files have is part of a vector that comes later.
      const std::set<int64_t>& old = deleted_[chosen.path];
      of_chosen.insert(old.begin(), old.end());
      vectors_.insert(chosen.path);
      Commit(WriteDeletionVector(table_, ScopeOf(part), chosen.path,
                                 {of_chosen.begin(), of_chosen.end()}));
    } else {
      Commit(WritePositionDeletes(table_, ScopeOf(part), gone));
    }
    std::erase_if(rows_, [&](const Row& row) {
      return std::ranges::find(gone, std::pair(row.path, row.position)) != gone.end();
    });
    for (const auto& [path, position] : gone) {
      deleted_[path].insert(position);
    }
  }

  void DeleteValues() {
    const int64_t part = rng_.Between(1, 2);
    std::set<int64_t> ids;
    for (int64_t i = rng_.Between(1, 4); i > 0; --i) {
      ids.insert(std::max<int64_t>(rng_.Between(-2, 20), -1));
    }
    std::string json;
    for (const int64_t id : ids) {
      json += fmt::format("{}[{}]", json.empty() ? "[" : ", ", IdText(id));
    }
    const int64_t newest = table_.metadata().last_sequence_number;
    const std::vector<int32_t> bounds =
        rng_.OneIn(2) ? std::vector<int32_t>{1} : std::vector<int32_t>{};
    Commit(WriteEqualityDeletes(table_, ScopeOf(part),
                                Schema({Optional(1, "id", TypeId::kLong)}), json + "]", {1},
                                bounds));
    std::erase_if(rows_, [&](const Row& row) {
      return row.sequence_number <= newest && (!partitioned_ || row.part == part) &&
             ids.contains(row.id.value_or(-1));
    });
  }

  void Check() {
    std::vector<std::string> all;
    std::vector<std::string> some;
    for (const Row& row : rows_) {
      all.push_back(row.Text());
      if (row.id && *row.id > 7) {
        some.push_back(row.Text());
      }
    }
    ASSERT_EQ(ReadRows(table_), Sorted(all));
    ASSERT_EQ(CountRows(TableScan(table_)), static_cast<int64_t>(all.size()));
    const ScanOptions filtered{.row_filter = ParseExpression("id > 7")};
    ASSERT_EQ(ReadRows(table_, filtered), Sorted(some));
    ASSERT_EQ(CountRows(TableScan(table_, filtered)), static_cast<int64_t>(some.size()));
    const auto reader = OpenReader(TableScan(table_, {.batch_rows = 3, .memory_bytes = 100}));
    ASSERT_EQ(Sorted(TextsOf(*reader->ToTable().ValueOrDie())), Sorted(all));
  }

  Rng& rng() { return rng_; }

 private:
  /// Negative numbers stand for null.
  static std::string IdText(int64_t id) { return id < 0 ? "null" : std::to_string(id); }

  DeleteScope ScopeOf(int64_t part) const {
    return partitioned_ ? DeleteScope{0, {Literal::Int(static_cast<int32_t>(part))}}
                        : DeleteScope{};
  }

  void Commit(const DataFile& file) { table_ = CommitDeletes(table_, {file}); }

  std::set<std::string> Paths() const {
    std::set<std::string> paths;
    for (const ScanTask& task : TableScan(table_).Plan()) {
      paths.emplace(task.file_path());
    }
    return paths;
  }

  void AddRowsOf(const ScanTask& task) {
    const auto rows = ReadTable(TableScan(
        table_, {.selected_fields = std::vector<std::string>{"id", "part", "_file", "_pos"}}));
    for (const std::string& text : TextsOf(*rows)) {
      const auto cells = Split(text);
      if (cells.at(2) == task.file_path()) {
        rows_.push_back(
            {cells[2], std::stoll(cells[3]), task.sequence_number(),
             cells[0] == "null" ? std::nullopt : std::optional<int64_t>(std::stoll(cells[0])),
             std::stoll(cells[1])});
      }
    }
  }

  static std::vector<std::string> Split(const std::string& text) {
    std::vector<std::string> cells(1);
    for (const char c : text) {
      if (c == '|') {
        cells.emplace_back();
      } else {
        cells.back().push_back(c);
      }
    }
    return cells;
  }

  Rng rng_;
  bool partitioned_;
  Warehouse warehouse_;
  Table table_;
  std::vector<Row> rows_;
  std::map<std::string, std::set<int64_t>> deleted_;
  std::set<std::string> vectors_;  ///< data files that have one
};

TEST(RandomDeletes, ReadLikeAListOfRows) {
  for (const uint64_t seed : Seeds(12)) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Model model(seed, seed % 2 == 0);
    for (int step = 0; step < 10; ++step) {
      switch (step == 0 ? 0 : model.rng().Below(5)) {
        case 0:
        case 1:
          model.Append();
          break;
        case 2:
          model.DeletePositions(/*as_vector=*/false);
          break;
        case 3:
          model.DeletePositions(/*as_vector=*/true);
          break;
        default:
          model.DeleteValues();
      }
    }
    ASSERT_NO_FATAL_FAILURE(model.Check());
  }
}

}  // namespace
}  // namespace floe::testing
