// A Puffin file: its footer, every blob, and deletion vectors; a blob alone, too.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "floe/puffin/deletion_vector.h"
#include "floe/puffin/position_bitmap.h"
#include "floe/puffin/puffin_file.h"
#include "fuzz_target.h"
#include "support/memory_file_io.h"

namespace floe::fuzz {
namespace {

constexpr const char* kLocation = "file:///t/data/d.puffin";

void ReadVector(std::string_view blob) {
  const PositionBitmap positions = DecodeDeletionVector(blob, kLocation);
  int64_t count = 0;
  positions.ForEachRun(0, INT64_MAX, [&](int64_t first, int64_t run) {
    Expect(run > 0 && first >= 0, "a run that is none");
    Expect(positions.Contains(first), "a position that is not there");
    count += run;
  });
  Expect(count == positions.cardinality(), "runs have other positions than the bitmap");
  constexpr int64_t kSmall = 1 << 20;
  if (count < kSmall) {
    const PositionBitmap again =
        DecodeDeletionVector(EncodeDeletionVector(positions), kLocation);
    Expect(again.ToPositions() == positions.ToPositions(), "a vector does not read back");
  }
}

void ReadFile(const uint8_t* data, size_t size) {
  testing::MemoryFileIO io;
  io.Put(kLocation, std::string(TextOf(data, size)));
  const auto file = io.OpenInput(kLocation);
  for (const PuffinBlob& blob : ReadPuffinFooter(*file).blobs) {
    Survive([&] {
      const std::string content = ReadPuffinBlob(*file, blob);
      ReadVector(content);
    });
  }
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::fuzz;  // NOLINT(google-build-using-namespace): a C function has none
  Survive([&] { ReadVector(TextOf(data, size)); });
  return Survive([&] { ReadFile(data, size); });
}
