#include "parquet/flat_chunk_writer.h"

#include <arrow/buffer.h>
#include <arrow/type_fwd.h>
#include <arrow/util/compression.h>
#include <parquet/column_page.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/size_statistics.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/schema/type.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "parquet/flat_values.h"
#include "parquet/page_compressor.h"
#include "parquet/parquet_schema.h"
#include "parquet/plain_bytes.h"
#include "parquet/poor_dictionaries.h"
#include "parquet/rle_bit_packing.h"
#include "parquet/value_dictionary.h"
#include "parquet/value_range.h"

namespace floe::inline v0 {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
constexpr bool kIsText = std::same_as<T, std::string_view>;

/// What is known of a page before it is written.
template <class T>
struct PageContent {
  int64_t rows = 0;
  size_t value_count = 0;
  int64_t bytes = 0;            // of its values in plain encoding
  std::vector<uint8_t> levels;  // encoded
  ValueRange<T> range;
};

template <class T>
class ChunkWriter {
 public:
  ChunkWriter(const parquet::ColumnDescriptor& column,
              const parquet::WriterProperties& properties, const arrow::ArrayVector& arrays,
              parquet::PageWriter* pages)
      : column_(column),
        properties_(properties),
        max_statistics_bytes_(properties.max_statistics_size(column.path())),
        values_(arrays),
        pages_(*pages),
        compressor_(properties, column, pages) {}

  FlatChunk Write(bool may_have_dictionary) {
    chunk_.size_statistics = NoSizes();
    if (may_have_dictionary && MakeDictionary()) {
      chunk_.has_dictionary = true;
      WriteNumbers();
    } else {
      WritePlainly();
    }
    chunk_.statistics = StatisticsOf(range_, first_row_, null_count_);
    return std::move(chunk_);
  }

 private:
  using Block = FlatValues<T>::Block;
  using Content = PageContent<T>;

  Block NextBlock() {
    return values_.Next(properties_.max_rows_per_page(), properties_.data_pagesize());
  }

  /// Ranges of texts are found faster by their numbers, where they have some.
  Content ContentOf(const Block& block, bool with_range) const {
    Content content{block.rows, block.values.size(), block.bytes, {}, {}};
    if (!kIsText<T> || with_range) {
      content.range.Add(block.values);
    }
    if (column_.max_definition_level() > 0) {
      if (block.values.size() == static_cast<size_t>(block.rows)) {
        AppendRun(1, block.values.size(), 1, &content.levels);
      } else {
        AppendRleBitPacked(block.is_there, 1, &content.levels);
      }
    }
    return content;
  }

  /// Numbers all values; false if that does not pay.
  bool MakeDictionary() {
    const int64_t max_bytes = properties_.dictionary_pagesize_limit();
    dictionary_.emplace(max_bytes);
    numbers_ = ValueOrThrow(
        arrow::AllocateBuffer(values_.row_count() * static_cast<int64_t>(sizeof(uint32_t)),
                              BufferPool()),
        {});
    uint32_t* numbers = numbers_->template mutable_data_as<uint32_t>();
    int64_t plain_bytes = 0;
    int64_t count = 0;
    for (Block block = NextBlock(); block.rows > 0; block = NextBlock()) {
      contents_.push_back(ContentOf(block, /*with_range=*/false));
      if (!dictionary_->Number(block.values, contents_.back().range, numbers + count)) {
        chunk_.dictionary_is_poor = true;
        return false;
      }
      count += static_cast<int64_t>(block.values.size());
      plain_bytes += block.bytes;
    }
    if (count == 0) {
      return false;
    }
    // Of few rows it costs nothing, and tells who reads what values there are.
    chunk_.dictionary_is_poor =
        values_.row_count() >= kLeastRowsToJudge && IsBetterPlain(count, plain_bytes);
    return !chunk_.dictionary_is_poor;
  }

  /// Where the dictionary of `count` values does not pay for certain, a page is tried both
  /// ways.
  bool IsBetterPlain(int64_t count, int64_t plain_bytes) {
    constexpr int64_t kSurelyWorthwhile = 4;
    const int64_t numbers_bytes = count * BitWidthOf(dictionary_size() - 1) / 8;
    const int64_t bytes = dictionary_->bytes() + numbers_bytes;
    if (bytes * kSurelyWorthwhile <= plain_bytes) {
      return false;
    }
    return bytes > plain_bytes || IsFirstPageSmallerPlain(count);
  }

