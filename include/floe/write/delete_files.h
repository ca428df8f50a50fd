#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/manifest/data_file.h"
#include "floe/partition/spec.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Rows of one data file that are to be deleted.
struct DeletedRows {
  std::string data_file;
  int32_t spec_id = 0;
  PartitionValues partition;
  PositionBitmap positions;  ///< not empty
};

/// A delete file, and the data files that it is about.
struct WrittenDeletes {
  DataFile file;
  std::vector<std::string> data_files;
};

/// Writes position delete files (specification, "Position Delete Files"): one for each data
/// file, or for each partition, as `write.delete.granularity` says. Nothing of it is in the
/// table before a commit. Files of a call that throws are removed.
std::vector<WrittenDeletes> WritePositionDeletes(const Table& table,
                                                 std::vector<DeletedRows> deletes,
                                                 const ParallelOptions& parallel = {});

/// Writes a deletion vector for each data file, all into one Puffin file (specification,
/// "Deletion Vectors"); `positions` are all the file's deleted rows, those of before, too.
std::vector<WrittenDeletes> WriteDeletionVectors(const Table& table,
                                                 const std::vector<DeletedRows>& deletes);

}  // namespace floe::inline v0
