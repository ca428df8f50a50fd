#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "floe/avro/codec.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

struct ManifestWriteOptions {
  int format_version = 2;
  /// Delete manifests exist from version 2 on.
  ManifestContent content = ManifestContent::kData;
  AvroCompression compression;
};

/// Encodes a manifest of one partition spec in the schema of its format version. Not
/// thread-safe.
class ManifestWriter {
 public:
  /// `sync` are 16 random bytes. The references must outlive the writer.
  ManifestWriter(const Schema& schema, const PartitionSpec& spec, const Type& partition_type,
                 int64_t snapshot_id, std::string_view sync,
                 const ManifestWriteOptions& options = {});
  ~ManifestWriter();
  ManifestWriter(const ManifestWriter&) = delete;
  ManifestWriter& operator=(const ManifestWriter&) = delete;

  /// Adds an entry; `partition` of its file follows the spec, and its content the manifest's.
  void Add(const ManifestEntry& entry);

  struct Finished {
    std::string content;    ///< the file's bytes
    ManifestFile manifest;  ///< all but its path
  };
  Finished Finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace floe::inline v0