  bool IsFirstPageSmallerPlain(int64_t count) {
    const std::span<const T> all = dictionary_->values();
    const size_t in_page = contents_.front().value_count;
    if (in_page == 0) {
      return false;
    }
    const std::span<const T> some = all.first(std::min(all.size(), in_page));
    const double of_dictionary = SizeOf([&] { AppendPlain(some, PlainBytesOf(some)); });
    const double of_numbers =
        SizeOf([&] { AppendNumbers({numbers_->template data_as<uint32_t>(), in_page}); });
    values_.Rewind();
    const Block block = NextBlock();
    const double plainly =
        SizeOf([&] { AppendPlain(block.values, static_cast<size_t>(block.bytes)); });
    const double share = static_cast<double>(in_page) / static_cast<double>(count);
    const double scale = static_cast<double>(all.size()) / static_cast<double>(some.size());
    return of_dictionary * scale * share + of_numbers > plainly;
  }

  /// What `append` puts into the buffer, compressed.
  double SizeOf(const std::function<void()>& append) {
    buffer_.clear();
    append();
    return static_cast<double>(compressor_.Compress(Whole(buffer_))->size());
  }

  static size_t PlainBytesOf(std::span<const T> values) {
    size_t bytes = 0;
    for (const T& value : values) {
      bytes += floe::PlainBytesOf(value);
    }
    return bytes;
  }

  uint32_t dictionary_size() const {
    return static_cast<uint32_t>(dictionary_->values().size());
  }

  void WriteNumbers() {
    const std::vector<T>& values = dictionary_->values();
    buffer_.clear();
    AppendPlain(values, static_cast<size_t>(dictionary_->bytes()));
    chunk_.bytes += pages_.WriteDictionaryPage(
        {Whole(buffer_), static_cast<int32_t>(values.size()),
         properties_.dictionary_page_encoding(), /*is_sorted=*/false});
    const uint32_t* numbers = numbers_->template data_as<uint32_t>();
    for (Content& content : contents_) {
      const std::span<const uint32_t> of_page(numbers, content.value_count);
      numbers += content.value_count;
      if constexpr (kIsText<T>) {
        content.range = RangeOf(of_page);
      }
      BeginPage(content);
      AppendNumbers(of_page);
      EndPage(content, properties_.dictionary_index_encoding());
    }
  }

  void AppendNumbers(std::span<const uint32_t> numbers) {
    uint32_t all_bits = 0;
    for (const uint32_t number : numbers) {
      all_bits |= number;
    }
    const int width = BitWidthOf(all_bits);
    buffer_.push_back(static_cast<uint8_t>(width));
    AppendRleBitPacked(numbers, width, &buffer_);
  }

  /// Of the values with these numbers.
  ValueRange<T> RangeOf(std::span<const uint32_t> numbers) const {
    const std::vector<T>& values = dictionary_->values();
    std::vector<uint8_t> is_there(values.size());
    for (const uint32_t number : numbers) {
      is_there[number] = 1;
    }
    ValueRange<T> range;
    for (size_t i = 0; i < values.size(); ++i) {
      if (is_there[i] != 0) {
        range.Add(std::span(&values[i], 1));
      }
    }
    return range;
  }

  void WritePlainly() {
    values_.Rewind();
    for (Block block = NextBlock(); block.rows > 0; block = NextBlock()) {
      const Content content = ContentOf(block, /*with_range=*/true);
      BeginPage(content);
      AppendPlain(block.values, static_cast<size_t>(block.bytes));
      EndPage(content, parquet::Encoding::PLAIN);
    }
  }

  void AppendPlain(std::span<const T> values, size_t bytes) {
    const size_t before = buffer_.size();
    buffer_.resize(before + bytes);
    uint8_t* to = buffer_.data() + before;
    if constexpr (!kIsText<T>) {
      if (bytes > 0) {
        std::memcpy(to, values.data(), bytes);
      }
    } else {
      for (const std::string_view text : values) {
        const auto size = static_cast<uint32_t>(text.size());
        std::memcpy(to, &size, sizeof(size));
        to += sizeof(size);
        if (!text.empty()) {
          std::memcpy(to, text.data(), text.size());
        }
        to += text.size();
      }
    }
  }

  void BeginPage(const Content& content) {
    buffer_.clear();
    if (column_.max_definition_level() > 0) {
      const auto size = static_cast<uint32_t>(content.levels.size());
      buffer_.resize(sizeof(size));
      std::memcpy(buffer_.data(), &size, sizeof(size));
      buffer_.insert(buffer_.end(), content.levels.begin(), content.levels.end());
    }
  }

