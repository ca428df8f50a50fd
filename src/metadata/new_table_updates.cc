#include "floe/metadata/new_table_updates.h"

#include <algorithm>
#include <cstdint>
#include <variant>
#include <vector>

#include "floe/metadata/table_metadata.h"
#include "floe/metadata/update.h"

namespace floe::inline v0 {

std::vector<TableUpdate> NewTableUpdates(const TableMetadata& metadata) {
  std::vector<TableUpdate> updates{
      AssignUuidUpdate{metadata.table_uuid},
      UpgradeFormatVersionUpdate{metadata.format_version},
      AddSchemaUpdate{metadata.schema()},
      SetCurrentSchemaUpdate{kLastAdded},
      AddSpecUpdate{metadata.spec()},
      SetDefaultSpecUpdate{kLastAdded},
      AddSortOrderUpdate{metadata.sort_order()},
      SetDefaultSortOrderUpdate{kLastAdded},
      SetLocationUpdate{metadata.location},
  };
  if (!metadata.properties.empty()) {
    updates.emplace_back(SetPropertiesUpdate{metadata.properties});
  }
  return updates;
}

void JoinSettings(const TableMetadata& table, std::vector<TableUpdate>* updates) {
  const auto is_setting = [](const TableUpdate& update) {
    return std::holds_alternative<SetLocationUpdate>(update) ||
           std::holds_alternative<SetPropertiesUpdate>(update) ||
           std::holds_alternative<RemovePropertiesUpdate>(update);
  };
  const auto place = std::ranges::find_if(*updates, is_setting) - updates->begin();
  std::erase_if(*updates, is_setting);
  const auto at = updates->insert(updates->begin() + place, SetLocationUpdate{table.location});
  if (!table.properties.empty()) {
    updates->insert(at + 1, SetPropertiesUpdate{table.properties});
  }
}

TableMetadata ApplyNewTableUpdates(const std::vector<TableUpdate>& updates, int64_t now_ms) {
  TableMetadata nothing;
  nothing.format_version = kMinFormatVersion;
  return ApplyUpdates(nothing, updates, "", now_ms);
}

}  // namespace floe::inline v0
