#include "avro_data/avro_data_reader.h"

#include <arrow/record_batch.h>
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
#include <vector>

#include "avro/avro_codec.h"
#include "avro/avro_container.h"
#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "avro_data/avro_columns.h"
#include "avro_data/mapped_schema.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "parquet/batch_data_reader.h"
#include "parquet/data_file_reader.h"
#include "parquet/file_columns.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kSyncBytes = 16;
/// A header is read so far first; a longer one is read whole.
constexpr int64_t kUsualHeaderBytes = int64_t{256} << 10U;
constexpr int64_t kMaxHeaderBytes = int64_t{64} << 20U;
/// A block's count and size, of 10 bytes at most each.
constexpr int64_t kMaxBlockHeaderBytes = 20;
/// Compressed bytes of a unit, about.
constexpr int64_t kUnitBytes = int64_t{4} << 20U;
/// Encoded bytes of a batch at most, so that Arrow's 32-bit offsets hold.
constexpr size_t kMaxBatchBytes = size_t{256} << 20U;

}  // namespace

AvroDataReader::AvroDataReader(FileIO& io, const std::string& location,
                               const DataFileReadOptions& options)
    : BatchDataReader(location, options),
      file_(io.OpenHinted(location, {.size = options.file_size,
                                     .tail_bytes = TailBytes(options.file_size.value_or(0))})) {
  ReadHeader();
  if (options.name_mapping != nullptr) {
    schema_ = WithMappedIds(*schema_, *options.name_mapping);
  } else if (schema_->kind == AvroKind::kRecord && !schema_->is_empty &&
             std::ranges::none_of(schema_->fields, [](const AvroField& field) {
               return field.field_id.has_value();
             })) {
    ThrowNoIds(location);
  }
  count_columns_ = MakeAvroColumns(*schema_, {filter_columns(), delete_columns()}, location);
  result_columns_ = MakeAvroColumns(
      *schema_, {options.projection, filter_columns(), delete_columns()}, location);
  FindBlocks();
  CutIntoUnits();
}

void AvroDataReader::Fail(int64_t offset, std::string_view problem) const {
  throw CorruptFileError(
      fmt::format("corrupt Avro file {} at byte {}: {}", location(), offset, problem),
      {.path = location(), .position = offset});
}

