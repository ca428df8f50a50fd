#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "floe/schema/type.h"

namespace floe::inline v0 {

/// Which of a field's defaults is meant.
enum class DefaultKind : uint8_t { kInitial, kWrite };

const DefaultValue& DefaultOf(const Field& field, DefaultKind kind);

/// `length` times the default of `field`, in the Arrow type of ToArrowType(); nulls where it is
/// null. Fields of a struct that its default does not name have their own.
std::shared_ptr<arrow::Array> MakeDefaultArray(const Field& field, DefaultKind kind,
                                               int64_t length);

/// A field that has neither a value nor a default to stand in for it: `field` itself where it
/// is required and its default null, or one in the struct that its default is. nullptr if there
/// is none.
const Field* FindWithoutDefault(const Field& field, DefaultKind kind);

}  // namespace floe::inline v0
