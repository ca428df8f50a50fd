#pragma once

#include <optional>
#include <string>
#include <vector>

#include "floe/commit/change.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"

namespace floe::inline v0 {

/// Sets and removes table properties. A name that is set and removed at once is refused.
/// `format-version` is no property: setting it raises the table's version, as it does in Spark.
class UpdateProperties final : public Change {
 public:
  /// Throws InvalidArgumentError or UnsupportedError for a format version that can't be.
  UpdateProperties(Properties updates, std::vector<std::string> removals);

  /// Throws InvalidArgumentError or UnsupportedError for a value that the property can't have:
  /// see CheckTableProperties(). The same for a format version that is lower than the table's.
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;

 private:
  Properties updates_;
  const std::vector<std::string> removals_;
  const std::optional<int> format_version_;
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
