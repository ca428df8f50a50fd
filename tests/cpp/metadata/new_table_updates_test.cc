#include "floe/metadata/new_table_updates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"
#include "support/case_files.h"

namespace floe::testing {
namespace {

TableMetadata Base() {
  TableMetadata table =
      *ParseTableMetadata(ReadTestFile("cases/table_metadata/base.json"), "file:///base");
  table.format_version = 3;  // it has columns with defaults
  return table;
}

template <class Update>
auto Count(const std::vector<TableUpdate>& updates) {
  return std::ranges::count_if(updates, [](const TableUpdate& update) {
    return std::holds_alternative<Update>(update);
  });
}

TEST(NewTableUpdates, SettingsAreJoined) {
  std::vector<TableUpdate> updates = NewTableUpdates(Base());
  updates.emplace_back(SetPropertiesUpdate{{{"a", "1"}, {"b", "2"}}});
  updates.emplace_back(SetLocationUpdate{"file:///elsewhere"});
  updates.emplace_back(RemovePropertiesUpdate{{"a"}});
  updates.emplace_back(SetPropertiesUpdate{{{"b", "3"}}});
  const TableMetadata before = ApplyNewTableUpdates(updates, 1);

  JoinSettings(before, &updates);

  EXPECT_EQ(Count<SetPropertiesUpdate>(updates), 1);
  EXPECT_EQ(Count<RemovePropertiesUpdate>(updates), 0);
  EXPECT_EQ(Count<SetLocationUpdate>(updates), 1);
  const TableMetadata after = ApplyNewTableUpdates(updates, 1);
  EXPECT_EQ(after.location, "file:///elsewhere");
  EXPECT_EQ(after.properties, before.properties);
  EXPECT_EQ(FindProperty(after.properties, "b"), "3");
  EXPECT_EQ(FindProperty(after.properties, "a"), std::nullopt);
}

TEST(NewTableUpdates, ATableWithoutPropertiesSetsNone) {
  TableMetadata table = Base();
  table.properties.clear();
  std::vector<TableUpdate> updates = NewTableUpdates(table);
  JoinSettings(table, &updates);
  EXPECT_EQ(Count<SetPropertiesUpdate>(updates), 0);
  EXPECT_EQ(Count<SetLocationUpdate>(updates), 1);
}

}  // namespace
}  // namespace floe::testing
