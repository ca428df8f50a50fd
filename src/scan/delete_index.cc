#include "scan/delete_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/scan/delete_file.h"
#include "floe/schema/literal.h"
#include "floe/schema/metrics.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "scan/equality_columns.h"
#include "schema/reserved_ids.h"

namespace floe::inline v0 {
namespace {

[[noreturn]] void FailDeleteFile(const std::string& path, std::string_view problem) {
  throw CorruptFileError(fmt::format("delete file {} {}", path, problem), {.path = path});
}

EqualityBounds BoundsOf(int32_t field_id, const Type& type, const ColumnMetrics& metrics) {
  EqualityBounds bounds{field_id, metrics.value_count, metrics.null_count, {}, {}};
  const bool may_have_nan = type.id() == TypeId::kFloat || type.id() == TypeId::kDouble;
  if (metrics.lower_bound && metrics.upper_bound && (!may_have_nan || metrics.nan_count == 0)) {
    bounds.lower = LiteralFromBytes(type, *metrics.lower_bound);
    bounds.upper = LiteralFromBytes(type, *metrics.upper_bound);
  }
  return bounds;
}

/// What a data file's metrics say of the columns that delete files compare rows by. Bounds are
/// parsed once, however many delete files ask for them.
class DataBounds {
 public:
  explicit DataBounds(MetricsById metrics) : metrics_(std::move(metrics)) {}

  /// Of the column of `deletes`, in the same type; bounds only if `deletes` has some.
  const EqualityBounds& Like(const EqualityBounds& deletes) {
    auto known = std::ranges::find(known_, deletes.field_id,
                                   [](const Known& column) { return column.bounds.field_id; });
    if (known == known_.end()) {
      known = known_.insert(known, {{deletes.field_id, {}, {}, {}, {}}, false});
      const auto found = metrics_.find(deletes.field_id);
      if (found != metrics_.end()) {
        known->bounds.value_count = found->second.value_count;
        known->bounds.null_count = found->second.null_count;
      }
    }
    if (deletes.lower && !known->is_parsed) {
      known->is_parsed = true;
      const auto found = metrics_.find(deletes.field_id);
      if (found != metrics_.end()) {
        known->bounds = BoundsOf(deletes.field_id, deletes.lower->type(), found->second);
      }
    }
    return known->bounds;
  }

 private:
  struct Known {
    EqualityBounds bounds;
    bool is_parsed;
  };

