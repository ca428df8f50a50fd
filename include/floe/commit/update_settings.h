#pragma once

#include <string>
#include <utility>
#include <vector>

#include "floe/commit/change.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

/// Sets and removes table properties. A name that is set and removed at once is refused.
class UpdateProperties final : public Change {
 public:
  UpdateProperties(Properties updates, std::vector<std::string> removals)
      : updates_(std::move(updates)), removals_(std::move(removals)) {}

  /// Throws InvalidArgumentError or UnsupportedError for a value that the property can't have:
  /// see CheckTableProperties().
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const Properties updates_;
  const std::vector<std::string> removals_;
};

/// Moves where a table's new files go. Those that are there stay where they are.
class SetLocation final : public Change {
 public:
  /// Throws InvalidArgumentError for what is no location.
  explicit SetLocation(const std::string& location);

  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  std::string location_;
};

/// Raises a table's format version; there is no way back.
class UpgradeFormatVersion final : public Change {
 public:
  explicit UpgradeFormatVersion(int format_version) : format_version_(format_version) {}

  /// Throws InvalidArgumentError for a lower version, UnsupportedError for an unknown one.
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  const int format_version_;
};

}  // namespace floe::inline v0
