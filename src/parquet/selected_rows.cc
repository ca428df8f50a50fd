#include "parquet/selected_rows.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>
#include <parquet/column_reader.h>
#include <parquet/level_conversion.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/row_filter.h"
#include "parquet/row_run.h"
#include "parquet/selected_pages.h"

namespace floe::inline v0 {
namespace {

using parquet::internal::BinaryRecordReader;
using parquet::internal::RecordReader;
using BufferPtr = std::shared_ptr<arrow::Buffer>;

/// Of Arrow's decimals.
constexpr int64_t kDecimalBytes = 16;

bool IsUuid(const arrow::DataType& type) {
  return type.id() == arrow::Type::EXTENSION &&
         static_cast<const arrow::ExtensionType&>(type).extension_name() == "arrow.uuid";
}

BufferPtr Allocate(int64_t bytes) {
  return ValueOrThrow(arrow::AllocateBuffer(bytes, BufferPool()),
                      ArrowContext::Internal("selecting rows"));
}

/// Parquet decodes a boolean to a byte, Arrow has it as a bit.
BufferPtr PackBooleans(const uint8_t* values, int64_t count) {
  BufferPtr bits = Allocate(arrow::bit_util::BytesForBits(count));
  std::fill_n(bits->mutable_data(), bits->size(), uint8_t{0});
  for (int64_t i = 0; i < count; ++i) {
    arrow::bit_util::SetBitTo(bits->mutable_data(), i, values[i] != 0);
  }
  return bits;
}

template <class Unscaled>
BufferPtr WidenDecimals(const uint8_t* values, int64_t count) {
  const auto* unscaled = reinterpret_cast<const Unscaled*>(values);
  BufferPtr wide = Allocate(count * kDecimalBytes);
  for (int64_t i = 0; i < count; ++i) {
    arrow::Decimal128(static_cast<int64_t>(unscaled[i]))
        .ToBytes(wide->mutable_data() + i * kDecimalBytes);
  }
  return wide;
}

/// What a reader of fixed-width values has decoded.
std::shared_ptr<arrow::Array> TakeValues(RecordReader& reader,
                                         const std::shared_ptr<arrow::DataType>& type) {
  const int64_t count = reader.values_written();
  const int64_t null_count = reader.null_count();
  BufferPtr valid = reader.nullable_values() ? BufferPtr(reader.ReleaseIsValid()) : nullptr;
  BufferPtr values = reader.ReleaseValues();
  if (type->id() == arrow::Type::BOOL) {
    values = PackBooleans(values->data(), count);
  } else if (type->id() == arrow::Type::DECIMAL128) {
    values = reader.descr()->physical_type() == parquet::Type::INT32
                 ? WidenDecimals<int32_t>(values->data(), count)
                 : WidenDecimals<int64_t>(values->data(), count);
  }
  return arrow::MakeArray(arrow::ArrayData::Make(
      type, count, {null_count > 0 ? std::move(valid) : nullptr, std::move(values)},
      null_count));
}

/// Decimals of big-endian bytes, as many for each.
std::shared_ptr<arrow::Array> DecodeDecimals(const arrow::FixedSizeBinaryArray& bytes,
                                             const std::shared_ptr<arrow::DataType>& type) {
  const ArrowContext context = ArrowContext::Internal("selecting rows");
  BufferPtr values = Allocate(bytes.length() * kDecimalBytes);
  std::fill_n(values->mutable_data(), values->size(), uint8_t{0});
  for (int64_t i = 0; i < bytes.length(); ++i) {
    if (bytes.IsValid(i)) {
      ValueOrThrow(arrow::Decimal128::FromBigEndian(bytes.GetValue(i), bytes.byte_width()),
                   context)
          .ToBytes(values->mutable_data() + i * kDecimalBytes);
    }
  }
  return arrow::MakeArray(arrow::ArrayData::Make(
      type, bytes.length(), {bytes.null_bitmap(), std::move(values)}, bytes.null_count()));
}

/// What a reader of byte arrays has decoded.
std::shared_ptr<arrow::Array> TakeBytes(BinaryRecordReader& reader,
                                        const std::shared_ptr<arrow::DataType>& type) {
  const arrow::ArrayVector chunks = reader.GetBuilderChunks();
  const ArrowContext context = ArrowContext::Internal("selecting rows");
  const auto bytes = chunks.size() == 1
                         ? chunks[0]
                         : ValueOrThrow(arrow::Concatenate(chunks, BufferPool()), context);
  if (type->id() == arrow::Type::DECIMAL128) {
    return DecodeDecimals(static_cast<const arrow::FixedSizeBinaryArray&>(*bytes), type);
  }
  const auto data = bytes->data()->Copy();
  data->type = type;  // of the same layout
  return arrow::MakeArray(data);
}

std::shared_ptr<RecordReader> MakeRecordReader(const parquet::ColumnDescriptor& column,
                                               std::unique_ptr<parquet::PageReader> pages) {
  auto reader = RecordReader::Make(
      &column, parquet::internal::LevelInfo::ComputeLevelInfo(&column), BufferPool());
  reader->SetPageReader(std::move(pages));
  return reader;
}

}  // namespace

std::vector<RowRun> RunsOf(const RowMask& mask) {
  std::vector<RowRun> runs;
  auto at = mask.begin();
  while (true) {
    const auto first = std::find(at, mask.end(), 1);
    if (first == mask.end()) {
      return runs;
    }
    const auto end = std::find(first, mask.end(), 0);
    runs.push_back({first - at, end - first});
    at = end;
  }
}

int64_t CountRows(const std::vector<RowRun>& runs) {
  int64_t rows = 0;
  for (const RowRun& run : runs) {
    rows += run.take;
  }
  return rows;
}

bool CanReadSelectedRows(const parquet::ColumnDescriptor& column, const arrow::DataType& type) {
  if (column.max_repetition_level() > 0 || column.max_definition_level() > 1) {
    return false;
  }
  using arrow::Type;
  switch (column.physical_type()) {
    case parquet::Type::BOOLEAN:
      return type.id() == Type::BOOL;
    case parquet::Type::INT32:
      return type.id() == Type::INT32 || type.id() == Type::DATE32 ||
             type.id() == Type::DECIMAL128;
    case parquet::Type::INT64:
      return type.id() == Type::INT64 || type.id() == Type::TIME64 ||
             type.id() == Type::TIMESTAMP || type.id() == Type::DECIMAL128;
    case parquet::Type::FLOAT:
      return type.id() == Type::FLOAT;
    case parquet::Type::DOUBLE:
      return type.id() == Type::DOUBLE;
    case parquet::Type::BYTE_ARRAY:
      return type.id() == Type::STRING || type.id() == Type::BINARY;
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return type.id() == Type::FIXED_SIZE_BINARY || IsUuid(type) ||
             (type.id() == Type::DECIMAL128 && column.type_length() <= kDecimalBytes);
    default:
      return false;
  }
}

std::shared_ptr<arrow::Array> ReadSelectedRows(arrow::io::RandomAccessFile& file,
                                               parquet::RowGroupReader& group, int column,
                                               const std::shared_ptr<arrow::DataType>& type,
                                               const std::vector<RowRun>& runs,
                                               const std::string& location) {
  std::shared_ptr<arrow::Array> selected;
  WithParquetErrors(ArrowContext::Reading(location), [&] {
    auto pages = MakeSelectedPages(file, *group.metadata(), column, runs, location);
    const std::shared_ptr<RecordReader> reader =
        pages ? MakeRecordReader(*group.metadata()->schema()->Column(column),
                                 std::move(pages->reader))
              : group.RecordReader(column);
    for (const RowRun& run : pages ? pages->runs : runs) {
      if (reader->SkipRecords(run.skip) != run.skip ||
          reader->ReadRecords(run.take) != run.take) {
        throw CorruptFileError(
            fmt::format("data file {} has fewer rows than its footer says", location),
            {.path = location});
      }
    }
    auto* bytes = dynamic_cast<BinaryRecordReader*>(reader.get());
    selected = bytes != nullptr ? TakeBytes(*bytes, type) : TakeValues(*reader, type);
  });
  return selected;
}

}  // namespace floe::inline v0
