#include "orc/orc_stripe_check.h"

#include <arrow/io/interfaces.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/error.h"
#include "orc/orc_layout.h"
#include "orc/orc_runs.h"
#include "orc/orc_stream_bytes.h"
#include "parquet/arrow_status.h"

namespace floe::inline v0 {
namespace {

constexpr int64_t kBitsPerByte = 8;
/// Of rows, values and bytes of a value: Arrow's arrays have no more.
constexpr int64_t kMostValues = std::numeric_limits<int32_t>::max();
/// A stream with no more values or bytes than these for each byte that it has in the file
/// needs no closer look: what is allocated for it is in proportion to the file.
constexpr int64_t kUsualValuesPerByte = 16;
constexpr int64_t kUsualRatio = 32;
constexpr int64_t kFewValues = 64 << 10;
constexpr int64_t kMostFooterBytes = 64 << 20;

const char* NameOf(OrcStreamKind kind) {
  switch (kind) {
    case OrcStreamKind::kPresent:
      return "PRESENT";
    case OrcStreamKind::kData:
      return "DATA";
    case OrcStreamKind::kLength:
      return "LENGTH";
    case OrcStreamKind::kDictionaryData:
      return "DICTIONARY_DATA";
    case OrcStreamKind::kSecondary:
      return "SECONDARY";
    case OrcStreamKind::kOther:
      break;
  }
  return "other";
}

/// The columns of one stripe.
class ColumnsCheck {
 public:
  ColumnsCheck(const OrcLayout& layout, const OrcCompression& compression,
               OrcFileWindow& window, const OrcStripeFooter& footer)
      : layout_(layout), compression_(compression), window_(window), footer_(footer) {}

  /// The root, and of its children those at `places`.
  void CheckRoot(int64_t rows, std::span<const int> places) {
    const OrcType& root = layout_.types.front();
    const int64_t present = CountPresent(0, rows);
    for (const int place : places) {
      if (static_cast<size_t>(place) < root.children.size()) {
        CheckColumn(root.children[static_cast<size_t>(place)], present);
      }
    }
  }

 private:
  void CheckColumn(uint32_t column, int64_t rows);
  int64_t CountPresent(uint32_t column, int64_t rows);
  void CheckStrings(uint32_t column, int64_t count);
  void CheckScales(uint32_t column, int64_t count);
  int64_t SumLengths(uint32_t column, int64_t count, int64_t limit);
  void RequireIntegers(uint32_t column, int64_t count);
  void RequireBits(uint32_t column, int64_t count, int64_t bits);
  bool HasUsualCount(uint32_t column, int64_t count) const;
  void RequireBytes(uint32_t column, OrcStreamKind kind, int64_t size);
  const OrcEncoding& EncodingOf(uint32_t column) const;
  const OrcStream* Find(uint32_t column, OrcStreamKind kind) const;
  OrcStreamBytes Open(uint32_t column, OrcStreamKind kind) const;

