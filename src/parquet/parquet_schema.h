#pragma once

#include <parquet/schema.h>

#include <memory>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Largest precisions of decimals that are stored as integers of 32 and 64 bits.
inline constexpr int kMaxInt32Digits = 9;
inline constexpr int kMaxInt64Digits = 18;

/// The Parquet schema of data files of an Iceberg schema, with field ids (specification,
/// appendix A: Parquet). Leaf columns come in the order of the schema's primitive fields.
std::shared_ptr<parquet::schema::GroupNode> ToParquetSchema(const Schema& schema);

}  // namespace floe::inline v0
