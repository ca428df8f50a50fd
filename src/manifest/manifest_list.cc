#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avro/avro_container.h"
#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/base/error.h"
#include "floe/expr/prune.h"
#include "floe/io/file_io.h"
#include "floe/manifest/manifest_file.h"
#include "manifest/avro_field.h"
#include "manifest/avro_writing.h"
#include "manifest/manifest_fields.h"
#include "manifest/manifest_schema.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

std::vector<FieldSummary> ManifestFile::Summaries() const {
  std::vector<FieldSummary> views;
  for (const OwnedFieldSummary& summary : partitions) {
    views.push_back({summary.contains_null, summary.contains_nan, summary.lower_bound,
                     summary.upper_bound});
  }
  return views;
}

namespace {

bool FitsRole(const OptionalAvroField& field) {
  switch (field.field_id) {
    case ids::kManifestPath:
    case ids::kManifestKeyMetadata:
      return field.is_bytes();
    case ids::kPartitions:
      // Values of no bytes could be any number.
      return field.schema->kind == AvroKind::kArray &&
             field.schema->element().kind == AvroKind::kRecord &&
             !field.schema->element().is_empty;
    case ids::kManifestLength:
    case ids::kPartitionSpecId:
    case ids::kAddedSnapshotId:
    case ids::kAddedFilesCount:
    case ids::kExistingFilesCount:
    case ids::kDeletedFilesCount:
    case ids::kAddedRowsCount:
    case ids::kExistingRowsCount:
    case ids::kDeletedRowsCount:
    case ids::kManifestSequenceNumber:
    case ids::kMinSequenceNumber:
    case ids::kManifestContent:
    case ids::kManifestFirstRowId:
      return field.is_integer();
    default:
      return true;
  }
}

bool SummaryFieldFits(const OptionalAvroField& field) {
  switch (field.field_id) {
    case ids::kContainsNull:
    case ids::kContainsNan:
      return field.schema->kind == AvroKind::kBoolean;
    case ids::kLowerBound:
    case ids::kUpperBound:
      return field.is_bytes();
    default:
      return true;
  }
}

/// The count that a field is; nullptr if it is none. `Manifest` may be const.
template <class Manifest>
auto CountOf(int32_t field_id, Manifest* manifest) -> decltype(&manifest->added_files_count) {
  switch (field_id) {
    case ids::kAddedFilesCount:
      return &manifest->added_files_count;
    case ids::kExistingFilesCount:
      return &manifest->existing_files_count;
    case ids::kDeletedFilesCount:
      return &manifest->deleted_files_count;
    case ids::kAddedRowsCount:
      return &manifest->added_rows_count;
    case ids::kExistingRowsCount:
      return &manifest->existing_rows_count;
    case ids::kDeletedRowsCount:
      return &manifest->deleted_rows_count;
    default:
      return nullptr;
  }
}

class ManifestListReader {
 public:
  ManifestListReader(const AvroSchema& record, const std::string& location) {
    bool fits = record.kind == AvroKind::kRecord;
    fields_ = FieldsOf(record, KnownManifestFileFields());
    for (const OptionalAvroField& field : fields_) {
      fits = fits && FitsRole(field);
      has_path_ = has_path_ || field.field_id == ids::kManifestPath;
      has_spec_ = has_spec_ || field.field_id == ids::kPartitionSpecId;
      if (fits && field.field_id == ids::kPartitions) {
        summary_fields_ = FieldsOf(field.schema->element(), KnownSummaryFields());
        fits = std::ranges::all_of(summary_fields_, SummaryFieldFits);
      }
    }
    if (!fits || !has_path_ || !has_spec_) {
      throw CorruptFileError(
          fmt::format(
              "corrupt manifest list {}: its Avro schema is not that of a manifest list",
              location),
          {.path = location});
    }
  }

  ManifestFile Read(AvroCursor& cursor) const {
    ManifestFile manifest;
    for (const OptionalAvroField& field : fields_) {
      if (field.HasValue(cursor)) {
        ReadField(field, cursor, &manifest);
      }
    }
    if (manifest.manifest_path.empty()) {
      cursor.Fail("a manifest without a path");
    }
    return manifest;
  }

