#pragma once

#include <cstdint>

namespace floe::inline v0 {

/// @name Ids of columns that are in no table's schema (specification, "Reserved Field IDs")
/// @{
/// What is known of a row beside its values.
inline constexpr int32_t kFileColumnId = 2'147'483'646;
inline constexpr int32_t kPositionColumnId = 2'147'483'645;
inline constexpr int32_t kSpecIdColumnId = 2'147'483'643;
inline constexpr int32_t kPartitionColumnId = 2'147'483'642;
inline constexpr int32_t kRowIdColumnId = 2'147'483'540;
inline constexpr int32_t kLastUpdatedColumnId = 2'147'483'539;
/// Columns of position delete files.
inline constexpr int32_t kDeletedFilePathId = 2'147'483'546;
inline constexpr int32_t kDeletedPositionId = 2'147'483'545;
/// @}

}  // namespace floe::inline v0