  const OrcLayout& layout_;
  const OrcCompression& compression_;
  OrcFileWindow& window_;
  const OrcStripeFooter& footer_;
};

const OrcEncoding& ColumnsCheck::EncodingOf(uint32_t column) const {
  if (column >= footer_.encodings.size()) {
    throw CorruptFileError(
        fmt::format(
            "data file {} has a stripe of {} columns, but column {} is one of its types",
            window_.location(), footer_.encodings.size(), column),
        {.path = window_.location()});
  }
  return footer_.encodings[column];
}

/// The first one counts, as for the adapter.
const OrcStream* ColumnsCheck::Find(uint32_t column, OrcStreamKind kind) const {
  const auto found = std::ranges::lower_bound(
      footer_.streams, std::pair(column, kind), {},
      [](const OrcStream& stream) { return std::pair(stream.column, stream.kind); });
  return found == footer_.streams.end() || found->column != column || found->kind != kind
             ? nullptr
             : &*found;
}

/// A stream that is not there is an empty one.
OrcStreamBytes ColumnsCheck::Open(uint32_t column, OrcStreamKind kind) const {
  const OrcStream* stream = Find(column, kind);
  return {window_, compression_, stream == nullptr ? 0 : static_cast<int64_t>(stream->offset),
          stream == nullptr ? 0 : static_cast<int64_t>(stream->size),
          fmt::format("{} stream in column {}", NameOf(kind), column)};
}

int64_t ColumnsCheck::CountPresent(uint32_t column, int64_t rows) {
  EncodingOf(column);
  if (Find(column, OrcStreamKind::kPresent) == nullptr) {
    return rows;
  }
  OrcStreamBytes bytes = Open(column, OrcStreamKind::kPresent);
  return CountOrcPresent(bytes, rows);
}

void ColumnsCheck::CheckColumn(uint32_t column, int64_t rows) {
  const OrcType& type = layout_.types[column];
  const int64_t count = CountPresent(column, rows);
  switch (type.kind) {
    case OrcKind::kBoolean:
      return RequireBits(column, count, 1);
    case OrcKind::kByte:
      return RequireBits(column, count, kBitsPerByte);
    case OrcKind::kShort:
    case OrcKind::kInt:
    case OrcKind::kLong:
    case OrcKind::kDate:
    case OrcKind::kTimestamp:
    case OrcKind::kTimestampInstant:
      return RequireIntegers(column, count);
    case OrcKind::kFloat:
      return RequireBytes(column, OrcStreamKind::kData, count * int64_t{sizeof(float)});
    case OrcKind::kDouble:
      return RequireBytes(column, OrcStreamKind::kData, count * int64_t{sizeof(double)});
    case OrcKind::kString:
    case OrcKind::kBinary:
    case OrcKind::kVarchar:
    case OrcKind::kChar:
      return CheckStrings(column, count);
    case OrcKind::kDecimal:
      return CheckScales(column, count);
    case OrcKind::kList:
    case OrcKind::kMap: {
      const int64_t values = SumLengths(column, count, kMostValues);
      for (const uint32_t child : type.children) {
        CheckColumn(child, values);
      }
      return;
    }
    case OrcKind::kStruct:
      for (const uint32_t child : type.children) {
        CheckColumn(child, count);
      }
      return;
    case OrcKind::kUnion:  // which Iceberg has not
    case OrcKind::kUnknown:
      return;
  }
}

void ColumnsCheck::CheckStrings(uint32_t column, int64_t count) {
  const OrcEncoding& encoding = EncodingOf(column);
  constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
  if (encoding.has_dictionary) {
    const int64_t size = SumLengths(column, encoding.dictionary_size, kAny);
    RequireBytes(column, OrcStreamKind::kDictionaryData, size);
    RequireIntegers(column, count);
  } else {
    RequireBytes(column, OrcStreamKind::kData, SumLengths(column, count, kAny));
  }
}

int64_t ColumnsCheck::SumLengths(uint32_t column, int64_t count, int64_t limit) {
  OrcStreamBytes bytes = Open(column, OrcStreamKind::kLength);
  OrcIntegers lengths(bytes, EncodingOf(column).is_v2, false);
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t length = lengths.Next();
    if (length < 0 || length > kMostValues) {
      bytes.Fail(fmt::format("length {} of {} is {}, but it can be 0 to {}", i, count,
                             static_cast<uint64_t>(length), kMostValues));
    }
    sum += length;
    if (sum > limit) {
      bytes.Fail(fmt::format("there are more than {} values", limit));
    }
  }
  return sum;
}

void ColumnsCheck::CheckScales(uint32_t column, int64_t count) {
  OrcStreamBytes bytes = Open(column, OrcStreamKind::kSecondary);
  OrcIntegers scales(bytes, EncodingOf(column).is_v2, true);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t scale = scales.Next();
    if (scale < 0 || scale > kMostOrcDigits) {
      bytes.Fail(fmt::format("scale {} of {} is {}, but it can be 0 to {}", i, count, scale,
                             kMostOrcDigits));
    }
  }
  RequireBytes(column, OrcStreamKind::kData, count);
}

bool ColumnsCheck::HasUsualCount(uint32_t column, int64_t count) const {
  const OrcStream* stream = Find(column, OrcStreamKind::kData);
  return count <= kFewValues || (stream != nullptr && count / kUsualValuesPerByte <=
                                                          static_cast<int64_t>(stream->size));
}

