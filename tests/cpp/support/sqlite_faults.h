#pragma once

#include <memory>

#include "support/fault_point.h"

namespace floe::testing {

/// From now on, SQLite databases of this process are never synced: tests kill processes, not
/// machines.
void StopSyncingSqlite();

/// While it lives, file operations of SQLite databases that are opened pass a fault point:
/// reads, writes, truncations, syncs and deletions. One at a time in a process; databases
/// opened meanwhile must be closed before it goes.
class SqliteFaults {
 public:
  explicit SqliteFaults(std::shared_ptr<FaultPoint> faults);
  ~SqliteFaults();
  SqliteFaults(const SqliteFaults&) = delete;
  SqliteFaults& operator=(const SqliteFaults&) = delete;

 private:
  std::unique_ptr<struct FaultyVfs> vfs_;
};

}  // namespace floe::testing
