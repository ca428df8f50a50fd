#include "variant/variant_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "schema/uuid.h"

namespace floe::inline v0 {
namespace {

constexpr uint8_t kMetadataVersion = 1;
constexpr uint8_t kSortedFlag = 0x10;
constexpr size_t kLargestShortString = 63;
constexpr size_t kLargestSmallCount = 255;

/// An unsigned number of 1 to 4 little-endian bytes.
size_t LoadUnsigned(std::string_view bytes, size_t at, size_t width) {
  size_t value = 0;
  for (size_t i = 0; i < width; ++i) {
    value |= size_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  }
  return value;
}

void AppendUnsigned(size_t value, size_t width, std::string* out) {
  for (size_t i = 0; i < width; ++i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

/// Bytes that a number up to `largest` needs.
size_t WidthOf(size_t largest) {
  if (largest > std::numeric_limits<uint32_t>::max()) {
    throw InvalidArgumentError(
        fmt::format("a variant of {} bytes is more than its encoding can hold", largest));
  }
  size_t width = 1;
  while (width < 4 && (largest >> (8 * width)) != 0) {
    ++width;
  }
  return width;
}

char FirstByte(VariantBasicType type, size_t header) {
  return static_cast<char>((header << 2U) | static_cast<size_t>(type));
}

char FirstByte(VariantPrimitive type) {
  return FirstByte(VariantBasicType::kPrimitive, static_cast<size_t>(type));
}

/// Bytes after the first of a primitive; nothing for those that say it themselves.
std::optional<size_t> FixedWidth(VariantPrimitive type) {
  switch (type) {
    case VariantPrimitive::kNull:
    case VariantPrimitive::kTrue:
    case VariantPrimitive::kFalse:
      return 0;
    case VariantPrimitive::kInt8:
      return 1;
    case VariantPrimitive::kInt16:
      return 2;
    case VariantPrimitive::kInt32:
    case VariantPrimitive::kDate:
    case VariantPrimitive::kFloat:
      return 4;
    case VariantPrimitive::kInt64:
    case VariantPrimitive::kDouble:
    case VariantPrimitive::kTimestamptz:
    case VariantPrimitive::kTimestamp:
    case VariantPrimitive::kTime:
    case VariantPrimitive::kTimestamptzNs:
    case VariantPrimitive::kTimestampNs:
      return 8;
    case VariantPrimitive::kDecimal4:
      return 1 + 4;
    case VariantPrimitive::kDecimal8:
      return 1 + 8;
    case VariantPrimitive::kDecimal16:
      return 1 + 16;
    case VariantPrimitive::kUuid:
      return kUuidBytes;
    case VariantPrimitive::kBinary:
    case VariantPrimitive::kString:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

VariantMetadata::VariantMetadata(std::string_view bytes) : bytes_(bytes) {
  if (bytes.empty()) {
    throw VariantDataError("a variant has no metadata");
  }
  const auto header = static_cast<uint8_t>(bytes[0]);
  if ((header & 0x0FU) != kMetadataVersion) {
    throw VariantDataError(
        fmt::format("a variant's metadata has version {}; version {} is known", header & 0x0FU,
                    kMetadataVersion));
  }
  offset_size_ = (header >> 6U) + size_t{1};
  sorted_ = (header & kSortedFlag) != 0;
  if (bytes.size() < 1 + offset_size_) {
    throw VariantDataError("a variant's metadata is cut off");
  }
  size_ = LoadUnsigned(bytes, 1, offset_size_);
  if (size_ + 2 > bytes.size() / offset_size_ + 1 ||
      1 + (size_ + 2) * offset_size_ > bytes.size()) {
    throw VariantDataError(
        fmt::format("a variant's metadata of {} bytes claims {} names", bytes.size(), size_));
  }
  names_at_ = 1 + (size_ + 2) * offset_size_;
}

std::string_view VariantMetadata::name(size_t id) const {
  if (id >= size_) {
    throw VariantDataError(
        fmt::format("a variant's object has name {} of a dictionary of {}", id, size_));
  }
  const size_t at = 1 + (id + 1) * offset_size_;
  const size_t begin = LoadUnsigned(bytes_, at, offset_size_);
  const size_t end = LoadUnsigned(bytes_, at + offset_size_, offset_size_);
  if (begin > end || end > bytes_.size() - names_at_) {
    throw VariantDataError("a variant's metadata has names beyond its end");
  }
  return bytes_.substr(names_at_ + begin, end - begin);
}

std::optional<size_t> VariantMetadata::Find(std::string_view name) const {
  if (!sorted_) {
    for (size_t id = 0; id < size_; ++id) {
      if (this->name(id) == name) {
        return id;
      }
    }
    return std::nullopt;
  }
  size_t low = 0;
  size_t high = size_;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (this->name(middle) < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < size_ && this->name(low) == name ? std::optional(low) : std::nullopt;
}

std::string EncodeVariantMetadata(const std::vector<std::string_view>& names) {
  size_t bytes = 0;
  for (const std::string_view name : names) {
    bytes += name.size();
  }
  const size_t width = WidthOf(std::max(bytes, names.size()));
  std::string out;
  out.push_back(static_cast<char>(kMetadataVersion | kSortedFlag | ((width - 1) << 6U)));
  AppendUnsigned(names.size(), width, &out);
  size_t offset = 0;
  AppendUnsigned(offset, width, &out);
  for (const std::string_view name : names) {
    offset += name.size();
    AppendUnsigned(offset, width, &out);
  }
  for (const std::string_view name : names) {
    out += name;
  }
  return out;
}

VariantValue::VariantValue(std::string_view bytes) : bytes_(bytes) {
  if (bytes.empty()) {
    throw VariantDataError("a variant's value is cut off");
  }
}

std::string_view VariantValue::Take(size_t at, size_t count) const {
  if (at > bytes_.size() || count > bytes_.size() - at) {
    throw VariantDataError("a variant's value is cut off");
  }
  return bytes_.substr(at, count);
}

VariantPrimitive VariantValue::primitive() const {
  const unsigned header = static_cast<uint8_t>(bytes_[0]) >> 2U;
  if (header > static_cast<unsigned>(VariantPrimitive::kUuid)) {
    throw VariantDataError(
        fmt::format("a variant has primitive type {}, which is not known", header));
  }
  return static_cast<VariantPrimitive>(header);
}

template <class T>
T VariantValue::Fixed() const {
  return LoadLittleEndian<T>(Take(1, sizeof(T)).data());
}
template int8_t VariantValue::Fixed() const;
template int16_t VariantValue::Fixed() const;
template int32_t VariantValue::Fixed() const;
template int64_t VariantValue::Fixed() const;
template float VariantValue::Fixed() const;
template double VariantValue::Fixed() const;

int VariantValue::decimal_scale() const {
  const auto scale = static_cast<uint8_t>(Take(1, 1)[0]);
  if (scale > kMaxDecimalPrecision) {
    throw VariantDataError(fmt::format("a variant has a decimal of scale {}", scale));
  }
  return scale;
}

Int128 VariantValue::decimal_unscaled() const {
  switch (primitive()) {
    case VariantPrimitive::kDecimal4:
      return LoadLittleEndian<int32_t>(Take(2, 4).data());
    case VariantPrimitive::kDecimal8:
      return LoadLittleEndian<int64_t>(Take(2, 8).data());
    default:
      return LoadLittleEndian<Int128>(Take(2, 16).data());
  }
}

std::string_view VariantValue::Bytes() const {
  if (basic_type() == VariantBasicType::kShortString) {
    return Take(1, static_cast<uint8_t>(bytes_[0]) >> 2U);
  }
  if (primitive() == VariantPrimitive::kUuid) {
    return Take(1, kUuidBytes);
  }
  return Take(1 + 4, LoadLittleEndian<uint32_t>(Take(1, 4).data()));
}

VariantValue::Layout VariantValue::ReadLayout() const {
  const unsigned header = static_cast<uint8_t>(bytes_[0]) >> 2U;
  const bool is_object = basic_type() == VariantBasicType::kObject;
  const bool is_large = ((is_object ? header >> 4U : header >> 2U) & 1U) != 0;
  Layout layout{};
  layout.offset_size = (header & 3U) + 1;
  layout.id_size = is_object ? ((header >> 2U) & 3U) + 1 : 0;
  const size_t count_size = is_large ? 4 : 1;
  layout.count = LoadUnsigned(Take(1, count_size), 0, count_size);
  // 32-bit counts times at most 8: no overflow of 64 bits.
  layout.ids_at = 1 + count_size;
  layout.offsets_at = layout.ids_at + layout.count * layout.id_size;
  layout.values_at = layout.offsets_at + (layout.count + 1) * layout.offset_size;
  Take(layout.ids_at, layout.values_at - layout.ids_at);
  const size_t last = LoadUnsigned(
      bytes_, layout.offsets_at + layout.count * layout.offset_size, layout.offset_size);
  layout.end = layout.values_at + last;
  Take(layout.values_at, last);
  return layout;
}

VariantValue VariantValue::ChildAt(const Layout& layout, size_t i, size_t* total) const {
  const size_t offset =
      LoadUnsigned(bytes_, layout.offsets_at + i * layout.offset_size, layout.offset_size);
  if (layout.values_at + offset >= layout.end) {
    throw VariantDataError("a variant has an element beyond its end");
  }
  const VariantValue child(
      bytes_.substr(layout.values_at + offset, layout.end - layout.values_at - offset));
  *total += child.size();
  if (*total > layout.end - layout.values_at) {
    throw VariantDataError("a variant has elements that overlap");
  }
  return child;
}

std::vector<VariantValue::Member> VariantValue::Members() const {
  const Layout layout = ReadLayout();
  std::vector<Member> members;
  size_t total = 0;
  members.reserve(layout.count);
  for (size_t i = 0; i < layout.count; ++i) {
    members.push_back({LoadUnsigned(bytes_, layout.ids_at + i * layout.id_size, layout.id_size),
                       ChildAt(layout, i, &total)});
  }
  return members;
}

std::vector<VariantValue> VariantValue::Elements() const {
  const Layout layout = ReadLayout();
  std::vector<VariantValue> elements;
  size_t total = 0;
  elements.reserve(layout.count);
  for (size_t i = 0; i < layout.count; ++i) {
    elements.push_back(ChildAt(layout, i, &total));
  }
  return elements;
}

size_t VariantValue::size() const {
  switch (basic_type()) {
    case VariantBasicType::kShortString:
      return 1 + Bytes().size();
    case VariantBasicType::kObject:
    case VariantBasicType::kArray:
      return ReadLayout().end;
    case VariantBasicType::kPrimitive:
      break;
  }
  if (const std::optional<size_t> width = FixedWidth(primitive())) {
    return 1 + Take(1, *width).size();
  }
  return 1 + 4 + Bytes().size();
}

void AppendVariantNull(std::string* out) { out->push_back(FirstByte(VariantPrimitive::kNull)); }

void AppendVariantBoolean(bool value, std::string* out) {
  out->push_back(FirstByte(value ? VariantPrimitive::kTrue : VariantPrimitive::kFalse));
}

template <class T>
void AppendVariantFixed(VariantPrimitive type, T value, std::string* out) {
  Check(FixedWidth(type) == sizeof(T), "a variant's primitive has another width");
  out->push_back(FirstByte(type));
  AppendLittleEndian(value, out);
}
template void AppendVariantFixed(VariantPrimitive, int8_t, std::string*);
template void AppendVariantFixed(VariantPrimitive, int16_t, std::string*);
template void AppendVariantFixed(VariantPrimitive, int32_t, std::string*);
template void AppendVariantFixed(VariantPrimitive, int64_t, std::string*);
template void AppendVariantFixed(VariantPrimitive, float, std::string*);
template void AppendVariantFixed(VariantPrimitive, double, std::string*);

void AppendVariantInteger(int64_t value, std::string* out) {
  const auto fits = [&]<class T>(T /*example*/) {
    return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
  };
  if (fits(int8_t{})) {
    AppendVariantFixed(VariantPrimitive::kInt8, static_cast<int8_t>(value), out);
  } else if (fits(int16_t{})) {
    AppendVariantFixed(VariantPrimitive::kInt16, static_cast<int16_t>(value), out);
  } else if (fits(int32_t{})) {
    AppendVariantFixed(VariantPrimitive::kInt32, static_cast<int32_t>(value), out);
  } else {
    AppendVariantFixed(VariantPrimitive::kInt64, value, out);
  }
}

void AppendVariantDecimal(Int128 unscaled, int precision, int scale, std::string* out) {
  constexpr int kDigitsOf4Bytes = 9;
  constexpr int kDigitsOf8Bytes = 18;
  const auto begin = [&](VariantPrimitive type) {
    out->push_back(FirstByte(type));
    out->push_back(static_cast<char>(scale));
  };
  if (precision <= kDigitsOf4Bytes) {
    begin(VariantPrimitive::kDecimal4);
    AppendLittleEndian(static_cast<int32_t>(unscaled), out);
  } else if (precision <= kDigitsOf8Bytes) {
    begin(VariantPrimitive::kDecimal8);
    AppendLittleEndian(static_cast<int64_t>(unscaled), out);
  } else {
    begin(VariantPrimitive::kDecimal16);
    AppendLittleEndian(unscaled, out);
  }
}

void AppendVariantString(std::string_view text, std::string* out) {
  if (text.size() <= kLargestShortString) {
    out->push_back(FirstByte(VariantBasicType::kShortString, text.size()));
  } else {
    WidthOf(text.size());
    out->push_back(FirstByte(VariantPrimitive::kString));
    AppendLittleEndian(static_cast<uint32_t>(text.size()), out);
  }
  *out += text;
}

void AppendVariantBinary(std::string_view bytes, std::string* out) {
  WidthOf(bytes.size());
  out->push_back(FirstByte(VariantPrimitive::kBinary));
  AppendLittleEndian(static_cast<uint32_t>(bytes.size()), out);
  *out += bytes;
}

void AppendVariantUuid(std::string_view bytes, std::string* out) {
  Check(bytes.size() == kUuidBytes, "a UUID has 16 bytes");
  out->push_back(FirstByte(VariantPrimitive::kUuid));
  *out += bytes;
}

void AppendVariantArray(const std::vector<std::string>& elements, std::string* out) {
  size_t total = 0;
  for (const std::string& element : elements) {
    total += element.size();
  }
  const bool is_large = elements.size() > kLargestSmallCount;
  const size_t width = WidthOf(total);
  out->push_back(
      FirstByte(VariantBasicType::kArray, (is_large ? size_t{1} << 2U : 0) | (width - 1)));
  AppendUnsigned(elements.size(), is_large ? 4 : 1, out);
  size_t offset = 0;
  AppendUnsigned(offset, width, out);
  for (const std::string& element : elements) {
    offset += element.size();
    AppendUnsigned(offset, width, out);
  }
  for (const std::string& element : elements) {
    *out += element;
  }
}

void AppendVariantObject(const std::vector<std::pair<size_t, std::string>>& members,
                         std::string* out) {
  size_t total = 0;
  size_t largest_id = 0;
  for (const auto& [id, value] : members) {
    total += value.size();
    largest_id = std::max(largest_id, id);
  }
  const bool is_large = members.size() > kLargestSmallCount;
  const size_t width = WidthOf(total);
  const size_t id_width = WidthOf(largest_id);
  out->push_back(FirstByte(VariantBasicType::kObject, (is_large ? size_t{1} << 4U : 0) |
                                                          ((id_width - 1) << 2U) |
                                                          (width - 1)));
  AppendUnsigned(members.size(), is_large ? 4 : 1, out);
  for (const auto& member : members) {
    AppendUnsigned(member.first, id_width, out);
  }
  size_t offset = 0;
  AppendUnsigned(offset, width, out);
  for (const auto& member : members) {
    offset += member.second.size();
    AppendUnsigned(offset, width, out);
  }
  for (const auto& member : members) {
    *out += member.second;
  }
}

}  // namespace floe::inline v0
