#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// A field of a file's records: to be decoded, or passed over.
struct AvroColumn {
  AvroSchemaPtr schema;
  std::shared_ptr<arrow::Field> field;  ///< null: to be passed over
};

/// The columns of a file whose id is that of a column of one of `wanted` (null: none), with
/// their ids as metadata `PARQUET:field_id`. Throws UnsupportedError naming a column of a type
/// that Iceberg does not have; CorruptFileError if the file's objects are no records.
std::vector<AvroColumn> MakeAvroColumns(const AvroSchema& file,
                                        const std::vector<SchemaPtr>& wanted,
                                        const std::string& location);

/// Decodes records into columns. Not thread-safe.
class AvroRowBuilder {
 public:
  explicit AvroRowBuilder(const std::vector<AvroColumn>& columns);
  ~AvroRowBuilder();
  AvroRowBuilder(const AvroRowBuilder&) = delete;
  AvroRowBuilder& operator=(const AvroRowBuilder&) = delete;

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  int64_t row_count() const { return row_count_; }
  /// Decodes one record. Throws AvroDataError.
  void Append(AvroCursor& cursor);
  /// The rows since the last call.
  std::shared_ptr<arrow::RecordBatch> Finish();

 private:
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  std::vector<std::function<void(AvroCursor&)>> steps_;  ///< one for each field of the file
  int64_t row_count_ = 0;
};

}  // namespace floe::inline v0
