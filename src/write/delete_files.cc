#include "floe/write/delete_files.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/environment.h"
#include "floe/base/parallel.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/table_properties.h"
#include "floe/partition/spec.h"
#include "floe/puffin/deletion_vector.h"
#include "floe/puffin/puffin_file.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "io/parallel_requests.h"
#include "parquet/arrow_schema.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_writer.h"
#include "schema/reserved_ids.h"
#include "write/write_settings.h"

namespace floe::inline v0 {
namespace {

ArrowContext Writing() { return ArrowContext::Internal("writing position deletes"); }

Schema PositionDeleteSchema() {
  return Schema({{.id = kDeletedFilePathId,
                  .name = "file_path",
                  .type = Type::Of(TypeId::kString),
                  .required = true},
                 {.id = kDeletedPositionId,
                  .name = "pos",
                  .type = Type::Of(TypeId::kLong),
                  .required = true}});
}

/// Rows for one delete file, of data files of one partition, by path.
using Group = std::vector<DeletedRows>;

bool IsOfOneFile(const Table& table) {
  return ToLower(TextProperty(table.metadata().properties,
                              table_properties::kDeleteGranularity)) == "file";
}

/// Rows are sorted by path, then position, as the specification wants them.
std::vector<Group> GroupDeletes(const Table& table, std::vector<DeletedRows> deletes) {
  std::ranges::sort(deletes, {}, &DeletedRows::data_file);
  std::vector<Group> groups;
  const bool is_of_one_file = IsOfOneFile(table);
  std::map<std::pair<int32_t, std::string>, size_t> of_partition;
  for (DeletedRows& rows : deletes) {
    const auto [known, is_new] =
        of_partition.try_emplace({rows.spec_id, PartitionKey(rows.partition)}, groups.size());
    if (is_new || is_of_one_file) {
      groups.push_back({std::move(rows)});
    } else {
      groups[known->second].push_back(std::move(rows));
    }
  }
  return groups;
}

class PositionDeleteFile {
 public:
  PositionDeleteFile(const Table& table, const Schema& schema, const std::string& location,
                     ParallelOptions parallel)
      : settings_(WriteSettings::Of(table.metadata().properties, schema)),
        arrow_schema_(ToArrowSchema(schema)),
        parallel_(std::move(parallel)) {
    // A path that is cut short would not tell which data files are meant.
    for (auto& [id, mode] : settings_.file.metrics_modes) {
      mode.kind = MetricsMode::Kind::kFull;
    }
    file_ = std::make_unique<ParquetDataWriter>(*table.io(), location, schema, settings_.file);
  }

  void Add(const DeletedRows& rows) {
    for (const int64_t position : rows.positions.ToPositions()) {
      ThrowIfNotOk(paths_.Append(rows.data_file), Writing());
      ThrowIfNotOk(positions_.Append(position), Writing());
      if (paths_.length() == settings_.row_group_rows) {
        WriteRowGroup();
      }
    }
  }

  ParquetDataWriter::Written Close() {
    if (paths_.length() > 0) {
      WriteRowGroup();
    }
    return file_->Close();
  }

 private:
  void WriteRowGroup() {
    const int64_t count = paths_.length();
    const auto paths = ValueOrThrow(paths_.Finish(), Writing());
    const auto positions = ValueOrThrow(positions_.Finish(), Writing());
    file_->WriteRowGroup({arrow::RecordBatch::Make(arrow_schema_, count, {paths, positions})},
                         parallel_);
  }

  WriteSettings settings_;
  const std::shared_ptr<arrow::Schema> arrow_schema_;
  const ParallelOptions parallel_;
  std::unique_ptr<ParquetDataWriter> file_;
  arrow::StringBuilder paths_;
  arrow::Int64Builder positions_;
};

std::string FolderOf(const Table& table, const DeletedRows& rows) {
  const PartitionSpec& spec = *table.metadata().SpecById(rows.spec_id);
  return spec.fields().empty() ? table.data_location()
                               : table.data_location() + "/" + spec.PathOf(rows.partition);
}

WrittenDeletes WriteGroup(const Table& table, const Group& group, const std::string& name,
                          const ParallelOptions& parallel) {
  const Schema schema = PositionDeleteSchema();
  const DeletedRows& first = group.front();
  WrittenDeletes written;
  DataFile& file = written.file;
  file.content = FileContent::kPositionDeletes;
  file.file_path = fmt::format("{}/{}", FolderOf(table, first), name);
  file.spec_id = first.spec_id;
  file.partition = first.partition;
  PositionDeleteFile output(table, schema, file.file_path, parallel);
  for (const DeletedRows& rows : group) {
    output.Add(rows);
    written.data_files.push_back(rows.data_file);
  }
  ParquetDataWriter::Written closed = output.Close();
  file.record_count = closed.row_count;
  file.file_size_in_bytes = closed.size_bytes;
  file.metrics = std::move(closed.metrics);
  file.split_offsets = std::move(closed.split_offsets);
  if (group.size() == 1) {
    file.referenced_data_file = first.data_file;
  }
  return written;
}

}  // namespace

std::vector<WrittenDeletes> WritePositionDeletes(const Table& table,
                                                 std::vector<DeletedRows> deletes,
                                                 const ParallelOptions& parallel) {
  const std::vector<Group> groups = GroupDeletes(table, std::move(deletes));
  const std::string uuid = MakeUuid(*table.environment().random);
  std::vector<WrittenDeletes> written(groups.size());
  try {
    ParallelFor(
        groups.size(),
        [&](size_t i) {
          written[i] = WriteGroup(table, groups[i],
                                  fmt::format("{:05}-{}-deletes.parquet", i, uuid), parallel);
        },
        ParallelRequests(*table.io(), table.data_location(), parallel));
  } catch (...) {
    std::vector<std::string> paths;
    for (const WrittenDeletes& one : written) {
      if (one.file.file_size_in_bytes > 0) {
        paths.push_back(one.file.file_path);
      }
    }
    DeleteLeftovers(*table.io(), paths);
    throw;
  }
  return written;
}

std::vector<WrittenDeletes> WriteDeletionVectors(const Table& table,
                                                 const std::vector<DeletedRows>& deletes) {
  const std::string location = fmt::format("{}/{}-deletes.puffin", table.data_location(),
                                           MakeUuid(*table.environment().random));
  PuffinWriter puffin;
  std::vector<WrittenDeletes> written;
  for (const DeletedRows& rows : deletes) {
    const int64_t count = rows.positions.cardinality();
    const PuffinBlob blob = puffin.Add({.type = std::string(kDeletionVectorBlob),
                                        .fields = {kPositionColumnId},
                                        .properties = {{"referenced-data-file", rows.data_file},
                                                       {"cardinality", fmt::to_string(count)}}},
                                       EncodeDeletionVector(rows.positions));
    DataFile file;
    file.content = FileContent::kPositionDeletes;
    file.file_path = location;
    file.file_format = FileFormat::kPuffin;
    file.spec_id = rows.spec_id;
    file.partition = rows.partition;
    file.record_count = count;
    file.referenced_data_file = rows.data_file;
    file.content_offset = blob.offset;
    file.content_size_in_bytes = blob.length;
    written.push_back({.file = std::move(file), .data_files = {rows.data_file}});
  }
  const std::string content = std::move(puffin).Finish({{"created-by", "floe"}});
  for (WrittenDeletes& one : written) {
    one.file.file_size_in_bytes = static_cast<int64_t>(content.size());
  }
  WriteUniqueFile(*table.io(), location, content);
  return written;
}

}  // namespace floe::inline v0
