#include "parquet/dictionary_filter.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/io/memory.h>
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/encoding.h>
#include <parquet/exception.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expr/by_predicates.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "io/prefetched_file.h"
#include "parquet/buffer_pool.h"
#include "parquet/column_bounds.h"
#include "parquet/file_columns.h"

namespace floe::inline v0 {
namespace {

/// A larger dictionary costs more to look through than it saves, most often.
constexpr int64_t kMaxDictionaryBytes = int64_t{256} << 10U;
constexpr int32_t kMaxDictionaryValues = 16'384;

/// Whether all values of a chunk are in its dictionary.
bool IsAllDictionary(const parquet::ColumnChunkMetaData& chunk) {
  bool has_data = false;
  for (const parquet::PageEncodingStats& pages : chunk.encoding_stats()) {
    if (pages.page_type != parquet::PageType::DATA_PAGE &&
        pages.page_type != parquet::PageType::DATA_PAGE_V2) {
      continue;
    }
    if (pages.encoding != parquet::Encoding::RLE_DICTIONARY &&
        pages.encoding != parquet::Encoding::PLAIN_DICTIONARY) {
      return false;
    }
    has_data = true;
  }
  return has_data;
}

/// The dictionary of a chunk that has no other values; null if there is none, or it is large.
std::shared_ptr<parquet::DictionaryPage> ReadDictionary(
    arrow::io::RandomAccessFile& file, const parquet::ColumnChunkMetaData& chunk,
    const parquet::ColumnDescriptor& column) {
  const std::optional<ByteRange> range = DictionaryRange(chunk);
  if (!range) {
    return nullptr;
  }
  PARQUET_ASSIGN_OR_THROW(const auto bytes, file.ReadAt(range->offset, range->size));
  const auto pages = parquet::PageReader::Open(std::make_shared<arrow::io::BufferReader>(bytes),
                                               chunk.num_values(), chunk.compression(),
                                               parquet::ReaderProperties(BufferPool()), column);
  auto page = std::dynamic_pointer_cast<parquet::DictionaryPage>(pages->NextPage());
  const bool is_usable = page != nullptr && page->num_values() >= 0 &&
                         page->num_values() <= kMaxDictionaryValues &&
                         (page->encoding() == parquet::Encoding::PLAIN ||
                          page->encoding() == parquet::Encoding::PLAIN_DICTIONARY);
  return is_usable ? page : nullptr;
}

std::string BytesOf(const parquet::ByteArray& value, const parquet::ColumnDescriptor&) {
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}

std::string BytesOf(const parquet::FixedLenByteArray& value,
                    const parquet::ColumnDescriptor& column) {
  return {reinterpret_cast<const char*>(value.ptr), static_cast<size_t>(column.type_length())};
}

template <class T>
std::string BytesOf(const T& value, const parquet::ColumnDescriptor&) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

/// Whether a value of the dictionary may satisfy a predicate.
template <class PhysicalType>
bool AnyMayMatch(const BoundExpression& predicate, const parquet::DictionaryPage& page,
                 const parquet::ColumnDescriptor& column) {
  std::vector<typename PhysicalType::c_type> values(static_cast<size_t>(page.num_values()));
  const auto decoder =
      parquet::MakeTypedDecoder<PhysicalType>(parquet::Encoding::PLAIN, &column, BufferPool());
  decoder->SetData(page.num_values(), page.data(), page.size());
  if (decoder->Decode(values.data(), page.num_values()) != page.num_values()) {
    throw parquet::ParquetException("a dictionary has fewer values than its page says");
  }
  return std::ranges::any_of(values, [&](const auto& value) {
    const std::optional<Literal> literal =
        ReadValue(column, predicate.type(), BytesOf(value, column));
    return !literal || EvaluatePredicate(predicate, literal);
  });
}

bool AnyMayMatch(const BoundExpression& predicate, const parquet::DictionaryPage& page,
                 const parquet::ColumnDescriptor& column) {
  switch (column.physical_type()) {
    case parquet::Type::INT32:
      return AnyMayMatch<parquet::Int32Type>(predicate, page, column);
    case parquet::Type::INT64:
      return AnyMayMatch<parquet::Int64Type>(predicate, page, column);
    case parquet::Type::FLOAT:
      return AnyMayMatch<parquet::FloatType>(predicate, page, column);
    case parquet::Type::DOUBLE:
      return AnyMayMatch<parquet::DoubleType>(predicate, page, column);
    case parquet::Type::BYTE_ARRAY:
      return AnyMayMatch<parquet::ByteArrayType>(predicate, page, column);
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return AnyMayMatch<parquet::FLBAType>(predicate, page, column);
    default:
      return true;
  }
}

bool PredicateMayMatch(const BoundExpression& predicate, arrow::io::RandomAccessFile& file,
                       const parquet::RowGroupMetaData& group, const FileColumns& columns) {
  if (!AsksForValues(predicate) || EvaluatePredicate(predicate, std::nullopt)) {
    return true;
  }
  const std::optional<int> leaf = columns.FindLeaf(predicate.field_id());
  if (!leaf) {
    return true;
  }
  const parquet::ColumnDescriptor& column = *group.schema()->Column(*leaf);
  const auto page = ReadDictionary(file, *group.ColumnChunk(*leaf), column);
  return page == nullptr || AnyMayMatch(predicate, *page, column);
}

}  // namespace

std::optional<ByteRange> DictionaryRange(const parquet::ColumnChunkMetaData& chunk) {
  if (!chunk.has_dictionary_page() || chunk.crypto_metadata() != nullptr ||
      !IsAllDictionary(chunk)) {
    return std::nullopt;
  }
  const int64_t offset = chunk.dictionary_page_offset();
  const int64_t size = chunk.data_page_offset() - offset;
  if (offset <= 0 || size <= 0 || size > kMaxDictionaryBytes) {
    return std::nullopt;
  }
  return ByteRange{offset, size};
}

bool AsksForValues(const BoundExpression& predicate) {
  switch (predicate.operation()) {  // bounds have said what they can of ranges
    case Operation::kEqual:
    case Operation::kIn:
    case Operation::kStartsWith:
      return true;
    default:
      return predicate.bucket().has_value();
  }
}

bool MayMatchByDictionaries(const BoundExpression& filter, arrow::io::RandomAccessFile& file,
                            const parquet::RowGroupMetaData& group,
                            const FileColumns& columns) {
  return ByPredicates(filter, [&](const BoundExpression& predicate) {
    return PredicateMayMatch(predicate, file, group, columns);
  });
}

}  // namespace floe::inline v0