  void EndPage(const Content& content, parquet::Encoding::type encoding) {
    const auto rows = static_cast<int32_t>(content.rows);
    const int64_t nulls = content.rows - static_cast<int64_t>(content.value_count);
    const parquet::SizeStatistics sizes = SizesOf(content);
    const auto size = static_cast<int64_t>(buffer_.size());
    chunk_.bytes += pages_.WriteDataPage(parquet::DataPageV1(
        compressor_.Compress(Whole(buffer_)), rows, encoding, parquet::Encoding::RLE,
        parquet::Encoding::RLE, size, StatisticsOf(content.range, content.rows, nulls),
        first_row_, sizes));
    chunk_.size_statistics.Merge(sizes);
    range_.Add(content.range);
    null_count_ += nulls;
    first_row_ += content.rows;
  }

  parquet::EncodedStatistics StatisticsOf(const ValueRange<T>& range, int64_t rows,
                                          int64_t null_count) const {
    parquet::EncodedStatistics statistics;
    statistics.set_null_count(null_count);
    statistics.all_null_value = null_count == rows;
    statistics.set_is_signed(column_.sort_order() == parquet::SortOrder::SIGNED);
    if (range.least()) {
      statistics.set_min(BytesOf(*range.least()));
      statistics.set_max(BytesOf(*range.largest()));
      statistics.ApplyStatSizeLimits(max_statistics_bytes_);
    }
    return statistics;
  }

  parquet::SizeStatistics NoSizes() const { return *parquet::SizeStatistics::Make(&column_); }

  parquet::SizeStatistics SizesOf(const Content& content) const {
    parquet::SizeStatistics sizes = NoSizes();
    const auto values = static_cast<int64_t>(content.value_count);
    if (column_.max_definition_level() > 0) {
      sizes.definition_level_histogram = {content.rows - values, values};
    }
    if (column_.physical_type() == parquet::Type::BYTE_ARRAY) {
      sizes.unencoded_byte_array_data_bytes =
          content.bytes - values * static_cast<int64_t>(sizeof(uint32_t));
    }
    return sizes;
  }

  static std::string BytesOf(std::string_view text) { return std::string(text); }
  template <class Number>
  static std::string BytesOf(Number value) {
    std::string bytes(sizeof(value), '\0');
    std::memcpy(bytes.data(), &value, sizeof(value));
    return bytes;
  }

  static std::shared_ptr<arrow::Buffer> Whole(const std::vector<uint8_t>& bytes) {
    return std::make_shared<arrow::Buffer>(bytes.data(), static_cast<int64_t>(bytes.size()));
  }

  const parquet::ColumnDescriptor& column_;
  const parquet::WriterProperties& properties_;
  const size_t max_statistics_bytes_;
  FlatValues<T> values_;
  parquet::PageWriter& pages_;
  PageCompressor compressor_;
  FlatChunk chunk_;

  std::optional<ValueDictionary<T>> dictionary_;
  std::shared_ptr<arrow::Buffer> numbers_;  // of all values in it
  std::vector<Content> contents_;           // of the pages that they make

  std::vector<uint8_t> buffer_;  // a page
  int64_t first_row_ = 0;        // of the next
  int64_t null_count_ = 0;
  ValueRange<T> range_;
};

}  // namespace

bool IsFlatChunk(const Type& type, const parquet::ColumnDescriptor& column,
                 const parquet::WriterProperties& properties) {
  if (properties.data_page_version() != parquet::ParquetDataPageVersion::V1 ||
      properties.bloom_filter_options(column.path())) {
    return false;
  }
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBinary:
      return true;
    case TypeId::kDecimal:
      return type.precision() <= kMaxInt64Digits;
    default:
      return false;
  }
}

FlatChunk WriteFlatChunk(const parquet::ColumnDescriptor& column,
                         const parquet::WriterProperties& properties,
                         const arrow::ArrayVector& arrays, bool may_have_dictionary,
                         parquet::PageWriter* pages) {
  const auto write = [&]<class T>(T /*value*/) {
    return ChunkWriter<T>(column, properties, arrays, pages).Write(may_have_dictionary);
  };
  switch (column.physical_type()) {
    case parquet::Type::INT32:
      return write(int32_t{});
    case parquet::Type::INT64:
      return write(int64_t{});
    case parquet::Type::FLOAT:
      return write(float{});
    case parquet::Type::DOUBLE:
      return write(double{});
    default:
      return write(std::string_view{});
  }
}

}  // namespace floe::inline v0
