#include "parquet/buffer_pool.h"

#include <arrow/compute/exec.h>
#include <arrow/memory_pool.h>

#include <cstdlib>

namespace floe::inline v0 {

arrow::MemoryPool* BufferPool() {
  static arrow::MemoryPool* const pool = [] {
    arrow::MemoryPool* found = nullptr;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): Arrow reads it too; nothing here changes it
    const bool is_chosen = std::getenv("ARROW_DEFAULT_MEMORY_POOL") != nullptr;
    if (is_chosen || !arrow::jemalloc_memory_pool(&found).ok()) {
      found = arrow::default_memory_pool();
    }
    return found;
  }();
  return pool;
}

arrow::compute::ExecContext* BufferContext() {
  static arrow::compute::ExecContext context(BufferPool());
  return &context;
}

}  // namespace floe::inline v0
