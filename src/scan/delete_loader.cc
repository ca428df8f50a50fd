#include "scan/delete_loader.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/puffin/deletion_vector.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/puffin/puffin_file.h"
#include "floe/scan/delete_file.h"
#include "floe/scan/plan.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "io/parallel_requests.h"
#include "parquet/data_file_reader.h"
#include "scan/equality_columns.h"
#include "scan/equality_set.h"
#include "scan/open_data_file.h"
#include "schema/reserved_ids.h"

namespace floe::inline v0 {
namespace {

/// Of the scan's memory, what delete files may keep.
constexpr int64_t kBudgetShare = 2;

/// The deletes of one data file.
class TaskDeletes final : public RowDeletes {
 public:
  struct Equalities {
    std::shared_ptr<const EqualitySet> set;
    int64_t sequence_number;  ///< of the data file
  };

  TaskDeletes(std::vector<std::shared_ptr<const PositionBitmap>> positions,
              std::vector<Equalities> equalities, SchemaPtr columns)
      : positions_(std::move(positions)),
        equalities_(std::move(equalities)),
        columns_(std::move(columns)) {}

  SchemaPtr columns() const override { return columns_; }

  bool MayTouch(int64_t first_row, int64_t row_count) const override {
    return !equalities_.empty() || std::ranges::any_of(positions_, [&](const auto& positions) {
      return positions->Intersects(first_row, first_row + row_count);
    });
  }

  void Clear(int64_t first_row, const arrow::RecordBatch* rows,
             std::span<uint8_t> mask) const override {
    const auto row_count = static_cast<int64_t>(mask.size());
    for (const auto& positions : positions_) {
      positions->ForEachRun(
          first_row, first_row + row_count, [&](int64_t first, int64_t count) {
            std::fill_n(mask.begin() + (first - first_row), count, uint8_t{0});
          });
    }
    for (const Equalities& equalities : equalities_) {
      equalities.set->Clear(*columns_, *rows, equalities.sequence_number, mask);
    }
  }

 private:
  std::vector<std::shared_ptr<const PositionBitmap>> positions_;
  std::vector<Equalities> equalities_;
  SchemaPtr columns_;
};

/// The columns of position delete files.
SchemaPtr PositionColumns() {
  return std::make_shared<const Schema>(std::vector<Field>{{.id = kDeletedFilePathId,
                                                            .name = "file_path",
                                                            .type = Type::Of(TypeId::kString),
                                                            .required = true},
                                                           {.id = kDeletedPositionId,
                                                            .name = "pos",
                                                            .type = Type::Of(TypeId::kLong),
                                                            .required = true}});
}

/// Reads all rows of a delete file on this thread.
void ReadRows(const TableScan& scan, const DeleteFile& file, const SchemaPtr& columns,
              const std::function<void(const arrow::RecordBatch& rows)>& take) {
  const auto reader = OpenDataFile(*scan.table().io(), file.file_path, file.file_format,
                                   {.projection = columns,
                                    .filter_schema = columns,
                                    .filter = BoundExpression::True(),
                                    .batch_rows = scan.options().batch_rows,
                                    .file_size = file.file_size_in_bytes});
  ParallelOptions alone = scan.options().parallel;
  alone.max_parallelism = 1;
  for (const int unit : reader->units()) {
    reader->ReadUnit(unit, alone, [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
      take(*rows);
      return true;
    });
  }
}

[[noreturn]] void FailDeleteFile(const DeleteFile& file, std::string_view problem) {
  throw CorruptFileError(fmt::format("delete file {} {}", file.file_path, problem),
                         {.path = file.file_path});
}

/// Positions by data file, as they come.
class PositionCollector {
 public:
  explicit PositionCollector(const DeleteFile& file) : file_(file) {}

  void Add(const arrow::RecordBatch& rows) {
    const auto& paths = static_cast<const arrow::StringArray&>(*rows.column(0));
    const auto& positions = static_cast<const arrow::Int64Array&>(*rows.column(1));
    if (paths.null_count() > 0 || positions.null_count() > 0) {
      FailDeleteFile(file_, "has a row without file_path or pos");
    }
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      const std::string_view path = paths.GetView(row);
      if (current_ == nullptr || path != current_->first) {  // mostly sorted
        current_ = &*by_path_.try_emplace(std::string(path)).first;
      }
      if (positions.Value(row) < 0) {
        FailDeleteFile(file_, fmt::format("has pos {}", positions.Value(row)));
      }
      current_->second.push_back(positions.Value(row));
    }
  }

