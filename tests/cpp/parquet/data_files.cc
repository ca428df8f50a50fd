#include "parquet/data_files.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/extension_type.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_literal.h"
#include "parquet/arrow_schema.h"
#include "parquet/parquet_data_reader.h"
#include "support/memory_file_io.h"
#include "support/rows.h"
#include "write/write_settings.h"

namespace floe::testing {

ParquetDataWriter::Written WriteRowGroups(
    MemoryFileIO& io, const Schema& schema,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& row_groups,
    const Properties& properties) {
  io.Delete(kFilePath);
  ParquetDataWriter writer(io, kFilePath, schema, WriteSettings::Of(properties, schema).file);
  for (const auto& batch : row_groups) {
    writer.WriteRowGroup({batch}, {});
  }
  return writer.Close();
}

ParquetDataWriter::Written WriteRowGroups(MemoryFileIO& io, const Schema& schema,
                                          const std::vector<std::string>& row_groups,
                                          const Properties& properties) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const std::string& rows : row_groups) {
    batches.push_back(BatchOf(ToArrowSchema(schema), rows));
  }
  return WriteRowGroups(io, schema, batches, properties);
}

std::shared_ptr<arrow::Array> ColumnOf(const Type& type,
                                       const std::vector<std::optional<Literal>>& values) {
  const auto column_type = ToArrowType(type);
  const bool extends = column_type->id() == arrow::Type::EXTENSION;
  const auto stored =
      extends ? static_cast<const arrow::ExtensionType&>(*column_type).storage_type()
              : column_type;
  const auto builder = arrow::MakeBuilder(stored).ValueOrDie();
  for (const auto& value : values) {
    AppendLiteral(value, builder.get());
  }
  auto array = builder->Finish().ValueOrDie();
  return extends ? arrow::ExtensionType::WrapArray(column_type, array) : array;
}

void PutForeignFile(MemoryFileIO& io, const std::shared_ptr<arrow::Schema>& schema,
                    const std::string& rows, int64_t row_group_rows) {
  const auto table = arrow::Table::FromRecordBatches({BatchOf(schema, rows)}).ValueOrDie();
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  ASSERT_TRUE(
      parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, row_group_rows)
          .ok());
  io.Put(kFilePath, stream->Finish().ValueOrDie()->ToString());
}

std::shared_ptr<arrow::Field> WithId(int32_t id, const std::string& name,
                                     std::shared_ptr<arrow::DataType> type) {
  return arrow::field(name, std::move(type), /*nullable=*/true,
                      arrow::key_value_metadata({"PARQUET:field_id"}, {std::to_string(id)}));
}

DataFileReadOptions ReadOptions(Schema projection, const std::string& filter) {
  auto schema = std::make_shared<const Schema>(std::move(projection));
  return {.projection = schema,
          .filter_schema = schema,
          .filter = filter.empty() ? BoundExpression::True()
                                   : Bind(*ParseExpression(filter), *schema)};
}

std::vector<std::string> ReadFileRows(MemoryFileIO& io, const DataFileReadOptions& options) {
  const ParquetDataReader reader(io, kFilePath, options);
  std::vector<std::string> rows;
  for (const int unit : reader.units()) {
    reader.ReadUnit(unit, ParallelOptions{}, [&](const auto& batch) {
      const auto table = arrow::Table::FromRecordBatches({batch}).ValueOrDie();
      const std::vector<std::string> texts = TextsOf(*table);
      rows.insert(rows.end(), texts.begin(), texts.end());
      return true;
    });
  }
  return rows;
}

std::shared_ptr<parquet::FileMetaData> FooterOf(MemoryFileIO& io) {
  return parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(
                                              arrow::Buffer::FromString(*io.Get(kFilePath))))
      ->metadata();
}

}  // namespace floe::testing