 private:
  void ReadField(const OptionalAvroField& field, AvroCursor& cursor,
                 ManifestFile* manifest) const {
    switch (field.field_id) {
      case ids::kManifestPath:
        manifest->manifest_path = cursor.ReadBytes();
        return;
      case ids::kManifestLength:
        manifest->manifest_length = cursor.ReadLong();
        return;
      case ids::kPartitionSpecId:
        manifest->partition_spec_id = cursor.ReadInt();
        return;
      case ids::kManifestContent: {
        const int64_t content = cursor.ReadLong();
        if (content != 0 && content != 1) {
          cursor.Fail("a manifest's content is neither data (0) nor deletes (1)");
        }
        manifest->content = static_cast<ManifestContent>(content);
        return;
      }
      case ids::kManifestSequenceNumber:
        manifest->sequence_number = cursor.ReadLong();
        return;
      case ids::kMinSequenceNumber:
        manifest->min_sequence_number = cursor.ReadLong();
        return;
      case ids::kAddedSnapshotId:
        manifest->added_snapshot_id = cursor.ReadLong();
        return;
      case ids::kManifestKeyMetadata:
        manifest->key_metadata = cursor.ReadBytes();
        return;
      case ids::kManifestFirstRowId:
        manifest->first_row_id = cursor.ReadLong();
        if (*manifest->first_row_id < 0) {
          cursor.Fail("a negative row id");
        }
        return;
      case ids::kPartitions:
        ReadSummaries(cursor, &manifest->partitions);
        return;
      default:
        if (std::optional<int64_t>* count = CountOf(field.field_id, manifest)) {
          *count = cursor.ReadLong();
          if (*count < 0) {
            cursor.Fail("a negative number of files or rows");
          }
        } else {
          cursor.Skip(*field.schema);
        }
    }
  }

  void ReadSummaries(AvroCursor& cursor, std::vector<OwnedFieldSummary>* summaries) const {
    while (int64_t count = cursor.ReadBlockCount()) {
      for (; count > 0; --count) {
        summaries->push_back(ReadSummary(cursor));
      }
    }
  }

  OwnedFieldSummary ReadSummary(AvroCursor& cursor) const {
    OwnedFieldSummary summary;
    for (const OptionalAvroField& field : summary_fields_) {
      if (!field.HasValue(cursor)) {
        continue;
      }
      switch (field.field_id) {
        case ids::kContainsNull:
          summary.contains_null = cursor.ReadBoolean();
          break;
        case ids::kContainsNan:
          summary.contains_nan = cursor.ReadBoolean();
          break;
        case ids::kLowerBound:
          summary.lower_bound = cursor.ReadBytes();
          break;
        case ids::kUpperBound:
          summary.upper_bound = cursor.ReadBytes();
          break;
        default:
          cursor.Skip(*field.schema);
      }
    }
    return summary;
  }

