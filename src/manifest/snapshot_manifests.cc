#include "floe/manifest/snapshot_manifests.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// The spec that a manifest's header names; the first one if it names none.
int32_t SpecIdOf(std::string_view content, const std::string& location) {
  const AvroContainerReader container(content, location);
  const std::string_view text = container.Metadata("partition-spec-id").value_or("0");
  int32_t spec_id = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), spec_id);
  if (error != std::errc() || end != text.end()) {
    throw CorruptFileError(
        fmt::format("corrupt manifest {}: its partition-spec-id is '{}', which is no number",
                    location, text),
        {.path = location});
  }
  return spec_id;
}

}  // namespace

std::vector<ManifestFile> ReadManifests(FileIO& io, const Snapshot& snapshot) {
  std::vector<ManifestFile> manifests;
  if (!snapshot.manifest_list.empty()) {
    manifests = ReadManifestList(io, snapshot.manifest_list);
    for (ManifestFile& manifest : manifests) {
      // Lists of version 1 have none: what they tell of is older than any sequence number.
      manifest.sequence_number = manifest.sequence_number.value_or(0);
      manifest.min_sequence_number = manifest.min_sequence_number.value_or(0);
    }
    return manifests;
  }
  for (const std::string& location : snapshot.manifests) {
    const std::string content = ReadFile(io, location);
    ManifestFile manifest;
    manifest.manifest_path = location;
    manifest.manifest_length = static_cast<int64_t>(content.size());
    manifest.partition_spec_id = SpecIdOf(content, location);
    manifest.sequence_number = 0;
    manifest.min_sequence_number = 0;
    manifest.added_snapshot_id = snapshot.snapshot_id;
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

bool HasCounts(const ManifestFile& manifest) {
  return manifest.added_files_count && manifest.existing_files_count &&
         manifest.deleted_files_count && manifest.added_rows_count &&
         manifest.existing_rows_count && manifest.deleted_rows_count;
}

void CountEntries(FileIO& io, const Type& partition_type, ManifestFile* manifest) {
  const ManifestEntriesPtr entries = ReadManifest(
      io, *manifest, partition_type, {.include_deleted = true, .keep_details = false});
  struct Count {
    int64_t files = 0;
    int64_t rows = 0;
  };
  Count added;
  Count existing;
  Count deleted;
  for (size_t i = 0; i < entries->size(); ++i) {
    Count& count = entries->status(i) == EntryStatus::kAdded     ? added
                   : entries->status(i) == EntryStatus::kDeleted ? deleted
                                                                 : existing;
    ++count.files;
    if (entries->record_count(i) > std::numeric_limits<int64_t>::max() - count.rows) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: its files have more rows than can be counted",
                      manifest->manifest_path),
          {.path = manifest->manifest_path});
    }
    count.rows += entries->record_count(i);
  }
  manifest->added_files_count = added.files;
  manifest->added_rows_count = added.rows;
  manifest->existing_files_count = existing.files;
  manifest->existing_rows_count = existing.rows;
  manifest->deleted_files_count = deleted.files;
  manifest->deleted_rows_count = deleted.rows;
}

}  // namespace floe::inline v0
