#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/scan/delete_file.h"
#include "floe/scan/plan.h"
#include "parquet/data_file_reader.h"
#include "scan/equality_set.h"

namespace floe::inline v0 {

/// Reads the delete files of a scan, each once as long as the budget lasts, and shares them
/// between its tasks. Thread-safe.
///
/// What is kept beyond the budget is dropped, the least recently used first, and read again
/// if another task needs it; what a task uses stays in memory as long as the task is open.
class DeleteLoader {
 public:
  explicit DeleteLoader(const TableScan& scan);

  /// The deletes of a data file, and the rows at `more`; null if there are none. Throws
  /// CorruptFileError naming the delete file, IoError, UnsupportedError.
  std::shared_ptr<const RowDeletes> Load(const ScanTask& task, PositionBitmap more = {});
  /// What position deletes and deletion vectors delete of a data file. Throws like Load().
  PositionBitmap LoadPositions(const ScanTask& task);

 private:
  /// A position delete file: deleted positions by data file.
  struct PositionFile {
    std::unordered_map<std::string, PositionBitmap> by_path;
    size_t memory_bytes = 0;
  };
  using PositionFilePtr = std::shared_ptr<const PositionFile>;
  /// Columns and scope of an equality set.
  using EqualityKey = std::pair<std::string, std::vector<int32_t>>;
  using Positions = std::vector<std::shared_ptr<const PositionBitmap>>;

  Positions LoadAllPositions(const std::string& path, const std::vector<DeleteFilePtr>& files);
  std::shared_ptr<const PositionBitmap> LoadVector(const DeleteFile& file) const;
  PositionFilePtr LoadFile(const DeleteFile& file);
  PositionFilePtr ReadPositions(const DeleteFile& file) const;
  std::shared_ptr<EqualitySet> LoadEqualities(const EqualityKey& key,
                                              const std::vector<DeleteFilePtr>& files);
  void ReadEqualities(const DeleteFile& file, EqualitySet* set) const;
  void DropBeyondBudget();

  struct KeptPositions {
    PositionFilePtr file;  ///< null: being read
    uint64_t used = 0;     ///< the larger, the later
  };
  struct KeptEqualities {
    std::shared_ptr<EqualitySet> set;
    uint64_t used = 0;
  };

  const TableScan scan_;
  const size_t budget_bytes_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable read_;
  std::map<std::string, KeptPositions> positions_;  ///< by location
  std::map<EqualityKey, KeptEqualities> equalities_;
  uint64_t uses_ = 0;
};

}  // namespace floe::inline v0
