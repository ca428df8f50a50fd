// How libFuzzer changes inputs of targets that read JSON.

#include <cstddef>
#include <cstdint>

#include "fuzz_target.h"
#include "json_mutation.h"

using floe::fuzz::TextOf;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  const auto changed = floe::fuzz::ChangeJson(TextOf(data, size), seed);
  const size_t given = floe::fuzz::Give(changed, data, max_size);
  return given != 0 ? given : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2, uint8_t* out,
                                            size_t max_size, unsigned seed) {
  const auto crossed = floe::fuzz::CrossJson(TextOf(data1, size1), TextOf(data2, size2), seed);
  return floe::fuzz::Give(crossed, out, max_size);
}
