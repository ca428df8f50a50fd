#pragma once

#include <arrow/type_fwd.h>

#include <vector>

namespace floe::inline v0 {

/// What Arrow's encoder takes faster than `arrays`, those of one Parquet column of a row group,
/// and stores as the same values: decimals of up to 18 digits as the integers that Parquet has
/// for them; texts that are few different ones, if `has_dictionary`, as the indices of their
/// dictionary. Anything else, and what has nulls, as it is.
arrow::ArrayVector EncoderInput(arrow::ArrayVector arrays, bool has_dictionary);

}  // namespace floe::inline v0
