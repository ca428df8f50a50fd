#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Name of the Arrow extension type of variants.
inline constexpr const char* kVariantExtension = "arrow.parquet.variant";

/// Arrow type of a column of variants in what floe reads: a struct of the binary fields
/// `metadata` and `value`, the storage of the extension type.
std::shared_ptr<arrow::DataType> VariantArrowType();

/// The same as columns of a Parquet file: required, without ids.
const std::vector<Field>& VariantParts();

/// Whether `type` can be taken for variants: a struct, or an extension of one, that has
/// `metadata`, and `value` or `typed_value`.
bool IsVariantStorage(const arrow::DataType& type);

/// Puts variants together that Parquet holds in parts: `stored` is a struct of `metadata` and,
/// where they are there, `value` and `typed_value` (parquet-format, VariantShredding.md). The
/// result has type VariantArrowType(); a value that has no part is a variant's null.
///
/// Throws VariantDataError for parts that contradict each other or are no variants, and for a
/// `typed_value` of a type that variants don't have.
std::shared_ptr<arrow::Array> AssembleVariants(const std::shared_ptr<arrow::Array>& stored);

}  // namespace floe::inline v0
