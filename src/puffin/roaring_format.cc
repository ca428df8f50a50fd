#include "puffin/roaring_format.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/puffin/position_bitmap.h"

namespace floe::inline v0 {
namespace {

using Chunk = PositionBitmap::Chunk;

constexpr uint32_t kCookieWithoutRuns = 12'346;
constexpr uint32_t kCookieWithRuns = 12'347;
/// Bitmaps with runs of fewer containers have no offsets.
constexpr size_t kOffsetsFrom = 4;
constexpr size_t kMaxContainers = 65'536;
constexpr uint32_t kMaxArrayCardinality = 4'096;
constexpr size_t kBitsetWords = 4'096;
constexpr uint32_t kMaxKey = INT32_MAX;  // positions are not negative
constexpr int kKeyBits = 16;

/// Decodes one 64-bit bitmap.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  PositionBitmap Decode() {
    const auto count = Take<uint64_t>();
    int64_t last_key = -1;
    for (uint64_t i = 0; i < count; ++i) {
      const auto key = Take<uint32_t>();
      if (key > kMaxKey || int64_t{key} <= last_key) {
        Fail("the keys of its bitmaps do not ascend", sizeof(key));
      }
      last_key = key;
      DecodeBitmap(uint64_t{key} << kKeyBits);
    }
    if (at_ != bytes_.size()) {
      Fail("bytes follow its last bitmap", 0);
    }
    return {std::move(chunks_), std::move(words_)};
  }

 private:
  struct Header {
    uint16_t key;
    uint32_t cardinality;
    bool is_runs;
  };

  [[noreturn]] void Fail(const char* problem, size_t bytes_back) const {
    throw RoaringDataError{problem, at_ - bytes_back};
  }

  std::string_view TakeBytes(size_t size) {
    if (size > bytes_.size() - at_) {
      Fail("it is cut off", 0);
    }
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }
  template <class T>
  T Take() {
    return LoadLittleEndian<T>(TakeBytes(sizeof(T)).data());
  }

  std::vector<Header> DecodeHeaders(size_t start) {
    const auto cookie = Take<uint32_t>();
    const bool has_runs = (cookie & 0xFFFFU) == kCookieWithRuns;
    if (!has_runs && cookie != kCookieWithoutRuns) {
      Fail("a bitmap does not begin with a cookie of Roaring", sizeof(cookie));
    }
    const size_t count = has_runs ? (cookie >> 16U) + 1 : Take<uint32_t>();
    if (count > kMaxContainers) {
      Fail("a bitmap has more containers than there can be", sizeof(cookie));
    }
    const std::string_view run_flags = has_runs ? TakeBytes((count + 7) / 8) : "";
    std::vector<Header> headers;
    const size_t header_bytes = 2 * sizeof(uint16_t);
    TakeBytes(count * header_bytes);  // they are there: so reserving is safe
    at_ -= count * header_bytes;
    headers.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const auto key = Take<uint16_t>();
      const uint32_t cardinality = Take<uint16_t>() + 1U;
      if (i > 0 && key <= headers.back().key) {
        Fail("the keys of its containers do not ascend", header_bytes);
      }
      const bool is_runs =
          has_runs && ((static_cast<uint8_t>(run_flags[i / 8]) >> (i % 8)) & 1U) != 0;
      headers.push_back({key, cardinality, is_runs});
    }
    if (!has_runs || count >= kOffsetsFrom) {
      CheckOffsets(headers, start);
    }
    return headers;
  }

  /// Containers lie one behind the other, where the offsets say.
  void CheckOffsets(const std::vector<Header>& headers, size_t start) {
    const std::string_view offsets = TakeBytes(headers.size() * sizeof(uint32_t));
    size_t container = at_;
    for (size_t i = 0; i < headers.size(); ++i) {
      if (LoadLittleEndian<uint32_t>(offsets.data() + i * sizeof(uint32_t)) !=
          container - start) {
        at_ = static_cast<size_t>(offsets.data() - bytes_.data()) + i * sizeof(uint32_t);
        Fail("a container is not where its offset says", 0);
      }
      container += SizeOf(headers[i], container);
    }
  }

  size_t SizeOf(const Header& header, size_t at) const {
    if (header.is_runs) {
      if (at > bytes_.size() || bytes_.size() - at < sizeof(uint16_t)) {
        Fail("it is cut off", 0);
      }
      const size_t runs = LoadLittleEndian<uint16_t>(bytes_.data() + at);
      return sizeof(uint16_t) + runs * 2 * sizeof(uint16_t);
    }
    return sizeof(uint16_t) *
           (header.cardinality > kMaxArrayCardinality ? kBitsetWords : header.cardinality);
  }

  void DecodeBitmap(uint64_t key) {
    for (const Header& header : DecodeHeaders(at_)) {
      Chunk chunk{key | header.key, Chunk::Kind::kArray, header.cardinality, words_.size(), 0};
      size_t count = header.cardinality;
      if (header.is_runs) {
        chunk.kind = Chunk::Kind::kRuns;
        count = size_t{Take<uint16_t>()} * 2;
      } else if (header.cardinality > kMaxArrayCardinality) {
        chunk.kind = Chunk::Kind::kBitset;
        count = kBitsetWords;
      }
      const std::string_view bytes = TakeBytes(count * sizeof(uint16_t));
      words_.resize(chunk.offset + count);
      std::copy_n(bytes.data(), bytes.size(),
                  reinterpret_cast<char*>(words_.data() + chunk.offset));
      chunk.word_count = static_cast<uint32_t>(count);
      CheckWords(chunk);
      chunks_.push_back(chunk);
    }
  }

  void CheckWords(const Chunk& chunk) const {
    const std::span<const uint16_t> words(words_.data() + chunk.offset, chunk.word_count);
    uint32_t cardinality = chunk.cardinality;
    if (chunk.kind == Chunk::Kind::kBitset) {
      cardinality = 0;
      for (const uint16_t word : words) {
        cardinality += static_cast<uint32_t>(std::popcount(word));
      }
    } else if (chunk.kind == Chunk::Kind::kRuns) {
      cardinality = 0;
      for (size_t i = 0; i < words.size(); i += 2) {
        const bool ascends = i == 0 || words[i] > words[i - 2] + words[i - 1];
        if (!ascends || words[i] + words[i + 1] > UINT16_MAX) {
          Fail("the runs of a container do not ascend", words.size_bytes());
        }
        cardinality += words[i + 1] + 1U;
      }
    } else if (std::ranges::adjacent_find(words, std::ranges::greater_equal()) != words.end()) {
      Fail("the values of a container do not ascend", words.size_bytes());
    }
    if (cardinality != chunk.cardinality) {
      Fail("a container has another number of values than its header says", words.size_bytes());
    }
  }

  std::string_view bytes_;
  size_t at_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<uint16_t> words_;
};

