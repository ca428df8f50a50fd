// How libFuzzer changes inputs of targets that read Avro container files: the header's JSON as
// JSON, blocks within their sizes, so that what comes out is a container still.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz_target.h"
#include "json_mutation.h"

namespace floe::fuzz {
namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr size_t kSyncBytes = 16;

struct Block {
  int64_t count = 0;
  std::string data;
};

/// A container file; header entries by name.
struct Container {
  std::vector<std::pair<std::string, std::string>> header;
  std::string sync;
  std::vector<Block> blocks;
};

/// Reads what a container file is made of, not what its blocks hold.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Container> Parse() {
    Container container;
    if (Bytes(kMagic.size()) != kMagic) {
      return std::nullopt;
    }
    while (const int64_t entries = Long()) {
      if (is_bad_ || entries < 0 || entries > kMost) {
        return std::nullopt;
      }
      for (int64_t i = 0; i < entries && !is_bad_; ++i) {
        std::string name(Text());
        container.header.emplace_back(std::move(name), Text());
      }
    }
    container.sync = Bytes(kSyncBytes);
    while (!is_bad_ && !text_.empty()) {
      const int64_t count = Long();
      container.blocks.push_back({count, std::string(Text())});
      is_bad_ = is_bad_ || Bytes(kSyncBytes) != container.sync;
    }
    return is_bad_ ? std::nullopt : std::optional(std::move(container));
  }

 private:
  static constexpr int64_t kMost = 1000;

  std::string_view Bytes(size_t size) {
    is_bad_ = is_bad_ || size > text_.size();
    const std::string_view bytes = text_.substr(0, is_bad_ ? 0 : size);
    text_.remove_prefix(bytes.size());
    return bytes;
  }

  int64_t Long() {
    constexpr unsigned kBits = 64;
    uint64_t zigzag = 0;
    for (unsigned shift = 0; shift < kBits; shift += 7) {
      const std::string_view byte = Bytes(1);
      if (is_bad_) {
        return 0;
      }
      zigzag |= static_cast<uint64_t>(byte[0] & 0x7f) << shift;
      if ((byte[0] & 0x80) == 0) {
        return static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
      }
    }
    is_bad_ = true;
    return 0;
  }

  std::string_view Text() {
    const int64_t size = Long();
    is_bad_ = is_bad_ || size < 0;
    return Bytes(is_bad_ ? 0 : static_cast<size_t>(size));
  }

  std::string_view text_;
  bool is_bad_ = false;
};

std::string LongOf(int64_t value) {
  std::string bytes;
  auto zigzag = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; zigzag > 0x7f; zigzag >>= 7) {
    bytes += static_cast<char>((zigzag & 0x7f) | 0x80);
  }
  return bytes + static_cast<char>(zigzag);
}

std::string SizedOf(const std::string& text) {
  return LongOf(static_cast<int64_t>(text.size())) + text;
}

std::string TextOf(const Container& container) {
  std::string text(kMagic);
  if (!container.header.empty()) {
    text += LongOf(static_cast<int64_t>(container.header.size()));
    for (const auto& [name, value] : container.header) {
      text += SizedOf(name) + SizedOf(value);
    }
  }
  text += LongOf(0) + container.sync;
  for (const Block& block : container.blocks) {
    text += LongOf(block.count) + SizedOf(block.data) + container.sync;
  }
  return text;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  /// Whether the container was changed.
  bool Change(Container* container) {
    constexpr unsigned kWays = 8;
    const auto way = random_() % kWays;
    if (way < 3) {
      return !container->header.empty() && ChangeHeader(container, way);
    }
    if (container->blocks.empty()) {
      return false;
    }
    Block& block = Any(container->blocks);
    switch (way) {
      case 3:
        block.count = Number(block.count);
        return true;
      case 4:
        return PutNumber(&block.data);
      case 5:
        return Repeat(&block.data);
      default:
        block.data = ChangeBytes(block.data);
        return true;
    }
  }

  /// Takes blocks, or a header entry, of another container.
  bool Cross(Container* container, const Container& other) {
    if (random_() % 3 == 0 && !other.header.empty() && !container->header.empty()) {
      Any(container->header) = Any(other.header);
    } else {
      container->blocks = other.blocks;
    }
    return true;
  }

 private:
  template <typename Item>
  Item& Any(std::vector<Item>& items) {
    return items[random_() % items.size()];
  }

  template <typename Item>
  const Item& Any(const std::vector<Item>& items) {
    return items[random_() % items.size()];
  }

  bool ChangeHeader(Container* container, uint64_t way) {
    auto& [name, value] = Any(container->header);
    if (way == 0) {
      value = ChangeBytes(value);
    } else if (way == 1 && random_() % 4 == 0) {
      container->header.erase(container->header.begin() +
                              static_cast<int64_t>(random_() % container->header.size()));
    } else if (auto changed = ChangeJson(value, static_cast<unsigned>(random_()))) {
      value = *std::move(changed);
    } else {
      return false;
    }
    return true;
  }

  int64_t Number(int64_t old) {
    constexpr std::array<int64_t, 12> kNumbers = {0,
                                                  1,
                                                  -1,
                                                  2,
                                                  3,
                                                  64,
                                                  1000,
                                                  0x7fffffff,
                                                  -64,
                                                  1LL << 31,
                                                  std::numeric_limits<int64_t>::max(),
                                                  std::numeric_limits<int64_t>::min()};
    const auto way = random_() % (kNumbers.size() + 2);
    if (way < kNumbers.size()) {
      return kNumbers.at(way);
    }
    return way == kNumbers.size() ? old / 2 + 1 : old ^ 1;
  }

  /// Puts a number in the place of a byte or before it: lengths, counts and branches are such.
  bool PutNumber(std::string* data) {
    const size_t at = random_() % (data->size() + 1);
    data->replace(at, random_() % 2, LongOf(Number(0)));
    return true;
  }

  bool Repeat(std::string* data) {
    constexpr size_t kMost = 64;
    if (data->empty()) {
      return false;
    }
    const std::string part = data->substr(random_() % data->size(), random_() % kMost);
    data->insert(random_() % data->size(), part);
    return true;
  }

  std::minstd_rand random_;
};

}  // namespace
}  // namespace floe::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace floe::fuzz;  // NOLINT(google-build-using-namespace): a C function has none
  std::optional<Container> container = Parser(TextOf(data, size)).Parse();
  size_t given = 0;
  if (container && seed % 8 != 0 && Mutator(seed).Change(&*container)) {
    given = Give(TextOf(*container), data, max_size);
  }
  return given != 0 ? given : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2, uint8_t* out,
                                            size_t max_size, unsigned seed) {
  using namespace floe::fuzz;  // NOLINT(google-build-using-namespace): a C function has none
  std::optional<Container> container = Parser(TextOf(data1, size1)).Parse();
  const std::optional<Container> other = Parser(TextOf(data2, size2)).Parse();
  if (!container || !other || !Mutator(seed).Cross(&*container, *other)) {
    return 0;
  }
  return Give(TextOf(*container), out, max_size);
}
