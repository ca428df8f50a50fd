#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "avro/avro_schema.h"
#include "avro_data/avro_columns.h"
#include "floe/avro/codec.h"
#include "floe/io/file_io.h"
#include "parquet/batch_data_reader.h"
#include "parquet/data_file_reader.h"

namespace floe::inline v0 {

/// Reads an Avro data file; its units are runs of blocks, none of which is pruned.
class AvroDataReader final : public BatchDataReader {
 public:
  /// Opens the file and finds its blocks, with a small read for each. Throws IoError,
  /// CorruptFileError naming the file, and UnsupportedError for a codec or type that floe does
  /// not have, and for a file without field ids.
  AvroDataReader(FileIO& io, const std::string& location, const DataFileReadOptions& options);

  const std::vector<int>& units() const override { return units_; }
  int64_t FirstRow(int unit) const override;
  int64_t DecodedBytes(int unit) const override;

 private:
  /// Compressed data of one block.
  struct Block {
    int64_t offset;
    int64_t size;
    int64_t row_count;
  };
  /// Blocks that are read together.
  struct Unit {
    size_t first_block;
    size_t end_block;
    int64_t first_row;
    int64_t size;
  };
  class RunBatches;

  std::unique_ptr<FileBatches> OpenUnit(int unit, Columns columns) const override;
  void ReadHeader();
  void FindBlocks();
  void CutIntoUnits();
  [[noreturn]] void Fail(int64_t offset, std::string_view problem) const;
  std::string ReadAt(int64_t offset, int64_t size) const;

  std::shared_ptr<InputFile> file_;
  AvroSchemaPtr schema_;
  AvroCodec codec_ = AvroCodec::kNull;
  std::string sync_;
  int64_t data_offset_ = 0;
  std::vector<AvroColumn> result_columns_;  ///< with those that select rows
  std::vector<AvroColumn> count_columns_;   ///< those that select rows
  std::vector<Block> blocks_;
  std::vector<Unit> runs_;
  std::vector<int> units_;
};

}  // namespace floe::inline v0
