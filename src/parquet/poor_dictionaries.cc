#include "parquet/poor_dictionaries.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <parquet/schema.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/schema/schema.h"
#include "parquet/leaf_levels.h"
#include "parquet/parquet_schema.h"

namespace floe::inline v0 {
namespace {

/// Texts take longer to tell apart, and fewer of them fill a dictionary.
constexpr int64_t kMostTexts = 65'536;

/// About how many different values there are (linear counting: Whang et al., 1990).
class DistinctCounter {
 public:
  void Add(uint64_t value) {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
    const uint64_t bit = (value * kOdd) >> (64U - kBitsLog);
    words_[bit >> 6U] |= uint64_t{1} << (bit & 63U);
  }

  double Estimate() const {
    constexpr double kBits = uint64_t{1} << kBitsLog;
    double empty = kBits;
    for (const uint64_t word : words_) {
      empty -= std::popcount(word);
    }
    return -kBits * std::log(std::max(empty, 1.0) / kBits);
  }

 private:
  static constexpr uint64_t kBitsLog = 21;
  std::vector<uint64_t> words_ = std::vector<uint64_t>((size_t{1} << kBitsLog) / 64);
};

/// What the values of a column say about its dictionary.
struct Tally {
  DistinctCounter distinct;
  double count = 0;
  double bytes = 0;  ///< of texts
  int64_t lowest = std::numeric_limits<int64_t>::max();
  int64_t highest = std::numeric_limits<int64_t>::min();

  bool IsPoor(double limit_bytes) const {
    // Plain texts compress well; plain numbers don't, and slowly.
    const double worthwhile = is_text() ? 0.9 : 1;
    constexpr double kBitsPerByte = 8;
    if (count == 0) {
      return false;
    }
    const double different = std::min(distinct.Estimate(), count);
    const double plain = count * ValueBytes();
    const double indices =
        count * std::ceil(std::log2(std::max(different, 2.0))) / kBitsPerByte;
    return different * StoredBytes() > limit_bytes ||
           different * ValueBytes() + indices > plain * worthwhile;
  }

 private:
  bool is_text() const { return bytes > 0; }
  double StoredBytes() const { return is_text() ? ValueBytes() : sizeof(int64_t); }
  /// Bytes of a number that are the same in all are left to compression.
  double ValueBytes() const {
    constexpr int kBitsPerByte = 8;
    if (is_text()) {
      return sizeof(int32_t) + bytes / count;
    }
    const auto range = static_cast<uint64_t>(highest) - static_cast<uint64_t>(lowest);
    return std::max(
        1, (static_cast<int>(std::bit_width(range)) + kBitsPerByte - 1) / kBitsPerByte);
  }
};

/// Numbers of `Stored` bytes each `stride` bytes; the bits count, as a dictionary has them.
template <class Stored>
void AddNumbers(const arrow::Array& array, const uint8_t* values, int64_t stride,
                Tally* tally) {
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      continue;
    }
    Stored value{};
    std::memcpy(&value, values + i * stride, sizeof(value));
    tally->distinct.Add(static_cast<uint64_t>(value));
    tally->lowest = std::min<int64_t>(tally->lowest, value);
    tally->highest = std::max<int64_t>(tally->highest, value);
    ++tally->count;
  }
}

template <class Stored>
void AddNumbers(const arrow::Array& array, Tally* tally) {
  const auto& values = static_cast<const arrow::PrimitiveArray&>(array).values();
  AddNumbers<Stored>(array, values->data() + array.offset() * sizeof(Stored), sizeof(Stored),
                     tally);
}

template <class TextArray>
void AddTexts(const arrow::Array& array, Tally* tally) {
  const auto& texts = static_cast<const TextArray&>(array);
  for (int64_t i = 0; i < texts.length() && tally->count < kMostTexts; ++i) {
    if (texts.IsNull(i)) {
      continue;
    }
    const std::string_view text = texts.GetView(i);
    tally->distinct.Add(std::hash<std::string_view>()(text));
    tally->bytes += static_cast<double>(text.size());
    ++tally->count;
  }
}

/// Values of other types are not counted.
void Add(const arrow::Array& array, Tally* tally) {
  switch (array.type_id()) {
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
    case arrow::Type::FLOAT:
      return AddNumbers<int32_t>(array, tally);
    case arrow::Type::INT64:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DOUBLE:
      return AddNumbers<int64_t>(array, tally);
    case arrow::Type::DECIMAL128: {
      if (static_cast<const arrow::Decimal128Type&>(*array.type()).precision() <=
          kMaxInt64Digits) {
        AddNumbers<int64_t>(array,
                            static_cast<const arrow::Decimal128Array&>(array).raw_values(),
                            arrow::Decimal128Type::kByteWidth, tally);
      }
      return;
    }
    case arrow::Type::STRING:
      return AddTexts<arrow::StringArray>(array, tally);
    case arrow::Type::LARGE_STRING:
      return AddTexts<arrow::LargeStringArray>(array, tally);
    case arrow::Type::STRING_VIEW:
      return AddTexts<arrow::StringViewArray>(array, tally);
    default:
      return;
  }
}

}  // namespace

std::vector<std::string> PoorDictionaries(
    const Schema& schema, const parquet::WriterProperties& properties,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
    const ParallelOptions& parallel) {
  parquet::SchemaDescriptor columns;
  columns.Init(ToParquetSchema(schema));
  const std::vector<LeafPath> leaves = LeafPathsOf(schema);
  const auto limit = static_cast<double>(properties.dictionary_pagesize_limit());
  std::vector<std::string> paths(leaves.size());
  ParallelFor(
      leaves.size(),
      [&](size_t i) {
        const auto path = columns.Column(static_cast<int>(i))->path();
        if (!properties.dictionary_enabled(path)) {
          return;
        }
        Tally tally;
        for (const auto& batch : batches) {
          const auto column = batch->column(static_cast<int>(leaves[i].column));
          Add(*ShredLeaf(column, leaves[i]).values, &tally);
        }
        if (tally.IsPoor(limit)) {
          paths[i] = path->ToDotString();
        }
      },
      parallel);
  std::erase(paths, std::string());
  return paths;
}

}  // namespace floe::inline v0
