#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace floe::inline v0 {

/// Goes over the fields of one message of ORC's protocol buffers; ends at what it can't read.
/// The bytes must outlive it and its entries.
class OrcMessage {
 public:
  explicit OrcMessage(std::string_view bytes) : left_(bytes) {}

  struct Entry {
    uint64_t number;
    std::optional<uint64_t> varint;  ///< what `bytes` has otherwise
    std::string_view bytes;
  };

  std::optional<Entry> Next();

  /// Whether Next() ended before the message did.
  bool is_broken() const { return is_broken_; }

  /// A number that is alone in front of the bytes that are left, as in packed lists.
  std::optional<uint64_t> NextVarint();

 private:
  std::optional<Entry> ReadEntry();
  std::optional<Entry> Take(uint64_t size, Entry entry);

  std::string_view left_;
  bool is_broken_ = false;
};

}  // namespace floe::inline v0
