#pragma once

#include <cstdint>

namespace floe::inline v0 {

/// Rows that follow one another: `skip` rows to pass over, then `take` rows to keep.
struct RowRun {
  int64_t skip;
  int64_t take;
};

}  // namespace floe::inline v0
