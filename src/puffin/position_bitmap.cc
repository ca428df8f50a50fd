#include "floe/puffin/position_bitmap.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

using Chunk = PositionBitmap::Chunk;

constexpr int kChunkBits = 16;
constexpr uint32_t kChunkSize = 1U << 16U;
constexpr size_t kBitsetWords = 4'096;
constexpr int kBitsOfWord = 16;
/// Arrays of more values take more room than a bitset.
constexpr size_t kMaxArrayValues = 4'096;

/// Gathers runs that touch into one before they are handed on.
class RunJoiner {
 public:
  RunJoiner(int64_t begin, int64_t end, const std::function<void(int64_t, int64_t)>& run)
      : begin_(begin), end_(end), run_(run) {}
  ~RunJoiner() = default;
  RunJoiner(const RunJoiner&) = delete;
  RunJoiner& operator=(const RunJoiner&) = delete;

  void Add(int64_t first, int64_t count) {
    const int64_t from = std::max(first, begin_);
    const int64_t to = std::min(first + count, end_);
    if (from >= to) {
      return;
    }
    if (from == next_) {
      next_ = to;
      return;
    }
    Flush();
    first_ = from;
    next_ = to;
  }
  void Flush() {
    if (next_ > first_) {
      run_(first_, next_ - first_);
    }
    first_ = next_;
  }

 private:
  int64_t begin_;
  int64_t end_;
  const std::function<void(int64_t, int64_t)>& run_;
  int64_t first_ = 0;
  int64_t next_ = 0;
};

int64_t BaseOf(const Chunk& chunk) { return static_cast<int64_t>(chunk.key << kChunkBits); }

void RunsOfBitset(int64_t base, std::span<const uint16_t> words, RunJoiner& runs) {
  for (size_t w = 0; w < words.size(); ++w) {
    uint32_t bits = words[w];
    const int64_t at = base + static_cast<int64_t>(w) * kBitsOfWord;
    while (bits != 0) {
      const int skip = std::countr_zero(bits);
      const int count = std::countr_one(bits >> static_cast<unsigned>(skip));
      runs.Add(at + skip, count);
      bits &= ~(((1U << static_cast<unsigned>(count)) - 1U) << static_cast<unsigned>(skip));
    }
  }
}

/// The values as pairs of start and length − 1.
std::vector<uint16_t> PairsOf(const std::vector<uint16_t>& values) {
  std::vector<uint16_t> pairs;
  for (size_t i = 0; i < values.size();) {
    size_t end = i + 1;
    while (end < values.size() && values[end] == values[end - 1] + 1) {
      ++end;
    }
    pairs.push_back(values[i]);
    pairs.push_back(static_cast<uint16_t>(end - i - 1));
    i = end;
  }
  return pairs;
}

}  // namespace

PositionBitmap::PositionBitmap(std::vector<int64_t> positions) {
  std::ranges::sort(positions);
  const auto repeated = std::ranges::unique(positions);
  positions.erase(repeated.begin(), repeated.end());
  Check(positions.empty() || positions.front() >= 0, "a row position is negative");
  std::vector<uint16_t> values;
  for (size_t i = 0; i < positions.size(); ++i) {
    values.push_back(static_cast<uint16_t>(positions[i] & (kChunkSize - 1)));
    const uint64_t key = static_cast<uint64_t>(positions[i]) >> kChunkBits;
    if (i + 1 == positions.size() ||
        static_cast<uint64_t>(positions[i + 1]) >> kChunkBits != key) {
      AddChunk(key, values);
      values.clear();
    }
  }
}

PositionBitmap::PositionBitmap(std::vector<Chunk> chunks, std::vector<uint16_t> words)
    : chunks_(std::move(chunks)), words_(std::move(words)) {
  for (const Chunk& chunk : chunks_) {
    cardinality_ += chunk.cardinality;
  }
}

void PositionBitmap::AddChunk(uint64_t key, const std::vector<uint16_t>& values) {
  Chunk chunk{key, Chunk::Kind::kArray, static_cast<uint32_t>(values.size()), words_.size(), 0};
  cardinality_ += chunk.cardinality;
  const std::vector<uint16_t> pairs = PairsOf(values);
  if (pairs.size() < std::min(values.size(), kBitsetWords)) {
    chunk.kind = Chunk::Kind::kRuns;
    words_.insert(words_.end(), pairs.begin(), pairs.end());
  } else if (values.size() <= kMaxArrayValues) {
    words_.insert(words_.end(), values.begin(), values.end());
  } else {
    chunk.kind = Chunk::Kind::kBitset;
    words_.resize(chunk.offset + kBitsetWords, 0);
    for (const uint16_t value : values) {
      uint16_t& word = words_[chunk.offset + value / kBitsOfWord];
      word = static_cast<uint16_t>(word | (1U << (value % kBitsOfWord)));
    }
  }
  chunk.word_count = static_cast<uint32_t>(words_.size() - chunk.offset);
  chunks_.push_back(chunk);
}

bool PositionBitmap::Contains(int64_t position) const {
  return Intersects(position, position + 1);
}

bool PositionBitmap::Intersects(int64_t begin, int64_t end) const {
  bool found = false;
  ForEachRun(begin, end, [&](int64_t, int64_t) { found = true; });
  return found;
}

void PositionBitmap::ForEachRun(
    int64_t begin, int64_t end,
    const std::function<void(int64_t first, int64_t count)>& run) const {
  if (begin >= end || begin < 0) {
    return;
  }
  const uint64_t first_key = static_cast<uint64_t>(begin) >> kChunkBits;
  auto chunk = std::ranges::lower_bound(chunks_, first_key, {}, &Chunk::key);
  RunJoiner runs(begin, end, run);
  for (; chunk != chunks_.end() && BaseOf(*chunk) < end; ++chunk) {
    const int64_t base = BaseOf(*chunk);
    const std::span<const uint16_t> words(words_.data() + chunk->offset, chunk->word_count);
    switch (chunk->kind) {
      case Chunk::Kind::kArray:
        for (const uint16_t value : words) {
          runs.Add(base + value, 1);
        }
        break;
      case Chunk::Kind::kBitset:
        RunsOfBitset(base, words, runs);
        break;
      case Chunk::Kind::kRuns:
        for (size_t i = 0; i + 1 < words.size(); i += 2) {
          runs.Add(base + words[i], int64_t{words[i + 1]} + 1);
        }
        break;
    }
  }
  runs.Flush();
}

std::vector<int64_t> PositionBitmap::ToPositions() const {
  std::vector<int64_t> positions;
  positions.reserve(static_cast<size_t>(cardinality_));
  ForEachRun(0, INT64_MAX, [&](int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      positions.push_back(first + i);
    }
  });
  return positions;
}

size_t PositionBitmap::memory_bytes() const {
  return sizeof(*this) + chunks_.capacity() * sizeof(Chunk) +
         words_.capacity() * sizeof(uint16_t);
}

}  // namespace floe::inline v0
