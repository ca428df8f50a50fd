#include "parquet/column_bounds.h"

#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>
#include <parquet/types.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "floe/base/decimal.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {
namespace {

/// Of a unit of time, in the next larger one.
constexpr int64_t kTicksPerTick = 1'000;

bool IsUnsigned(const parquet::ColumnDescriptor& column) {
  const auto& logical = column.logical_type();
  return logical != nullptr && logical->is_int() &&
         !static_cast<const parquet::IntLogicalType&>(*logical).is_signed();
}

/// An integer of a column; nothing if it is none, or larger than int64_t holds.
std::optional<int64_t> IntegerOf(const parquet::ColumnDescriptor& column,
                                 std::string_view encoded) {
  const parquet::Type::type physical = column.physical_type();
  if (physical == parquet::Type::INT32 && encoded.size() == sizeof(int32_t)) {
    const auto value = LoadLittleEndian<int32_t>(encoded.data());
    return IsUnsigned(column) ? int64_t{static_cast<uint32_t>(value)} : int64_t{value};
  }
  if (physical == parquet::Type::INT64 && encoded.size() == sizeof(int64_t)) {
    const auto value = LoadLittleEndian<int64_t>(encoded.data());
    return IsUnsigned(column) && value < 0 ? std::nullopt : std::optional(value);
  }
  return std::nullopt;
}

/// Whether the bounds in the statistics are of the order that the type has. Those of files
/// from before there were column orders may be of bytes as signed numbers.
bool HasUsableOrder(const parquet::ColumnDescriptor& column) {
  switch (column.column_order().get_order()) {
    case parquet::ColumnOrder::TYPE_DEFINED_ORDER:
      return column.physical_type() != parquet::Type::INT96;
    case parquet::ColumnOrder::UNDEFINED:
      return column.physical_type() != parquet::Type::INT96 &&
             column.physical_type() != parquet::Type::BYTE_ARRAY &&
             column.physical_type() != parquet::Type::FIXED_LEN_BYTE_ARRAY &&
             !IsUnsigned(column);
    case parquet::ColumnOrder::UNKNOWN:
      return false;
  }
  return false;
}

std::optional<Literal> DecimalBound(const parquet::ColumnDescriptor& column, const Type& type,
                                    std::string_view encoded) {
  if (column.logical_type() == nullptr || !column.logical_type()->is_decimal() ||
      column.type_scale() != type.scale()) {
    return std::nullopt;
  }
  if (const auto integer = IntegerOf(column, encoded)) {
    return Literal::Of(type, static_cast<Int128>(*integer));
  }
  const auto value = DecimalFromBytes(encoded);
  return value ? std::optional(Literal::Of(type, *value)) : std::nullopt;
}

using Unit = parquet::LogicalType::TimeUnit;

/// The unit of a time or timestamp column.
Unit::unit UnitOf(const parquet::ColumnDescriptor& column) {
  const auto& logical = column.logical_type();
  if (logical != nullptr && logical->is_timestamp()) {
    return static_cast<const parquet::TimestampLogicalType&>(*logical).time_unit();
  }
  if (logical != nullptr && logical->is_time()) {
    return static_cast<const parquet::TimeLogicalType&>(*logical).time_unit();
  }
  return Unit::UNKNOWN;
}

bool IsInNanoseconds(const Type& type) {
  return type.id() == TypeId::kTimestampNs || type.id() == TypeId::kTimestamptzNs;
}

/// How many of a table's ticks one tick of a column is; nothing if it is a part of one.
std::optional<int64_t> TicksOf(const parquet::ColumnDescriptor& column, const Type& type) {
  switch (UnitOf(column)) {
    case Unit::MILLIS:
      return IsInNanoseconds(type) ? kTicksPerTick * kTicksPerTick : kTicksPerTick;
    case Unit::MICROS:
      return IsInNanoseconds(type) ? kTicksPerTick : 1;
    case Unit::NANOS:
      return IsInNanoseconds(type) ? std::optional<int64_t>(1) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// Values of a time or timestamp column; nothing for units that would round.
std::optional<Literal> TimeBound(const parquet::ColumnDescriptor& column, const Type& type,
                                 std::string_view encoded) {
  const auto integer = IntegerOf(column, encoded);
  const auto ticks = TicksOf(column, type);
  int64_t value = 0;
  return integer && ticks && !__builtin_mul_overflow(*integer, *ticks, &value)
             ? std::optional(Literal::Of(type, value))
             : std::nullopt;
}

bool IsDate(const parquet::ColumnDescriptor& column) {
  return column.logical_type() != nullptr && column.logical_type()->is_date();
}

}  // namespace

std::optional<Literal> ReadValue(const parquet::ColumnDescriptor& column, const Type& type,
                                 const std::string& encoded) {
  switch (type.id()) {
    case TypeId::kDecimal:
      return DecimalBound(column, type, encoded);
    case TypeId::kTimestamp:
    case TypeId::kTimestampNs:
      if (IsDate(column)) {  // the column was one, and is promoted
        return LiteralFromBytes(type, encoded);
      }
      return TimeBound(column, type, encoded);
    case TypeId::kTime:
    case TypeId::kTimestamptz:
    case TypeId::kTimestamptzNs:
      return TimeBound(column, type, encoded);
    case TypeId::kInt:
    case TypeId::kDate: {
      const auto value = IntegerOf(column, encoded);
      return value && column.physical_type() == parquet::Type::INT32 &&
                     *value <= std::numeric_limits<int32_t>::max()
                 ? std::optional(Literal::Of(type, static_cast<int32_t>(*value)))
                 : std::nullopt;
    }
    case TypeId::kLong: {
      const auto value = IntegerOf(column, encoded);
      return value ? std::optional(Literal::Of(type, *value)) : std::nullopt;
    }
    default:
      return LiteralFromBytes(type, encoded);
  }
}

std::optional<int64_t> StoredTime(const parquet::ColumnDescriptor& column, const Type& type,
                                  int64_t value) {
  const auto ticks = TicksOf(column, type);
  return ticks && value % *ticks == 0 ? std::optional(value / *ticks) : std::nullopt;
}

ChunkStatistics ReadBounds(const parquet::ColumnDescriptor& column, const Type& type,
                           const std::string& encoded_min, const std::string& encoded_max) {
  if (!HasUsableOrder(column)) {
    return {};
  }
  return {std::nullopt, ReadValue(column, type, encoded_min),
          ReadValue(column, type, encoded_max)};
}

ChunkStatistics ReadChunkStatistics(const parquet::ColumnChunkMetaData& chunk,
                                    const Type& type) {
  ChunkStatistics result;
  const std::shared_ptr<parquet::Statistics> statistics = chunk.statistics();
  if (statistics == nullptr) {
    return result;
  }
  if (statistics->HasNullCount()) {
    result.null_count = statistics->null_count();
  }
  if (statistics->HasMinMax()) {
    ChunkStatistics bounds = ReadBounds(*statistics->descr(), type, statistics->EncodeMin(),
                                        statistics->EncodeMax());
    result.lower = std::move(bounds.lower);
    result.upper = std::move(bounds.upper);
  }
  return result;
}

}  // namespace floe::inline v0
