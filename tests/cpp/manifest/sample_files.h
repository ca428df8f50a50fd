#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/manifest_writer.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/memory_file_io.h"
#include "support/rng.h"

namespace floe::testing {

inline constexpr const char* kManifestPath = "memory:///t/metadata/m0.avro";
inline constexpr const char* kListPath = "memory:///t/metadata/snap-1.avro";

/// A table partitioned by the identity of a column of each type.
struct SampleTable {
  Schema schema;
  PartitionSpec spec;
  Type partition_type;

  static SampleTable OfAllTypes();
  /// id long, region string; partitioned by region.
  static SampleTable Small();
};

/// A file of random partition, with some of all metrics, some of them unset, and of what a
/// manifest of `kind` can tell besides.
DataFile RandomDataFile(Rng& rng, const SampleTable& table,
                        const ManifestWriteOptions& kind = {});
/// `count` entries of such files, of all statuses.
std::vector<ManifestEntry> RandomEntries(Rng& rng, const SampleTable& table, size_t count,
                                         const ManifestWriteOptions& kind = {});

/// The manifest of `entries`, put at kManifestPath.
ManifestFile PutManifest(MemoryFileIO& io, const SampleTable& table,
                         const std::vector<ManifestEntry>& entries,
                         const ManifestWriteOptions& options = {});

/// Everything that an entry tells, for comparison.
struct ReadEntry {
  EntryStatus status;
  int64_t snapshot_id;
  int64_t sequence_number;
  int64_t file_sequence_number;
  DataFile file;
};
std::vector<ReadEntry> ReadAll(MemoryFileIO& io, const ManifestFile& manifest,
                               const SampleTable& table, const ManifestReadOptions& options);

void ExpectEntries(const std::vector<ReadEntry>& found,
                   const std::vector<ManifestEntry>& expected);

/// Compares every member of two files.
void ExpectSameFile(const DataFile& found, const DataFile& expected);

}  // namespace floe::testing