/// Throws if the DATA stream has fewer than `count`, which are more than usual.
void ColumnsCheck::RequireIntegers(uint32_t column, int64_t count) {
  if (HasUsualCount(column, count)) {
    return;
  }
  OrcStreamBytes bytes = Open(column, OrcStreamKind::kData);
  OrcIntegers integers(bytes, EncodingOf(column).is_v2, false);
  for (int64_t i = 0; i < count; ++i) {
    integers.Next();
  }
}

/// The same for values of `bits` bits.
void ColumnsCheck::RequireBits(uint32_t column, int64_t count, int64_t bits) {
  if (!HasUsualCount(column, count)) {
    OrcStreamBytes bytes = Open(column, OrcStreamKind::kData);
    CountOrcPresent(bytes, count * bits);
  }
}

/// Throws if the stream can't have `size` bytes.
void ColumnsCheck::RequireBytes(uint32_t column, OrcStreamKind kind, int64_t size) {
  OrcStreamBytes bytes = Open(column, kind);
  const OrcStream* stream = Find(column, kind);
  const int64_t stored = stream == nullptr ? 0 : static_cast<int64_t>(stream->size);
  const bool is_compressed = compression_.is_compressed();
  const bool is_usual = is_compressed && size / kUsualRatio < stored;
  if (!is_usual && !bytes.MayHold(size)) {
    bytes.Fail(fmt::format("it has {} bytes{}, but its values need {}", stored,
                           is_compressed ? ", compressed" : "", size));
  }
}

}  // namespace

OrcStripeCheck::OrcStripeCheck(std::shared_ptr<arrow::io::RandomAccessFile> file,
                               std::string_view tail, std::string location)
    : file_(std::move(file)),
      location_(std::move(location)),
      layout_(ParseOrcLayout(tail, location_)) {}

void OrcStripeCheck::Check(size_t stripe, std::span<const int> columns) const {
  if (layout_.codec == OrcCodec::kOther) {
    return;
  }
  const auto file_size =
      static_cast<uint64_t>(ValueOrThrow(file_->GetSize(), ArrowContext::Reading(location_)));
  const OrcStripePlace& place = PlaceOf(stripe, file_size);
  const auto begin = static_cast<int64_t>(place.offset);
  const auto footer_at = static_cast<int64_t>(place.index_size + place.data_size);
  const auto footer_size = static_cast<int64_t>(place.footer_size);
  OrcFileWindow window(file_, location_, begin, begin + footer_at + footer_size);
  // For this call alone, as codecs are not thread-safe.
  const OrcCompression compression(layout_.codec, layout_.block_size, location_);
  const std::string bytes = OrcStreamBytes(window, compression, footer_at, footer_size,
                                           fmt::format("footer of stripe {}", stripe))
                                .ReadAll(kMostFooterBytes);
  const OrcStripeFooter footer = ParseOrcStripeFooter(bytes, place, location_);
  ColumnsCheck(layout_, compression, window, footer)
      .CheckRoot(static_cast<int64_t>(place.row_count), columns);
}

/// Throws if the stripe is not within the file.
const OrcStripePlace& OrcStripeCheck::PlaceOf(size_t stripe, uint64_t file_size) const {
  if (stripe >= layout_.stripes.size()) {
    throw CorruptFileError(fmt::format("data file {} has {} stripes, but {} were found before",
                                       location_, layout_.stripes.size(), stripe + 1),
                           {.path = location_});
  }
  const OrcStripePlace& place = layout_.stripes[stripe];
  uint64_t left = file_size;
  for (const uint64_t size :
       {place.offset, place.index_size, place.data_size, place.footer_size}) {
    if (size > left) {
      throw CorruptFileError(fmt::format("data file {} of {} bytes ends in stripe {}",
                                         location_, file_size, stripe),
                             {.path = location_});
    }
    left -= size;
  }
  if (place.row_count > static_cast<uint64_t>(kMostValues)) {
    throw CorruptFileError(
        fmt::format("data file {} has {} rows in stripe {}, but there can be {}", location_,
                    place.row_count, stripe, kMostValues),
        {.path = location_});
  }
  return place;
}

}  // namespace floe::inline v0
