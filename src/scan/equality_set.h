#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Byte strings with a number each; the largest one that was given for a string is kept.
class KeyTable {
 public:
  void Insert(std::string_view key, int64_t number);
  /// The number of `key`; −1 if it is not there.
  int64_t Find(std::string_view key) const;
  size_t memory_bytes() const { return arena_.capacity() + slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t offset = 0;
    uint32_t size = 0;
    int64_t number = -1;  ///< −1: free
  };
  size_t SlotOf(uint64_t hash, std::string_view key) const;
  void Grow();

  std::string arena_;
  std::vector<Slot> slots_;
  size_t count_ = 0;
};

/// Values of some columns, row by row, as bytes that are equal exactly where the values are:
/// nulls equal nulls, NaN equals NaN, −0 differs from +0.
class RowKeys {
 public:
  /// `rows` has the columns of `schema`, which has the `field_ids`. Both must outlive it.
  RowKeys(const Schema& schema, const arrow::RecordBatch& rows,
          const std::vector<int32_t>& field_ids);
  ~RowKeys();
  RowKeys(const RowKeys&) = delete;
  RowKeys& operator=(const RowKeys&) = delete;

  /// Valid until the next call.
  std::string_view KeyOf(int64_t row);

 private:
  struct Column;
  std::vector<Column> columns_;
  std::string key_;
};

/// The rows that equality delete files of one scope and of the same columns delete, with the
/// newest sequence number of each. It grows as files are added. Thread-safe.
class EqualitySet {
 public:
  /// `schema` has the columns to read delete files with.
  EqualitySet(std::vector<int32_t> field_ids, SchemaPtr schema)
      : field_ids_(std::move(field_ids)), schema_(std::move(schema)) {}

  const SchemaPtr& schema() const { return schema_; }
  const std::vector<int32_t>& field_ids() const { return field_ids_; }
  /// Held by who adds files, so that each is read once.
  std::mutex& loading() { return loading_; }
  /// Locations of the files that were added; guarded by loading().
  std::set<std::string>& loaded() { return loaded_; }

  /// Adds rows that have the columns of schema().
  void Add(const arrow::RecordBatch& rows, int64_t sequence_number);
  /// Clears the rows in `mask` that a delete newer than `sequence_number` is about. `rows` has
  /// the columns of `schema`.
  void Clear(const Schema& schema, const arrow::RecordBatch& rows, int64_t sequence_number,
             std::span<uint8_t> mask) const;
  size_t memory_bytes() const;

 private:
  const std::vector<int32_t> field_ids_;
  const SchemaPtr schema_;
  std::mutex loading_;
  std::set<std::string> loaded_;
  mutable std::shared_mutex mutex_;  // guards table_
  KeyTable table_;
};

}  // namespace floe::inline v0
