#include "support/delete_files.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/manifest_writer.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/update.h"
#include "floe/partition/spec.h"
#include "floe/puffin/deletion_vector.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/puffin/puffin_file.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "parquet/arrow_schema.h"
#include "parquet/data_file_writer.h"
#include "support/rows.h"
#include "write/write_settings.h"

namespace floe::testing {
namespace {

std::string NewLocation(const Table& table, const char* suffix) {
  return fmt::format("{}/data/{:016x}-deletes.{}", table.metadata().location,
                     table.environment().random->Next(), suffix);
}

DataFile WriteParquet(const Table& table, const DeleteScope& scope, const Schema& schema,
                      const std::string& rows) {
  const std::string location = NewLocation(table, "parquet");
  ParquetDataWriter writer(*table.io(), location, schema, WriteSettings::Of({}, schema).file);
  const auto batch = BatchOf(ToArrowSchema(schema), rows);
  writer.WriteRowGroup({batch}, {});
  const auto written = writer.Close();
  DataFile file;
  file.file_path = location;
  file.spec_id = scope.spec_id;
  file.partition = scope.partition;
  file.record_count = batch->num_rows();
  file.file_size_in_bytes = written.size_bytes;
  file.metrics = written.metrics;
  return file;
}

/// Writes manifests and a manifest list.
/// A summary with the totals of `before` and those of delete files that were added.
Properties TotalsAfter(const Properties& before, const std::vector<DataFile>& files) {
  int64_t positions = 0;
  int64_t equalities = 0;
  for (const DataFile& file : files) {
    (file.content == FileContent::kPositionDeletes ? positions : equalities) +=
        file.record_count;
  }
  Properties totals;
  for (const auto& [key, value] : before) {
    const int64_t more = key == "total-delete-files"       ? static_cast<int64_t>(files.size())
                         : key == "total-position-deletes" ? positions
                         : key == "total-equality-deletes" ? equalities
                                                           : 0;
    if (key.starts_with("total-")) {
      SetProperty(key, fmt::to_string(std::stoll(value) + more), &totals);
    }
  }
  return totals;
}

std::vector<TableUpdate> AddDeletes(const Table& table, const std::vector<DataFile>& files,
                                    std::optional<int64_t> sequence_number) {
  const TableMetadata& metadata = table.metadata();
  const SnapshotPtr parent = metadata.current_snapshot();
  const auto snapshot_id = static_cast<int64_t>(table.environment().random->Next() >> 2U);
  const std::string sync(16, 's');
  std::vector<ManifestFile> manifests = ReadManifestList(*table.io(), parent->manifest_list);
  std::map<int32_t, std::vector<DataFile>> by_spec;
  for (const DataFile& file : files) {
    by_spec[file.spec_id].push_back(file);
  }
  for (const auto& [spec_id, of_spec] : by_spec) {
    const PartitionSpec& spec = *metadata.SpecById(spec_id);
    const Type type = PartitionType(spec, *metadata.schema(), metadata.schemas);
    ManifestWriter writer(*metadata.schema(), spec, type, snapshot_id, sync,
                          {.format_version = 3, .content = ManifestContent::kDeletes});
    for (const DataFile& file : of_spec) {
      writer.Add({EntryStatus::kAdded, snapshot_id, sequence_number, sequence_number, file});
    }
    ManifestWriter::Finished finished = std::move(writer).Finish();
    finished.manifest.manifest_path =
        fmt::format("{}/{}-{}.avro", table.metadata_folder(), snapshot_id, spec_id);
    WriteFile(*table.io(), finished.manifest.manifest_path, finished.content);
    manifests.push_back(finished.manifest);
  }
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->snapshot_id = snapshot_id;
  snapshot->parent_snapshot_id = parent->snapshot_id;
  snapshot->sequence_number = metadata.last_sequence_number + 1;
  snapshot->timestamp_ms =
      std::max(table.environment().clock->NowMs(), metadata.last_updated_ms);
  snapshot->manifest_list =
      fmt::format("{}/snap-{}.avro", table.metadata_folder(), snapshot_id);
  snapshot->operation = "delete";
  snapshot->summary = TotalsAfter(parent->summary.ToProperties(), files);
  snapshot->schema_id = metadata.current_schema_id;
  if (metadata.format_version > 2) {
    snapshot->first_row_id = metadata.next_row_id;
    snapshot->added_rows = 0;
  }
  WriteFile(*table.io(), snapshot->manifest_list,
            EncodeManifestList(manifests,
                               {.format_version = std::max(2, metadata.format_version),
                                .snapshot_id = snapshot_id,
                                .parent_snapshot_id = parent->snapshot_id,
                                .sequence_number = snapshot->sequence_number,
                                .first_row_id = snapshot->first_row_id},
                               sync));
  return {AddSnapshotUpdate{snapshot},
          SetSnapshotRefUpdate{std::string(kMainBranch), {.snapshot_id = snapshot_id}}};
}

}  // namespace

DataFile WritePositionDeletes(const Table& table, const DeleteScope& scope,
                              const std::vector<std::pair<std::string, int64_t>>& rows) {
  const Schema schema({{.id = 2'147'483'546,
                        .name = "file_path",
                        .type = Type::Of(TypeId::kString),
                        .required = true},
                       {.id = 2'147'483'545,
                        .name = "pos",
                        .type = Type::Of(TypeId::kLong),
                        .required = true}});
  JsonWriter json;
  json.BeginArray();
  for (const auto& [path, position] : rows) {
    json.BeginArray().String(path).Int(position).EndArray();
  }
  DataFile file = WriteParquet(table, scope, schema, std::move(json.EndArray()).Take());
  file.content = FileContent::kPositionDeletes;
  // As Java keeps them: bounds of paths are not cut short.
  const auto [least, most] = std::ranges::minmax_element(rows);
  file.metrics[2'147'483'546].lower_bound = least->first;
  file.metrics[2'147'483'546].upper_bound = most->first;
  return file;
}

DataFile WriteEqualityDeletes(const Table& table, const DeleteScope& scope,
                              const Schema& schema, const std::string& rows,
                              std::vector<int32_t> equality_ids,
                              const std::vector<int32_t>& bounds_of) {
  DataFile file = WriteParquet(table, scope, schema, rows);
  file.content = FileContent::kEqualityDeletes;
  file.equality_ids = std::move(equality_ids);
  std::erase_if(file.metrics, [&](const auto& column) {
    return std::ranges::find(bounds_of, column.first) == bounds_of.end();
  });
  return file;
}

DataFile WriteDeletionVector(const Table& table, const DeleteScope& scope,
                             const std::string& path, const std::vector<int64_t>& positions) {
  const PositionBitmap bitmap(positions);
  PuffinWriter writer;
  const PuffinBlob blob =
      writer.Add({.type = std::string(kDeletionVectorBlob),
                  .properties = {{"referenced-data-file", path},
                                 {"cardinality", std::to_string(bitmap.cardinality())}}},
                 EncodeDeletionVector(bitmap));
  const std::string content = std::move(writer).Finish({});
  DataFile file;
  file.content = FileContent::kPositionDeletes;
  file.file_format = FileFormat::kPuffin;
  file.file_path = NewLocation(table, "puffin");
  file.spec_id = scope.spec_id;
  file.partition = scope.partition;
  file.record_count = bitmap.cardinality();
  file.file_size_in_bytes = static_cast<int64_t>(content.size());
  file.referenced_data_file = path;
  file.content_offset = blob.offset;
  file.content_size_in_bytes = blob.length;
  WriteFile(*table.io(), file.file_path, content);
  return file;
}

Table WithDeletes(const Table& table, const std::vector<DataFile>& files,
                  std::optional<int64_t> sequence_number) {
  auto metadata = std::make_shared<const TableMetadata>(
      ApplyUpdates(table.metadata(), AddDeletes(table, files, sequence_number),
                   table.metadata_location(), table.environment().clock->NowMs()));
  return {table.identifier(),
          std::move(metadata),
          table.metadata_location(),
          table.catalog().shared_from_this(),
          table.io(),
          table.environment()};
}

Table CommitDeletes(const Table& table, const std::vector<DataFile>& files) {
  return table.catalog()
      .CommitTable(table, {.requirements = {},
                           .updates = AddDeletes(table, files, std::nullopt),
                           .new_files = {}})
      .table.value();
}

}  // namespace floe::testing
