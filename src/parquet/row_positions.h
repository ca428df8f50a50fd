#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// `batch`, whose first row is the file's row `first_row`, with its position column filled if
/// `schema`, which has its columns, has one.
std::shared_ptr<arrow::RecordBatch> FillPositions(std::shared_ptr<arrow::RecordBatch> batch,
                                                  const Schema& schema, int64_t first_row);

}  // namespace floe::inline v0
