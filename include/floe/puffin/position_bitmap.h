#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace floe::inline v0 {

/// A set of row positions of one data file, 0 and up, held as a 64-bit Roaring bitmap: in
/// chunks of 65,536 positions, each a sorted array, a bitset or a list of runs, whichever is
/// smallest. Memory is about that of its serialized form. A value; thread-safe.
class PositionBitmap {
 public:
  /// Positions that share their upper 48 bits.
  struct Chunk {
    enum class Kind : uint8_t { kArray, kBitset, kRuns };
    uint64_t key;  ///< upper 48 bits
    Kind kind;
    uint32_t cardinality;  ///< 1 to 65,536
    size_t offset;         ///< of its first word
    uint32_t word_count;   ///< values; 4,096; pairs of start and length − 1
  };

  PositionBitmap() = default;
  /// `positions` in any order, repeated or not; none is negative.
  explicit PositionBitmap(std::vector<int64_t> positions);
  /// Chunks in ascending order of their keys, over `words`: for who decodes them.
  PositionBitmap(std::vector<Chunk> chunks, std::vector<uint16_t> words);

  bool empty() const { return chunks_.empty(); }
  int64_t cardinality() const { return cardinality_; }
  bool Contains(int64_t position) const;
  /// Calls `run(first, count)` for the positions in [begin, end), as runs in ascending order.
  void ForEachRun(int64_t begin, int64_t end,
                  const std::function<void(int64_t first, int64_t count)>& run) const;
  /// Whether any position lies in [begin, end).
  bool Intersects(int64_t begin, int64_t end) const;
  /// All positions, ascending; 8 bytes each.
  std::vector<int64_t> ToPositions() const;
  /// Bytes of memory held.
  size_t memory_bytes() const;

  const std::vector<Chunk>& chunks() const { return chunks_; }
  /// The words of all chunks; those of a bitset are its 65,536 bits, the lowest first.
  const std::vector<uint16_t>& words() const { return words_; }

 private:
  void AddChunk(uint64_t key, const std::vector<uint16_t>& values);

  std::vector<Chunk> chunks_;
  std::vector<uint16_t> words_;
  int64_t cardinality_ = 0;
};

}  // namespace floe::inline v0