  std::unordered_map<std::string, std::vector<int64_t>> Take() && {
    return std::move(by_path_);
  }

 private:
  const DeleteFile& file_;
  std::unordered_map<std::string, std::vector<int64_t>> by_path_;
  std::pair<const std::string, std::vector<int64_t>>* current_ = nullptr;
};

}  // namespace

DeleteLoader::DeleteLoader(const TableScan& scan)
    : scan_(scan),
      budget_bytes_(static_cast<size_t>(scan.options().memory_bytes / kBudgetShare)) {}

/// Those of the delete files that have any of the data file `path`.
DeleteLoader::Positions DeleteLoader::LoadAllPositions(
    const std::string& path, const std::vector<DeleteFilePtr>& files) {
  Positions positions(files.size());
  if (files.empty()) {
    return positions;
  }
  ParallelFor(
      files.size(),
      [&](size_t i) {
        const DeleteFile& file = *files[i];
        if (file.is_deletion_vector()) {
          positions[i] = LoadVector(file);
        } else if (file.content == FileContent::kPositionDeletes) {
          const PositionFilePtr all = LoadFile(file);
          const auto of_path = all->by_path.find(path);
          if (of_path != all->by_path.end()) {
            positions[i] = {all, &of_path->second};
          }
        }
      },
      ParallelRequests(*scan_.table().io(), files.front()->file_path,
                       scan_.options().parallel));
  std::erase(positions, nullptr);
  return positions;
}

PositionBitmap DeleteLoader::LoadPositions(const ScanTask& task) {
  const auto all = LoadAllPositions(std::string(task.file_path()), task.delete_files());
  if (all.size() == 1) {
    return *all.front();
  }
  std::vector<int64_t> positions;
  for (const auto& some : all) {
    const std::vector<int64_t> more = some->ToPositions();
    positions.insert(positions.end(), more.begin(), more.end());
  }
  return PositionBitmap(std::move(positions));
}

std::shared_ptr<const RowDeletes> DeleteLoader::Load(const ScanTask& task,
                                                     PositionBitmap more) {
  const std::vector<DeleteFilePtr> files = task.delete_files();
  Positions positions = LoadAllPositions(std::string(task.file_path()), files);
  if (!more.empty()) {
    positions.push_back(std::make_shared<const PositionBitmap>(std::move(more)));
  }
  std::map<EqualityKey, std::vector<DeleteFilePtr>> by_key;
  for (const DeleteFilePtr& file : files) {
    if (file->content == FileContent::kEqualityDeletes) {
      by_key[{file->scope, file->equality_ids}].push_back(file);
    }
  }
  std::vector<TaskDeletes::Equalities> equalities;
  std::vector<int32_t> field_ids;
  for (const auto& [key, of_key] : by_key) {
    equalities.push_back({LoadEqualities(key, of_key), task.sequence_number()});
    field_ids.insert(field_ids.end(), key.second.begin(), key.second.end());
  }
  if (positions.empty() && equalities.empty()) {
    return nullptr;
  }
  SchemaPtr columns =
      equalities.empty() ? nullptr
                         : EqualitySchema(scan_.table().metadata(), *scan_.schema(), field_ids);
  return std::make_shared<TaskDeletes>(std::move(positions), std::move(equalities),
                                       std::move(columns));
}

std::shared_ptr<const PositionBitmap> DeleteLoader::LoadVector(const DeleteFile& file) const {
  const std::unique_ptr<InputFile> input = scan_.table().io()->OpenHinted(
      file.file_path,
      {.size = file.file_size_in_bytes, .tail_bytes = TailBytes(file.file_size_in_bytes)});
  const std::string blob = ReadPuffinBlob(
      *input, {.offset = *file.content_offset, .length = *file.content_size_in_bytes});
  auto positions =
      std::make_shared<const PositionBitmap>(DecodeDeletionVector(blob, file.file_path));
  if (positions->cardinality() != file.record_count) {
    FailDeleteFile(
        file, fmt::format("has a deletion vector of {} rows at byte {}, and its "
                          "manifest says that they are {}",
                          positions->cardinality(), *file.content_offset, file.record_count));
  }
  return positions;
}

