#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/partition/spec.h"

namespace floe::inline v0 {

class DataFileDecoder;

/// Bytes of an arena.
struct PackedBytes {
  uint32_t offset;
  uint32_t size;
};

/// A partition value as manifests are decoded into: inline, or bytes of an arena.
struct PackedValue {
  enum class Kind : uint8_t { kNull, kInteger, kDouble, kBytes };
  union {
    int64_t integer;
    double floating;
    PackedBytes bytes;
  };
  Kind kind = Kind::kNull;
};

/// A number for each entry. Takes memory for each only if they are not all the same, as those
/// of one commit are.
template <class T>
class EntryColumn {
 public:
  size_t size() const { return size_; }
  T operator[](size_t i) const { return values_[values_.size() == 1 ? 0 : i]; }
  void push_back(T value) {
    if (values_.size() != 1 || value != values_[0]) {
      values_.resize(size_, values_.empty() ? value : values_[0]);
      values_.push_back(value);
    }
    ++size_;
  }
  void shrink_to_fit() { values_.shrink_to_fit(); }
  size_t capacity() const { return values_.capacity(); }

 private:
  std::vector<T> values_;  ///< one for all, or one for each
  size_t size_ = 0;
};

/// The live (or all) entries of one manifest, decoded into arrays: numbers side by side, all
/// bytes in one arena, nothing on the heap for each file. Immutable and thread-safe once made.
class ManifestEntries {
 public:
  size_t size() const { return status_.size(); }
  EntryStatus status(size_t i) const { return static_cast<EntryStatus>(status_[i]); }
  int64_t snapshot_id(size_t i) const { return snapshot_id_[i]; }
  int64_t sequence_number(size_t i) const { return sequence_number_[i]; }
  int64_t file_sequence_number(size_t i) const { return file_sequence_number_[i]; }
  FileContent content(size_t i) const { return static_cast<FileContent>(content_[i]); }
  FileFormat file_format(size_t i) const { return static_cast<FileFormat>(file_format_[i]); }
  std::string_view file_path(size_t i) const {
    return std::string_view(arena_).substr(path_offset_[i], path_size_[i]);
  }
  int64_t record_count(size_t i) const { return record_count_[i]; }
  int64_t file_size_in_bytes(size_t i) const { return file_size_[i]; }
  /// `_row_id` of the first row, inherited where the entry has none; nothing for delete files
  /// and in tables without row lineage.
  std::optional<int64_t> first_row_id(size_t i) const {
    return first_row_id_.empty() || first_row_id_[i] < 0 ? std::nullopt
                                                         : std::optional(first_row_id_[i]);
  }

  /// @name Of delete files; nothing for data files
  /// @{
  /// The only data file that the deletes are about, if they say so.
  std::optional<std::string_view> referenced_data_file(size_t i) const;
  /// Where a deletion vector lies in its file.
  std::optional<int64_t> content_offset(size_t i) const;
  std::optional<int64_t> content_size_in_bytes(size_t i) const;
  /// The columns that rows are compared by; empty for position deletes.
  std::span<const int32_t> equality_ids(size_t i) const;
  /// @}

  /// True if statistics prove that every row matches the filter that was read with.
  bool all_rows_match(size_t i) const { return all_rows_match_[i] != 0; }

  int32_t spec_id() const { return spec_id_; }
  const Type& partition_type() const { return *partition_type_; }
  PartitionValues partition(size_t i) const;

  /// Whether metrics and other rare members were kept.
  bool has_details() const { return decoder_ != nullptr; }
  /// Everything about the file. Without details only what the accessors above tell.
  DataFile ToDataFile(size_t i) const;
  /// Bytes of memory held.
  size_t memory_bytes() const;

 private:
  friend class ManifestReader;

  EntryColumn<uint8_t> status_;
  EntryColumn<uint8_t> content_;
  EntryColumn<uint8_t> file_format_;
  EntryColumn<uint8_t> all_rows_match_;
  EntryColumn<int64_t> snapshot_id_;
  EntryColumn<int64_t> sequence_number_;
  EntryColumn<int64_t> file_sequence_number_;
  std::vector<int64_t> record_count_;
  std::vector<int64_t> file_size_;
  std::vector<uint32_t> path_offset_;
  std::vector<uint32_t> path_size_;
  std::vector<uint32_t> record_offset_;  ///< encoded data_file, with details only
  std::vector<uint32_t> record_size_;
  /// What only delete files have.
  struct DeleteMembers {
    std::optional<PackedBytes> referenced_data_file;
    std::optional<int64_t> content_offset;
    std::optional<int64_t> content_size_in_bytes;
    uint32_t equality_ids_begin = 0;  ///< in equality_ids_
    uint32_t equality_ids_size = 0;
  };

  std::vector<int64_t> first_row_id_;   ///< −1: none; empty if no entry has one
  std::vector<DeleteMembers> deletes_;  ///< empty for data manifests
  std::vector<int32_t> equality_ids_;
  std::vector<PackedValue> partitions_;  ///< entries × fields
  std::string arena_;
  std::string location_;
  int32_t spec_id_ = 0;
  std::optional<Type> partition_type_;
  std::shared_ptr<const DataFileDecoder> decoder_;
};

using ManifestEntriesPtr = std::shared_ptr<const ManifestEntries>;

struct ManifestReadOptions {
  bool include_deleted = false;
  /// Keep metrics, split offsets and the like; costs memory for each file.
  bool keep_details = true;
  /// Inclusive projection on the partition struct; null: none.
  BoundExpressionPtr partition_filter;
  /// Strict projection: files it holds for match as a whole; null: none.
  BoundExpressionPtr strict_partition_filter;
  /// Filter on columns, for the files' metrics; null: none.
  BoundExpressionPtr row_filter;
};

/// Reads the entries of `manifest` that `options` let through. `partition_type` is that of
/// the manifest's spec. Throws CorruptFileError naming file and place, IoError,
/// UnsupportedError.
ManifestEntriesPtr ReadManifest(FileIO& io, const ManifestFile& manifest,
                                const Type& partition_type, const ManifestReadOptions& options);

}  // namespace floe::inline v0
