#pragma once

#include <arrow/compute/exec.h>
#include <arrow/memory_pool.h>

namespace floe::inline v0 {

/// Where the memory of decoded columns and encoders comes from: jemalloc where Arrow was built
/// with it, because it keeps freed pages for a while (mimalloc gives them back at once, and
/// touching new ones costs more than decoding); the pool that ARROW_DEFAULT_MEMORY_POOL names,
/// if it is set. Buffers may outlive everything else. Thread-safe.
arrow::MemoryPool* BufferPool();

/// For compute functions whose results come from BufferPool().
arrow::compute::ExecContext* BufferContext();

}  // namespace floe::inline v0
