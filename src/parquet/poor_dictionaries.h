#pragma once

#include <arrow/type_fwd.h>
#include <parquet/properties.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Fewer rows tell too little.
inline constexpr int64_t kLeastRowsToJudge = 16'384;

/// Paths of the Parquet columns which `properties` give a dictionary, and which would be no
/// smaller with it, or texts hardly smaller; judged by the rows of a row group. `batches` are
/// as ParquetDataWriter takes them. What is neither a number nor a text is not judged.
std::vector<std::string> PoorDictionaries(
    const Schema& schema, const parquet::WriterProperties& properties,
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
    const ParallelOptions& parallel);

}  // namespace floe::inline v0