std::string AvroDataReader::ReadAt(int64_t offset, int64_t size) const {
  std::string bytes(static_cast<size_t>(std::min(size, file_->size() - offset)), '\0');
  bytes.resize(file_->ReadAt(offset, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

void AvroDataReader::ReadHeader() {
  for (const int64_t size : {kUsualHeaderBytes, kMaxHeaderBytes}) {
    const std::string bytes = ReadAt(0, size);
    try {
      const AvroContainerReader header(bytes, location());
      schema_ = header.schema_ptr();
      codec_ = header.codec();
      sync_ = header.sync();
      data_offset_ = static_cast<int64_t>(header.data_offset());
      return;
    } catch (const CorruptFileError&) {
      if (size == kMaxHeaderBytes || size >= file_->size()) {
        throw;
      }
    }
  }
}

void AvroDataReader::FindBlocks() {
  int64_t offset = data_offset_;
  int64_t rows = 0;
  while (offset < file_->size()) {
    const std::string bytes = ReadAt(offset, kMaxBlockHeaderBytes);
    AvroCursor cursor(bytes);
    Block block{};
    try {
      block.row_count = cursor.ReadLong();
      block.size = cursor.ReadLong();
    } catch (const AvroDataError& error) {
      Fail(offset, fmt::format("the file seems to be cut off: {}", error.problem));
    }
    block.offset = offset + static_cast<int64_t>(cursor.offset());
    if (block.row_count < 0 || block.size < 0 ||
        block.size > file_->size() - block.offset - kSyncBytes) {
      Fail(offset, "the file seems to be cut off: a block goes on past its end");
    }
    if (block.row_count > std::numeric_limits<int64_t>::max() - rows) {
      Fail(offset, "it has more rows than can be counted");
    }
    rows += block.row_count;
    offset = block.offset + block.size + kSyncBytes;
    blocks_.push_back(block);
  }
}

void AvroDataReader::CutIntoUnits() {
  int64_t first_row = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    if (runs_.empty() || runs_.back().size >= kUnitBytes) {
      units_.push_back(static_cast<int>(runs_.size()));
      runs_.push_back({i, i, first_row, 0});
    }
    runs_.back().end_block = i + 1;
    runs_.back().size += blocks_[i].size;
    first_row += blocks_[i].row_count;
  }
}

int64_t AvroDataReader::FirstRow(int unit) const {
  return runs_.at(static_cast<size_t>(unit)).first_row;
}

int64_t AvroDataReader::DecodedBytes(int unit) const {
  // Of compressed bytes, to those of Arrow's arrays.
  constexpr int64_t kUsualGrowth = 6;
  return runs_.at(static_cast<size_t>(unit)).size * kUsualGrowth;
}

/// Decodes columns of one unit, batch by batch.
class AvroDataReader::RunBatches final : public FileBatches {
 public:
  RunBatches(const AvroDataReader& file, int unit, const std::vector<AvroColumn>& columns)
      : file_(file),
        run_(file.runs_.at(static_cast<size_t>(unit))),
        next_block_(run_.first_block),
        room_(AvroExpansionLimit(static_cast<size_t>(run_.size))),
        decompressor_(file.codec_),
        rows_(columns) {}

  std::shared_ptr<arrow::RecordBatch> Next() override {
    size_t bytes = 0;
    while (rows_.row_count() < file_.options().batch_rows && bytes < kMaxBatchBytes) {
      if (rows_left_ == 0) {
        FinishBlock();
        if (next_block_ == run_.end_block) {
          break;
        }
        OpenBlock();
        continue;
      }
      bytes += DecodeRow();
    }
    return rows_.row_count() == 0 ? nullptr : rows_.Finish();
  }

 private:
  void OpenBlock() {
    const Block& block = file_.blocks_[next_block_++];
    block_offset_ = block.offset;
    compressed_ = file_.ReadAt(block.offset, block.size + kSyncBytes);
    const auto size = static_cast<size_t>(block.size);
    if (compressed_.size() != size + kSyncBytes ||
        std::string_view(compressed_).substr(size) != file_.sync_) {
      file_.Fail(block_offset_, "a block does not end where it should");
    }
    std::string_view data;
    try {
      data = decompressor_.Decompress(std::string_view(compressed_).substr(0, size), room_);
    } catch (const AvroDataError& error) {
      file_.Fail(block_offset_, error.problem);
    }
    room_ -= std::min(room_, data.size());
    cursor_.emplace(data);
    rows_left_ = block.row_count;
  }

  /// Checks that nothing is left of the block.
  void FinishBlock() {
    if (cursor_ && !cursor_->at_end()) {
      file_.Fail(block_offset_, "a block has more bytes than its objects");
    }
    cursor_.reset();
  }

  /// Returns the bytes of the row.
  size_t DecodeRow() {
    const size_t before = cursor_->offset();
    try {
      rows_.Append(*cursor_);
    } catch (const AvroDataError& error) {
      file_.Fail(block_offset_, fmt::format("in the block that begins here, {} bytes in: {}",
                                            error.offset, error.problem));
    }
    --rows_left_;
    return cursor_->offset() - before;
  }

  const AvroDataReader& file_;
  const Unit run_;
  size_t next_block_;
  size_t room_;
  int64_t block_offset_ = 0;
  int64_t rows_left_ = 0;
  std::string compressed_;
  AvroDecompressor decompressor_;
  std::optional<AvroCursor> cursor_;
  AvroRowBuilder rows_;
};

std::unique_ptr<FileBatches> AvroDataReader::OpenUnit(int unit, Columns columns) const {
  return std::make_unique<RunBatches>(
      *this, unit, columns == Columns::kAll ? result_columns_ : count_columns_);
}

}  // namespace floe::inline v0
