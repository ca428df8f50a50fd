#include "dml/check_options.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "floe/base/error.h"
#include "floe/dml/write_rows.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

void CheckAtLeast(std::string_view name, int64_t value, int64_t least) {
  if (value < least) {
    throw InvalidArgumentError(
        fmt::format("write option {} is {}; expected at least {}", name, value, least));
  }
}

}  // namespace

void CheckOptions(const Table& table, const WriteOptions& options) {
  HeadForWriting(table.metadata(), options.branch);
  CheckSummaryProperties(options.snapshot_properties);
  CheckAtLeast("memory_bytes", options.memory_bytes, 1);
  CheckAtLeast("max_retries", options.retry.max_retries, 0);
  CheckAtLeast("min_wait_ms", options.retry.min_wait_ms, 0);
  CheckAtLeast("max_wait_ms", options.retry.max_wait_ms, 0);
}

}  // namespace floe::inline v0