DeleteLoader::PositionFilePtr DeleteLoader::LoadFile(const DeleteFile& file) {
  {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto [kept, is_new] = positions_.try_emplace(file.file_path);
      kept->second.used = ++uses_;
      if (is_new) {
        break;
      }
      if (kept->second.file != nullptr) {
        return kept->second.file;
      }
      read_.wait(lock);  // for the thread that reads it now
    }
  }
  PositionFilePtr positions;
  try {
    positions = ReadPositions(file);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    positions_.erase(file.file_path);
    read_.notify_all();
    throw;
  }
  const std::lock_guard lock(mutex_);
  positions_[file.file_path].file = positions;
  DropBeyondBudget();
  read_.notify_all();
  return positions;
}

DeleteLoader::PositionFilePtr DeleteLoader::ReadPositions(const DeleteFile& file) const {
  PositionCollector collector(file);
  ReadRows(scan_, file, PositionColumns(),
           [&](const arrow::RecordBatch& rows) { collector.Add(rows); });
  auto positions = std::make_shared<PositionFile>();
  for (auto& [path, of_path] : std::move(collector).Take()) {
    PositionBitmap bitmap(std::move(of_path));
    positions->memory_bytes += path.size() + bitmap.memory_bytes();
    positions->by_path.emplace(path, std::move(bitmap));
  }
  return positions;
}

std::shared_ptr<EqualitySet> DeleteLoader::LoadEqualities(
    const EqualityKey& key, const std::vector<DeleteFilePtr>& files) {
  std::shared_ptr<EqualitySet> set;
  {
    const std::lock_guard lock(mutex_);
    KeptEqualities& kept = equalities_[key];
    kept.used = ++uses_;
    if (kept.set == nullptr) {
      kept.set = std::make_shared<EqualitySet>(
          key.second, EqualitySchema(scan_.table().metadata(), *scan_.schema(), key.second));
    }
    set = kept.set;
  }
  {
    const std::lock_guard loading(set->loading());
    std::vector<const DeleteFile*> missing;
    for (const DeleteFilePtr& file : files) {
      if (!set->loaded().contains(file->file_path)) {
        missing.push_back(file.get());
      }
    }
    ParallelFor(
        missing.size(), [&](size_t i) { ReadEqualities(*missing[i], set.get()); },
        ParallelRequests(*scan_.table().io(), files.front()->file_path,
                         scan_.options().parallel));
    for (const DeleteFile* file : missing) {
      set->loaded().insert(file->file_path);
    }
  }
  const std::lock_guard lock(mutex_);
  DropBeyondBudget();
  return set;
}

void DeleteLoader::ReadEqualities(const DeleteFile& file, EqualitySet* set) const {
  ReadRows(scan_, file, set->schema(),
           [&](const arrow::RecordBatch& rows) { set->Add(rows, file.sequence_number); });
}

/// mutex_ is held.
void DeleteLoader::DropBeyondBudget() {
  size_t bytes = 0;
  for (const auto& [location, kept] : positions_) {
    bytes += kept.file == nullptr ? 0 : kept.file->memory_bytes;
  }
  for (const auto& [key, kept] : equalities_) {
    bytes += kept.set->memory_bytes();
  }
  while (bytes > budget_bytes_) {
    auto oldest = positions_.end();
    for (auto kept = positions_.begin(); kept != positions_.end(); ++kept) {
      const bool is_older =
          oldest == positions_.end() || kept->second.used < oldest->second.used;
      if (kept->second.file != nullptr && is_older) {
        oldest = kept;
      }
    }
    const auto oldest_set = std::ranges::min_element(
        equalities_, {}, [](const auto& kept) { return kept.second.used; });
    if (oldest == positions_.end() && oldest_set == equalities_.end()) {
      return;
    }
    if (oldest_set == equalities_.end() ||
        (oldest != positions_.end() && oldest->second.used < oldest_set->second.used)) {
      bytes -= oldest->second.file->memory_bytes;
      positions_.erase(oldest);
    } else {
      bytes -= std::min(bytes, oldest_set->second.set->memory_bytes());
      equalities_.erase(oldest_set);
    }
  }
}

}  // namespace floe::inline v0
