#include "manifest/manifest_schema.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/error.h"
#include "floe/schema/type.h"
#include "manifest/avro_writing.h"
#include "manifest/manifest_fields.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

namespace {

constexpr auto kNone = Presence::kAbsent;
constexpr auto kOpt = Presence::kOptional;
constexpr auto kReq = Presence::kRequired;

constexpr std::array kEntryFields{
    ManifestField{
        ids::kStatus, "status", "0: existing, 1: added, 2: deleted", {kReq, kReq, kReq}},
    ManifestField{ids::kSnapshotId,
                  "snapshot_id",
                  "Snapshot that added or deleted the file",
                  {kReq, kOpt, kOpt}},
    ManifestField{
        ids::kSequenceNumber, "sequence_number", "Data sequence number", {kNone, kOpt, kOpt}},
    ManifestField{ids::kFileSequenceNumber,
                  "file_sequence_number",
                  "Sequence number of the commit that added the file",
                  {kNone, kOpt, kOpt}},
    ManifestField{ids::kDataFile, "data_file", "The file", {kReq, kReq, kReq}},
};

constexpr std::array kDataFileFields{
    ManifestField{ids::kContent,
                  "content",
                  "0: data, 1: position deletes, 2: equality deletes",
                  {kNone, kReq, kReq}},
    ManifestField{ids::kFilePath, "file_path", "Location with scheme", {kReq, kReq, kReq}},
    ManifestField{
        ids::kFileFormat, "file_format", "avro, orc, parquet or puffin", {kReq, kReq, kReq}},
    ManifestField{ids::kPartition, "partition", "Partition values", {kReq, kReq, kReq}},
    ManifestField{ids::kRecordCount,
                  "record_count",
                  "Number of rows, or of deleted rows",
                  {kReq, kReq, kReq}},
    ManifestField{
        ids::kFileSize, "file_size_in_bytes", "Size of the whole file", {kReq, kReq, kReq}},
    ManifestField{ids::kBlockSize, "block_size_in_bytes", "Deprecated", {kReq, kNone, kNone}},
    ManifestField{
        ids::kColumnSizes, "column_sizes", "Column id to bytes on disk", {kOpt, kOpt, kOpt}},
    ManifestField{ids::kValueCounts,
                  "value_counts",
                  "Column id to number of values, null and NaN included",
                  {kOpt, kOpt, kOpt}},
    ManifestField{ids::kNullValueCounts,
                  "null_value_counts",
                  "Column id to number of nulls",
                  {kOpt, kOpt, kOpt}},
    ManifestField{ids::kNanValueCounts,
                  "nan_value_counts",
                  "Column id to number of NaNs",
                  {kOpt, kOpt, kOpt}},
    ManifestField{
        ids::kLowerBounds, "lower_bounds", "Column id to lower bound", {kOpt, kOpt, kOpt}},
    ManifestField{
        ids::kUpperBounds, "upper_bounds", "Column id to upper bound", {kOpt, kOpt, kOpt}},
    ManifestField{
        ids::kKeyMetadata, "key_metadata", "Encryption key metadata", {kOpt, kOpt, kOpt}},
    ManifestField{ids::kSplitOffsets,
                  "split_offsets",
                  "Where the file can be split, ascending",
                  {kOpt, kOpt, kOpt}},
    ManifestField{ids::kEqualityIds,
                  "equality_ids",
                  "Columns that equality deletes compare",
                  {kNone, kOpt, kOpt}},
    ManifestField{
        ids::kSortOrderId, "sort_order_id", "Sort order of the rows", {kOpt, kOpt, kOpt}},
    ManifestField{
        ids::kFirstRowId, "first_row_id", "Row id of the first row", {kNone, kNone, kOpt}},
    ManifestField{ids::kReferencedDataFile,
                  "referenced_data_file",
                  "Location of the data file that all deletes are about",
                  {kNone, kOpt, kOpt}},
    ManifestField{ids::kContentOffset,
                  "content_offset",
                  "Where in the file the content begins",
                  {kNone, kNone, kOpt}},
    ManifestField{ids::kContentSize,
                  "content_size_in_bytes",
                  "Length of the content in the file",
                  {kNone, kNone, kOpt}},
};

constexpr std::array kManifestFileFields{
    ManifestField{
        ids::kManifestPath, "manifest_path", "Location with scheme", {kReq, kReq, kReq}},
    ManifestField{
        ids::kManifestLength, "manifest_length", "Size of the file", {kReq, kReq, kReq}},
    ManifestField{ids::kPartitionSpecId,
                  "partition_spec_id",
                  "Spec that the files' partitions follow",
                  {kReq, kReq, kReq}},
    ManifestField{ids::kManifestContent, "content", "0: data, 1: deletes", {kNone, kReq, kReq}},
    ManifestField{ids::kManifestSequenceNumber,
                  "sequence_number",
                  "Sequence number of the commit that added the manifest",
                  {kNone, kReq, kReq}},
    ManifestField{ids::kMinSequenceNumber,
                  "min_sequence_number",
                  "Lowest data sequence number of live files",
                  {kNone, kReq, kReq}},
    ManifestField{ids::kAddedSnapshotId,
                  "added_snapshot_id",
                  "Snapshot that added the manifest",
                  {kReq, kReq, kReq}},
    ManifestField{ids::kAddedFilesCount,
                  "added_files_count",
                  "Number of added entries",
                  {kOpt, kReq, kReq}},
    ManifestField{ids::kExistingFilesCount,
                  "existing_files_count",
                  "Number of existing entries",
                  {kOpt, kReq, kReq}},
    ManifestField{ids::kDeletedFilesCount,
                  "deleted_files_count",
                  "Number of deleted entries",
                  {kOpt, kReq, kReq}},
    ManifestField{
        ids::kAddedRowsCount, "added_rows_count", "Rows of added entries", {kOpt, kReq, kReq}},
    ManifestField{ids::kExistingRowsCount,
                  "existing_rows_count",
                  "Rows of existing entries",
                  {kOpt, kReq, kReq}},
    ManifestField{ids::kDeletedRowsCount,
                  "deleted_rows_count",
                  "Rows of deleted entries",
                  {kOpt, kReq, kReq}},
    ManifestField{
        ids::kPartitions, "partitions", "Summary of each partition field", {kOpt, kOpt, kOpt}},
    ManifestField{ids::kManifestKeyMetadata,
                  "key_metadata",
                  "Encryption key metadata",
                  {kOpt, kOpt, kOpt}},
    ManifestField{ids::kManifestFirstRowId,
                  "first_row_id",
                  "First row id for rows that have none",
                  {kNone, kNone, kOpt}},
};

/// Names of manifest lists that were written before the specification had the ones above.
constexpr std::array kOldNames{
    ManifestField{ids::kAddedFilesCount, "added_data_files_count", "", {kNone, kNone, kNone}},
    ManifestField{
        ids::kExistingFilesCount, "existing_data_files_count", "", {kNone, kNone, kNone}},
    ManifestField{
        ids::kDeletedFilesCount, "deleted_data_files_count", "", {kNone, kNone, kNone}},
};

constexpr std::array kSummaryFields{
    ManifestField{
        ids::kContainsNull, "contains_null", "True if a value is null", {kReq, kReq, kReq}},
    ManifestField{
        ids::kContainsNan, "contains_nan", "True if a value is NaN", {kOpt, kOpt, kOpt}},
    ManifestField{ids::kLowerBound, "lower_bound", "Lowest value", {kOpt, kOpt, kOpt}},
    ManifestField{ids::kUpperBound, "upper_bound", "Highest value", {kOpt, kOpt, kOpt}},
};

std::vector<ManifestField> OfVersion(std::span<const ManifestField> fields,
                                     int format_version) {
  Check(format_version >= 1 && format_version <= 3, "a format version that has no manifests");
  std::vector<ManifestField> present;
  for (const ManifestField& field : fields) {
    if (field.presence[static_cast<size_t>(format_version - 1)] != kNone) {
      present.push_back(field);
    }
  }
  return present;
}

constexpr std::string_view kLong = "\"long\"";
constexpr std::string_view kInt = "\"int\"";
constexpr std::string_view kString = "\"string\"";
constexpr std::string_view kBytes = "\"bytes\"";

std::string PartitionRecordJson(const Type& partition_type) {
  AvroSchemaWriter record;
  record.Begin("r102");
  std::set<std::string> names;
  std::set<std::string> types;
  for (const Field& field : partition_type.fields()) {
    const std::string suffix = fmt::format("_{}", field.id);
    std::string name = AvroName(field.name);
    while (!names.insert(name).second) {  // of two names that Avro does not allow
      name += suffix;
    }
    std::string type = AvroTypeJson(field.type);
    if (!types.insert(type).second) {
      type = AvroTypeJson(field.type, suffix);
    }
    record.OptionalField(name, field.id, type);
  }
  return record.Finish();
}

/// Adds `field` to a record's schema as its format version has it.
void AddField(const ManifestField& field, int format_version, std::string_view type_json,
              AvroSchemaWriter* record) {
  if (field.is_required_in(format_version)) {
    record->Field(field.name, field.id, type_json, field.doc);
  } else {
    record->OptionalField(field.name, field.id, type_json, field.doc);
  }
}

std::string DataFileTypeJson(int32_t field_id, const Type& partition_type) {
  switch (field_id) {
    case ids::kFilePath:
    case ids::kFileFormat:
    case ids::kReferencedDataFile:
      return std::string(kString);
    case ids::kPartition:
      return PartitionRecordJson(partition_type);
    case ids::kContent:
    case ids::kSortOrderId:
      return std::string(kInt);
    case ids::kColumnSizes:
      return AvroSchemaWriter::MapJson(117, 118, kLong);
    case ids::kValueCounts:
      return AvroSchemaWriter::MapJson(119, 120, kLong);
    case ids::kNullValueCounts:
      return AvroSchemaWriter::MapJson(121, 122, kLong);
    case ids::kNanValueCounts:
      return AvroSchemaWriter::MapJson(138, 139, kLong);
    case ids::kLowerBounds:
      return AvroSchemaWriter::MapJson(126, 127, kBytes);
    case ids::kUpperBounds:
      return AvroSchemaWriter::MapJson(129, 130, kBytes);
    case ids::kKeyMetadata:
      return std::string(kBytes);
    case ids::kSplitOffsets:
      return AvroSchemaWriter::ListJson(133, kLong);
    case ids::kEqualityIds:
      return AvroSchemaWriter::ListJson(136, kInt);
    default:
      return std::string(kLong);
  }
}

std::string SummariesJson(int format_version) {
  AvroSchemaWriter summary;
  summary.Begin("r508");
  for (const ManifestField& field : kSummaryFields) {
    const bool is_flag = field.id == ids::kContainsNull || field.id == ids::kContainsNan;
    AddField(field, format_version, is_flag ? "\"boolean\"" : kBytes, &summary);
  }
  return AvroSchemaWriter::ListJson(508, summary.Finish());
}

std::string ManifestFileTypeJson(int32_t field_id, int format_version) {
  switch (field_id) {
    case ids::kManifestPath:
      return std::string(kString);
    case ids::kManifestKeyMetadata:
      return std::string(kBytes);
    case ids::kPartitions:
      return SummariesJson(format_version);
    case ids::kPartitionSpecId:
    case ids::kManifestContent:
    case ids::kAddedFilesCount:
    case ids::kExistingFilesCount:
    case ids::kDeletedFilesCount:
      return std::string(kInt);
    default:
      return std::string(kLong);
  }
}

}  // namespace