/// Appends the 32-bit bitmap of chunks that share their key.
void AppendBitmap(std::span<const Chunk> chunks, const std::vector<uint16_t>& words,
                  std::string* out) {
  const size_t start = out->size();
  const bool has_runs = std::ranges::any_of(
      chunks, [](const Chunk& chunk) { return chunk.kind == Chunk::Kind::kRuns; });
  if (has_runs) {
    AppendLittleEndian(static_cast<uint32_t>(kCookieWithRuns | ((chunks.size() - 1) << 16U)),
                       out);
    std::string flags((chunks.size() + 7) / 8, '\0');
    for (size_t i = 0; i < chunks.size(); ++i) {
      if (chunks[i].kind == Chunk::Kind::kRuns) {
        flags[i / 8] = static_cast<char>(flags[i / 8] | (1U << (i % 8)));
      }
    }
    *out += flags;
  } else {
    AppendLittleEndian(kCookieWithoutRuns, out);
    AppendLittleEndian(static_cast<uint32_t>(chunks.size()), out);
  }
  for (const Chunk& chunk : chunks) {
    AppendLittleEndian(static_cast<uint16_t>(chunk.key), out);
    AppendLittleEndian(static_cast<uint16_t>(chunk.cardinality - 1), out);
  }
  const bool has_offsets = !has_runs || chunks.size() >= kOffsetsFrom;
  size_t container = out->size() - start + (has_offsets ? chunks.size() * sizeof(uint32_t) : 0);
  for (const Chunk& chunk : chunks) {
    if (has_offsets) {
      AppendLittleEndian(static_cast<uint32_t>(container), out);
    }
    container += chunk.word_count * sizeof(uint16_t) +
                 (chunk.kind == Chunk::Kind::kRuns ? sizeof(uint16_t) : 0);
  }
  for (const Chunk& chunk : chunks) {
    if (chunk.kind == Chunk::Kind::kRuns) {
      AppendLittleEndian(static_cast<uint16_t>(chunk.word_count / 2), out);
    }
    *out += AsText(std::as_bytes(std::span(words).subspan(chunk.offset, chunk.word_count)));
  }
}

}  // namespace

PositionBitmap DecodeRoaring(std::string_view bytes) { return Decoder(bytes).Decode(); }

void AppendRoaring(const PositionBitmap& positions, std::string* out) {
  const std::vector<Chunk>& chunks = positions.chunks();
  std::vector<std::span<const Chunk>> bitmaps;
  for (size_t first = 0; first < chunks.size();) {
    size_t end = first + 1;
    while (end < chunks.size() &&
           chunks[end].key >> kKeyBits == chunks[first].key >> kKeyBits) {
      ++end;
    }
    bitmaps.emplace_back(chunks.data() + first, end - first);
    first = end;
  }
  AppendLittleEndian(static_cast<uint64_t>(bitmaps.size()), out);
  for (const std::span<const Chunk> bitmap : bitmaps) {
    AppendLittleEndian(static_cast<uint32_t>(bitmap.front().key >> kKeyBits), out);
    AppendBitmap(bitmap, positions.words(), out);
  }
}

}  // namespace floe::inline v0
