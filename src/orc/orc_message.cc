#include "orc/orc_message.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace floe::inline v0 {

std::optional<OrcMessage::Entry> OrcMessage::Next() {
  if (left_.empty() || is_broken_) {
    return std::nullopt;
  }
  const std::optional<Entry> entry = ReadEntry();
  is_broken_ = !entry;
  return entry;
}

std::optional<OrcMessage::Entry> OrcMessage::ReadEntry() {
  const std::optional<uint64_t> key = NextVarint();
  if (!key) {
    return std::nullopt;
  }
  constexpr uint64_t kWireTypeBits = 3;
  Entry entry{*key >> kWireTypeBits, std::nullopt, {}};
  switch (*key & ((uint64_t{1} << kWireTypeBits) - 1)) {
    case 0:
      entry.varint = NextVarint();
      return entry.varint ? std::optional(entry) : std::nullopt;
    case 1:
      return Take(sizeof(uint64_t), entry);
    case 2: {
      const std::optional<uint64_t> size = NextVarint();
      return size ? Take(*size, entry) : std::nullopt;
    }
    case 5:
      return Take(sizeof(uint32_t), entry);
    default:
      return std::nullopt;
  }
}

std::optional<uint64_t> OrcMessage::NextVarint() {
  constexpr unsigned kBitsPerByte = 7;
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += kBitsPerByte) {
    const auto byte = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    value |= uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<OrcMessage::Entry> OrcMessage::Take(uint64_t size, Entry entry) {
  if (size > left_.size()) {
    return std::nullopt;
  }
  entry.bytes = left_.substr(0, static_cast<size_t>(size));
  left_.remove_prefix(static_cast<size_t>(size));
  return entry;
}

}  // namespace floe::inline v0