  std::vector<OptionalAvroField> fields_;
  std::vector<OptionalAvroField> summary_fields_;
  bool has_path_ = false;
  bool has_spec_ = false;
};

void PutSummaries(const std::vector<OwnedFieldSummary>& summaries, std::string* out) {
  if (summaries.empty()) {
    PutNull(out);
    return;
  }
  PutSome(out);
  PutLong(static_cast<int64_t>(summaries.size()), out);
  for (const OwnedFieldSummary& summary : summaries) {
    PutBoolean(summary.contains_null, out);
    if (summary.contains_nan) {
      PutSome(out);
      PutBoolean(*summary.contains_nan, out);
    } else {
      PutNull(out);
    }
    PutOptionalBytes(summary.lower_bound, out);
    PutOptionalBytes(summary.upper_bound, out);
  }
  PutLong(0, out);
}

/// A count that the format version may require.
void PutCount(const ManifestField& field, const ManifestFile& manifest, int format_version,
              std::string* out) {
  const std::optional<int64_t>& count = *CountOf(field.id, &manifest);
  if (!field.is_required_in(format_version)) {
    PutOptionalLong(count, out);
    return;
  }
  Check(count.has_value(), "a manifest list of a version that requires counts without them");
  PutLong(*count, out);
}

void PutManifestField(const ManifestField& field, const ManifestFile& manifest,
                      const ManifestListHeader& header, std::string* out) {
  const int64_t sequence_number = manifest.sequence_number.value_or(header.sequence_number);
  switch (field.id) {
    case ids::kManifestPath:
      return PutBytes(manifest.manifest_path, out);
    case ids::kManifestLength:
      return PutLong(manifest.manifest_length, out);
    case ids::kPartitionSpecId:
      return PutLong(manifest.partition_spec_id, out);
    case ids::kManifestContent:
      return PutLong(static_cast<int64_t>(manifest.content), out);
    case ids::kManifestSequenceNumber:
      return PutLong(sequence_number, out);
    case ids::kMinSequenceNumber:
      return PutLong(manifest.min_sequence_number.value_or(sequence_number), out);
    case ids::kAddedSnapshotId:
      return PutLong(manifest.added_snapshot_id, out);
    case ids::kPartitions:
      return PutSummaries(manifest.partitions, out);
    case ids::kManifestKeyMetadata:
      return PutOptionalBytes(manifest.key_metadata, out);
    case ids::kManifestFirstRowId:
      return PutOptionalLong(manifest.first_row_id, out);
    default:
      return PutCount(field, manifest, header.format_version, out);
  }
}

}  // namespace

std::vector<ManifestFile> ReadManifestList(FileIO& io, const std::string& location) {
  const std::string content = ReadFile(io, location);
  AvroContainerReader container(content, location);
  const ManifestListReader reader(container.schema(), location);
  std::vector<ManifestFile> manifests;
  container.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
    for (; count > 0; --count) {
      manifests.push_back(reader.Read(cursor));
    }
  });
  return manifests;
}

int64_t AssignFirstRowIds(int64_t next_row_id, std::vector<ManifestFile>* manifests) {
  for (ManifestFile& manifest : *manifests) {
    if (manifest.content != ManifestContent::kData || manifest.first_row_id) {
      continue;
    }
    Check(manifest.added_rows_count && manifest.existing_rows_count,
          "row ids for a manifest whose rows are not counted");
    manifest.first_row_id = next_row_id;
    for (const int64_t rows : {*manifest.added_rows_count, *manifest.existing_rows_count}) {
      if (rows > std::numeric_limits<int64_t>::max() - next_row_id) {
        throw CorruptFileError(
            fmt::format("the table's manifest list says that {} has {} rows, and its row ids "
                        "begin at {}: no row ids are left",
                        manifest.manifest_path, rows, next_row_id),
            {.path = manifest.manifest_path});
      }
      next_row_id += rows;
    }
  }
  return next_row_id;
}

std::string EncodeManifestList(const std::vector<ManifestFile>& manifests,
                               const ManifestListHeader& header, std::string_view sync) {
  const auto& parent = header.parent_snapshot_id;
  std::map<std::string, std::string> metadata = {
      {"snapshot-id", std::to_string(header.snapshot_id)},
      {"parent-snapshot-id", parent ? std::to_string(*parent) : "null"},
      {"format-version", std::to_string(header.format_version)},
  };
  if (header.format_version >= 2) {
    metadata["sequence-number"] = std::to_string(header.sequence_number);
  }
  if (header.format_version >= 3 && header.first_row_id) {
    metadata["first-row-id"] = std::to_string(*header.first_row_id);
  }
  AvroContainerWriter container(ManifestListSchemaJson(header.format_version), metadata, sync);
  const std::vector<ManifestField> fields = ManifestFileFields(header.format_version);
  for (const ManifestFile& manifest : manifests) {
    Check(header.format_version >= 2 || manifest.content == ManifestContent::kData,
          "version 1 has no delete manifests");
    for (const ManifestField& field : fields) {
      PutManifestField(field, manifest, header, container.object());
    }
    container.EndObject();
  }
  return std::move(container).Finish();
}

}  // namespace floe::inline v0