  MetricsById metrics_;
  std::vector<Known> known_;  ///< the columns that were asked for; few
};

bool HasNoNulls(const EqualityBounds& column) { return column.null_count == 0; }
bool HasOnlyNulls(const EqualityBounds& column) {
  return column.value_count && column.null_count == column.value_count;
}

/// False only if no row has a value that the delete file has, too.
bool MayShareValues(const EqualityBounds& deletes, const EqualityBounds& data) {
  if ((HasOnlyNulls(deletes) && HasNoNulls(data)) ||
      (HasNoNulls(deletes) && HasOnlyNulls(data))) {
    return false;
  }
  const bool both_may_have_nulls = !HasNoNulls(deletes) && !HasNoNulls(data);
  if (both_may_have_nulls || !deletes.lower || !deletes.upper || !data.lower || !data.upper) {
    return true;
  }
  return deletes.lower->Compare(*data.upper) <= 0 && data.lower->Compare(*deletes.upper) <= 0;
}

bool MayShareRows(const DeleteFile& file, DataBounds* data) {
  return std::ranges::all_of(file.equality_bounds, [&](const EqualityBounds& deletes) {
    return MayShareValues(deletes, data->Like(deletes));
  });
}

bool MayNamePath(const DeleteFile& file, std::string_view path) {
  // An upper bound may have been cut short: what it is the beginning of is not above it.
  return !file.lower_path || !file.upper_path ||
         (*file.lower_path <= path &&
          (path <= *file.upper_path || path.starts_with(*file.upper_path)));
}

void ReadPathBounds(const MetricsById& metrics, DeleteFile* file) {
  const auto paths = metrics.find(kDeletedFilePathId);
  if (paths == metrics.end()) {
    return;
  }
  file->lower_path = paths->second.lower_bound;
  file->upper_path = paths->second.upper_bound;
  if (!file->referenced_data_file && file->lower_path && file->lower_path == file->upper_path) {
    file->referenced_data_file = file->lower_path;
  }
}

void ReadEqualityColumns(const DataFile& data, const TableMetadata& metadata,
                         DeleteFile* file) {
  file->equality_ids = data.equality_ids;
  std::ranges::sort(file->equality_ids);
  const auto repeated = std::ranges::unique(file->equality_ids);
  file->equality_ids.erase(repeated.begin(), repeated.end());
  if (file->equality_ids.empty()) {
    FailDeleteFile(file->file_path, "has equality deletes, and no equality_ids");
  }
  for (const int32_t id : file->equality_ids) {
    const EqualityColumn column = FindEqualityColumn(metadata, *metadata.schema(), id);
    if (column.place == nullptr || column.place->in_list_or_map ||
        !column.place->field->type.is_primitive()) {
      FailDeleteFile(file->file_path,
                     fmt::format("compares rows by field {}, which is no column with single "
                                 "values of the table",
                                 id));
    }
    const auto metrics = data.metrics.find(id);
    if (metrics != data.metrics.end()) {
      file->equality_bounds.push_back(BoundsOf(id, column.place->field->type, metrics->second));
    }
  }
}

void ReadVector(const DataFile& data, DeleteFile* file) {
  if (!file->referenced_data_file || !data.content_offset || !data.content_size_in_bytes) {
    FailDeleteFile(file->file_path,
                   "is a deletion vector without referenced_data_file, content_offset or "
                   "content_size_in_bytes");
  }
  file->content_offset = data.content_offset;
  file->content_size_in_bytes = data.content_size_in_bytes;
}

/// The files of a group from the first on whose sequence number is at least `least`.
std::span<const DeleteFilePtr> NewerThan(const std::vector<DeleteFilePtr>& group,
                                         int64_t least) {
  const auto first = std::ranges::lower_bound(
      group, least, {}, [](const DeleteFilePtr& file) { return file->sequence_number; });
  return {first, group.end()};
}

}  // namespace

DeleteIndex::DeleteIndex(const std::vector<ManifestEntriesPtr>& manifests,
                         const TableMetadata& metadata) {
  for (const ManifestEntriesPtr& entries : manifests) {
    const bool is_global = metadata.SpecById(entries->spec_id())->is_unpartitioned();
    for (size_t i = 0; i < entries->size(); ++i) {
      const DataFile data = entries->ToDataFile(i);
      auto file = std::make_shared<DeleteFile>();
      file->content = data.content;
      file->file_format = data.file_format;
      file->file_path = data.file_path;
      file->sequence_number = entries->sequence_number(i);
      file->spec_id = data.spec_id;
      file->record_count = data.record_count;
      file->file_size_in_bytes = data.file_size_in_bytes;
      file->scope = ScopeOf(*entries, i);
      if (data.content == FileContent::kEqualityDeletes) {
        ReadEqualityColumns(data, metadata, file.get());
      } else {
        file->referenced_data_file = data.referenced_data_file;
        ReadPathBounds(data.metrics, file.get());
        if (file->is_deletion_vector()) {
          ReadVector(data, file.get());
        }
      }
      Add(std::move(file), is_global);
    }
  }
  const auto by_sequence_number = [](const DeleteFilePtr& file) {
    return file->sequence_number;
  };
  for (auto* groups : {&by_scope_, &equality_}) {
    for (auto& [scope, group] : *groups) {
      std::ranges::stable_sort(group, {}, by_sequence_number);
    }
  }
  for (auto& [path, deletes] : by_path_) {
    std::ranges::stable_sort(deletes.positions, {}, by_sequence_number);
  }
}

void DeleteIndex::Add(DeleteFilePtr file, bool is_global) {
  if (file->content == FileContent::kEqualityDeletes) {
    if (is_global) {
      auto global = std::make_shared<DeleteFile>(*file);
      global->scope.clear();
      file = std::move(global);
    }
    equality_[file->scope].push_back(file);
    return;
  }
  if (!file->referenced_data_file) {
    by_scope_[file->scope].push_back(file);
    return;
  }
  PathDeletes& deletes = by_path_[*file->referenced_data_file];
  if (!file->is_deletion_vector()) {
    deletes.positions.push_back(std::move(file));
    return;
  }
  if (deletes.deletion_vector != nullptr) {
    FailDeleteFile(
        file->file_path,
        fmt::format("has a deletion vector for data file {}, which has another one "
                    "in {}",
                    *file->referenced_data_file, deletes.deletion_vector->file_path));
  }
  deletes.deletion_vector = std::move(file);
}

std::string DeleteIndex::ScopeOf(const ManifestEntries& entries, size_t index) const {
  return fmt::format("{}:", entries.spec_id()) + PartitionKey(entries.partition(index));
}

void DeleteIndex::FindPositions(const ManifestEntries& entries, size_t index,
                                const std::string& scope, size_t most,
                                std::vector<DeleteFilePtr>* found) const {
  const int64_t sequence_number = entries.sequence_number(index);
  const std::string path(entries.file_path(index));
  const auto of_path = by_path_.find(path);
  if (of_path != by_path_.end()) {
    const DeleteFilePtr& vector = of_path->second.deletion_vector;
    if (vector != nullptr && vector->sequence_number >= sequence_number) {
      found->push_back(vector);  // it has what position delete files have
      return;
    }
    for (const DeleteFilePtr& file : NewerThan(of_path->second.positions, sequence_number)) {
      found->push_back(file);
    }
  }
  const auto of_scope = by_scope_.find(scope);
  if (of_scope == by_scope_.end()) {
    return;
  }
  for (const DeleteFilePtr& file : NewerThan(of_scope->second, sequence_number)) {
    if (found->size() >= most) {
      return;
    }
    if (MayNamePath(*file, path)) {
      found->push_back(file);
    }
  }
}

void DeleteIndex::FindEqualities(const ManifestEntries& entries, size_t index,
                                 const std::string& scope, size_t most,
                                 std::vector<DeleteFilePtr>* found) const {
  std::optional<DataBounds> data;
  for (const std::string& candidate : {std::string(), scope}) {
    const auto group = equality_.find(candidate);
    if (group == equality_.end()) {
      continue;
    }
    for (const DeleteFilePtr& file :
         NewerThan(group->second, entries.sequence_number(index) + 1)) {
      if (found->size() >= most) {
        return;
      }
      if (!data) {
        data.emplace(entries.has_details() ? entries.ToDataFile(index).metrics : MetricsById());
      }
      if (MayShareRows(*file, &*data)) {
        found->push_back(file);
      }
    }
  }
}

std::vector<DeleteFilePtr> DeleteIndex::FindAtMost(const ManifestEntries& entries, size_t index,
                                                   size_t most) const {
  std::vector<DeleteFilePtr> found;
  if (empty()) {
    return found;
  }
  const std::string scope = ScopeOf(entries, index);
  FindPositions(entries, index, scope, most, &found);
  if (found.size() < most) {
    FindEqualities(entries, index, scope, most, &found);
  }
  return found;
}

std::vector<DeleteFilePtr> DeleteIndex::Find(const ManifestEntries& entries,
                                             size_t index) const {
  return FindAtMost(entries, index, std::numeric_limits<size_t>::max());
}

bool DeleteIndex::Finds(const ManifestEntries& entries, size_t index) const {
  return !FindAtMost(entries, index, 1).empty();
}

}  // namespace floe::inline v0
