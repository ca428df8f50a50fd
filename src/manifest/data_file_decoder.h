#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/expr/prune.h"
#include "floe/manifest/data_file.h"
#include "floe/partition/spec.h"
#include "manifest/avro_field.h"

namespace floe::inline v0 {

/// What planning looks at in a file; views into the decoded bytes.
struct FileOutline {
  FileContent content = FileContent::kData;
  FileFormat format = FileFormat::kParquet;
  std::string_view path;
  int64_t record_count = 0;
  int64_t file_size = 0;
  std::optional<int64_t> first_row_id;
  std::optional<std::string_view> referenced_data_file;
  std::optional<int64_t> content_offset;
  std::optional<int64_t> content_size_in_bytes;
  std::vector<int32_t> equality_ids;

  void Clear();
};

/// A partition value as it lies in the bytes.
struct RawPartitionValue {
  enum class Kind : uint8_t { kNull, kInteger, kDouble, kBytes };
  Kind kind = Kind::kNull;
  int64_t integer = 0;
  double floating = 0;
  std::string_view bytes;
};

/// Statistics of the columns that a filter reads, gathered while a file's metrics are passed.
class StatisticsSlots final : public StatisticsSource {
 public:
  explicit StatisticsSlots(std::vector<int32_t> field_ids)
      : ids_(std::move(field_ids)), columns_(ids_.size()) {}
  int64_t row_count() const override { return row_count_; }
  ColumnStatistics OfColumn(int32_t field_id) const override {
    const size_t slot = SlotOf(field_id);
    return slot < ids_.size() ? columns_[slot] : ColumnStatistics{};
  }
  void Reset(int64_t row_count) { row_count_ = row_count; }
  void Clear() { columns_.assign(ids_.size(), {}); }
  bool empty() const { return ids_.empty(); }
  /// nullptr if the column is not wanted.
  ColumnStatistics* Find(int64_t field_id) {
    const size_t slot = SlotOf(field_id);
    return slot < ids_.size() ? &columns_[slot] : nullptr;
  }

 private:
  size_t SlotOf(int64_t field_id) const {
    size_t slot = 0;
    while (slot < ids_.size() && ids_[slot] != field_id) {
      ++slot;
    }
    return slot;
  }

  std::vector<int32_t> ids_;
  std::vector<ColumnStatistics> columns_;
  int64_t row_count_ = -1;
};

/// Decodes `data_file` records of one manifest; made from the Avro schema they were written
/// with, once. Fields are found by id; unknown ones are passed over. Immutable, thread-safe.
class DataFileDecoder {
 public:
  /// Throws CorruptFileError if a required field is missing or of a wrong type.
  DataFileDecoder(AvroSchemaPtr owner, const AvroSchema& record, const Type& partition_type,
                  int32_t spec_id, const std::string& location);

  /// Reads what planning needs: partition values to `partition` (one for each field), and
  /// statistics of the columns that `statistics` wants.
  void DecodeOutline(AvroCursor& cursor, FileOutline* outline,
                     std::vector<RawPartitionValue>* partition,
                     StatisticsSlots* statistics) const;
  /// Reads everything. `bytes` is one record.
  DataFile Decode(std::string_view bytes) const;

  const Type& partition_type() const { return partition_type_; }

 private:
  struct PartitionSlot {
    OptionalAvroField field;
    size_t index;          ///< in the partition struct
    bool known;            ///< false: to be passed over
    bool is_null = false;  ///< has a type that can't hold its values, and must have none
  };

  void AddPartitionSlots(const AvroSchema& record, const std::string& location);
  RawPartitionValue ReadPartitionValue(const OptionalAvroField& field,
                                       AvroCursor& cursor) const;
  void ReadPartition(AvroCursor& cursor, std::vector<RawPartitionValue>* partition) const;
  void DecodeMetric(const OptionalAvroField& field, AvroCursor& cursor,
                    MetricsById* metrics) const;

  AvroSchemaPtr owner_;
  std::vector<OptionalAvroField> fields_;
  std::vector<PartitionSlot> partition_slots_;
  Type partition_type_;
  int32_t spec_id_;
};

/// The value as a literal of `type`; nothing for null. Throws AvroDataError if it can't be.
std::optional<Literal> PartitionLiteral(const Type& type, const RawPartitionValue& value);

}  // namespace floe::inline v0
