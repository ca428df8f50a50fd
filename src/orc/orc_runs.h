#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orc/orc_stream_bytes.h"

namespace floe::inline v0 {

/// Decodes integers that are run-length encoded, in version 1 or 2 of ORC's encoding. They
/// wrap as 64 bits do. All throw CorruptFileError for what the encoding does not allow, and at
/// the end of the stream.
class OrcIntegers {
 public:
  /// `bytes` must outlive it. Signed numbers are zigzag encoded.
  OrcIntegers(OrcStreamBytes& bytes, bool is_v2, bool is_signed);

  int64_t Next() {
    if (at_ == size_) {
      NextRun();
    }
    return static_cast<int64_t>(run_[at_++]);
  }

 private:
  void NextRun();
  void NextRunV1();
  void ShortRepeat(uint8_t header);
  void Direct(unsigned width);
  void PatchedBase(unsigned width);
  void ApplyPatches(unsigned width, unsigned patch_width, unsigned gap_width, size_t count);
  void Delta(unsigned width);
  uint64_t Varint();
  uint64_t BigEndian(size_t size);
  uint64_t FromZigzag(uint64_t value) const;

  OrcStreamBytes& bytes_;
  const bool is_v2_;
  const bool is_signed_;
  std::array<uint64_t, 512> run_;  // the longest that there is
  size_t size_ = 0;
  size_t at_ = 0;
};

/// How many of the first `count` values of a PRESENT stream are there.
int64_t CountOrcPresent(OrcStreamBytes& bytes, int64_t count);

}  // namespace floe::inline v0