std::vector<ManifestField> ManifestEntryFields(int format_version) {
  return OfVersion(kEntryFields, format_version);
}
std::vector<ManifestField> DataFileFields(int format_version) {
  return OfVersion(kDataFileFields, format_version);
}
std::vector<ManifestField> ManifestFileFields(int format_version) {
  return OfVersion(kManifestFileFields, format_version);
}

std::span<const ManifestField> KnownEntryFields() { return kEntryFields; }
std::span<const ManifestField> KnownDataFileFields() { return kDataFileFields; }
std::span<const ManifestField> KnownManifestFileFields() {
  static const std::vector<ManifestField> fields = [] {
    std::vector<ManifestField> all(kManifestFileFields.begin(), kManifestFileFields.end());
    all.insert(all.end(), kOldNames.begin(), kOldNames.end());
    return all;
  }();
  return fields;
}
std::span<const ManifestField> KnownSummaryFields() { return kSummaryFields; }

std::string ManifestSchemaJson(int format_version, const Type& partition_type) {
  AvroSchemaWriter file;
  file.Begin("r2");
  for (const ManifestField& field : DataFileFields(format_version)) {
    AddField(field, format_version, DataFileTypeJson(field.id, partition_type), &file);
  }
  const std::string file_json = file.Finish();
  AvroSchemaWriter entry;
  entry.Begin("manifest_entry");
  for (const ManifestField& field : ManifestEntryFields(format_version)) {
    AddField(field, format_version,
             field.id == ids::kDataFile ? std::string_view(file_json)
             : field.id == ids::kStatus ? kInt
                                        : kLong,
             &entry);
  }
  return entry.Finish();
}

std::string ManifestListSchemaJson(int format_version) {
  AvroSchemaWriter record;
  record.Begin("manifest_file");
  for (const ManifestField& field : ManifestFileFields(format_version)) {
    AddField(field, format_version, ManifestFileTypeJson(field.id, format_version), &record);
  }
  return record.Finish();
}

}  // namespace floe::inline v0
