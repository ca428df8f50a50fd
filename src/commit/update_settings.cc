#include "floe/commit/update_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/snapshot_changes.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/metadata/update.h"
#include "floe/table/table.h"
#include "metadata/format_version.h"

namespace floe::inline v0 {

UpdateProperties::UpdateProperties(Properties updates, std::vector<std::string> removals)
    : updates_(std::move(updates)),
      removals_(std::move(removals)),
      format_version_(TakeFormatVersion(&updates_)) {}

AppliedChange UpdateProperties::Apply(const Table& base) {
  for (const std::string& name : removals_) {
    if (FindProperty(updates_, name)) {
      throw InvalidArgumentError(
          fmt::format("table property '{}' is to be set and removed at once", name));
    }
  }
  CheckTableProperties(updates_);
  AppliedChange change;
  if (format_version_) {
    change = UpgradeFormatVersion(*format_version_).Apply(base);
  }
  if (!updates_.empty()) {
    change.updates.emplace_back(SetPropertiesUpdate{updates_});
  }
  if (std::ranges::any_of(removals_, [&](const std::string& name) {
        return FindProperty(base.metadata().properties, name).has_value();
      })) {
    change.updates.emplace_back(RemovePropertiesUpdate{removals_});
  }
  return change;
}

bool UpdateProperties::IsIn(const TableMetadata& metadata) const {
  return (!format_version_ || UpgradeFormatVersion(*format_version_).IsIn(metadata)) &&
         std::ranges::all_of(updates_,
                             [&](const auto& item) {
                               return FindProperty(metadata.properties, item.first) ==
                                      item.second;
                             }) &&
         std::ranges::none_of(removals_, [&](const std::string& name) {
           return FindProperty(metadata.properties, name).has_value();
         });
}

SetLocation::SetLocation(const std::string& location) {
  if (location.empty() || location.find('\0') != std::string::npos) {
    throw InvalidArgumentError(fmt::format(
        "a table's location can't be '{}'; expected a path or a URI, such as file:///data/t",
        location));
  }
  location_ = CanonicalLocation(location);
  while (location_.size() > 1 && location_.ends_with('/')) {
    location_.pop_back();
  }
}

AppliedChange SetLocation::Apply(const Table& base) {
  AppliedChange change;
  if (base.metadata().location != location_) {
    change.updates.emplace_back(SetLocationUpdate{location_});
  }
  return change;
}

bool SetLocation::IsIn(const TableMetadata& metadata) const {
  return metadata.location == location_;
}

AppliedChange UpgradeFormatVersion::Apply(const Table& base) {
  CheckFormatVersionRaise(format_version_, base.metadata());
  AppliedChange applied;
  if (format_version_ != base.metadata().format_version) {
    applied.updates.emplace_back(UpgradeFormatVersionUpdate{format_version_});
  }
  return applied;
}

bool UpgradeFormatVersion::IsIn(const TableMetadata& metadata) const {
  return metadata.format_version >= format_version_;
}

}  // namespace floe::inline v0
