#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "floe/manifest/data_file.h"
#include "floe/table/table.h"

namespace floe::testing {

/// The files of a table: those that its metadata refers to, in any snapshot, and those that
/// lie in its folder.
struct TableFiles {
  std::set<std::string> referenced;
  std::set<std::string> present;

  std::set<std::string> missing() const;
  std::set<std::string> orphans() const;
};

/// Every file below a folder, as locations.
std::set<std::string> FilesIn(const std::filesystem::path& folder);

/// Reads everything that a table refers to. Sizes that metadata states are checked against
/// the files; a difference fails the running test.
TableFiles AuditTable(const Table& table);

/// Live data files of a snapshot with all that manifests say of them.
std::vector<ManifestEntry> LiveEntries(const Table& table, const Snapshot& snapshot);

/// Fails the running test unless each snapshot's summary tells what became of its parent's
/// files, and the totals of its own.
void CheckSummaries(const Table& table);

}  // namespace floe::testing
