#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/data_file_reader.h"
#include "parquet/data_file_writer.h"
#include "support/memory_file_io.h"

namespace floe::testing {

inline constexpr const char* kFilePath = "memory:///t/data/f.parquet";

/// Writes a file at kFilePath as floe does for a table of `properties`; each batch is a row
/// group.
ParquetDataWriter::Written WriteRowGroups(
    MemoryFileIO& io, const Schema& schema,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& row_groups,
    const Properties& properties = {});
/// The same, of rows as JSON.
ParquetDataWriter::Written WriteRowGroups(MemoryFileIO& io, const Schema& schema,
                                          const std::vector<std::string>& row_groups,
                                          const Properties& properties = {});

/// A column of values of `type`.
std::shared_ptr<arrow::Array> ColumnOf(const Type& type,
                                       const std::vector<std::optional<Literal>>& values);

/// Writes a file at kFilePath as Arrow's own writer does, with rows of JSON. Field ids are
/// those of the schema's metadata.
void PutForeignFile(MemoryFileIO& io, const std::shared_ptr<arrow::Schema>& schema,
                    const std::string& rows, int64_t row_group_rows = 1'000);

/// An Arrow field with a field id.
std::shared_ptr<arrow::Field> WithId(int32_t id, const std::string& name,
                                     std::shared_ptr<arrow::DataType> type);

/// How to read `projection`, with a filter on its columns; "" for all rows.
DataFileReadOptions ReadOptions(Schema projection, const std::string& filter = "");

/// The rows of the file at kFilePath as texts, in order.
std::vector<std::string> ReadFileRows(MemoryFileIO& io, const DataFileReadOptions& options);

/// The footer of the file at kFilePath.
std::shared_ptr<parquet::FileMetaData> FooterOf(MemoryFileIO& io);

}  // namespace floe::testing
