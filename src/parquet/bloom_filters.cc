#include "parquet/bloom_filters.h"

#include <parquet/bloom_filter.h>
#include <parquet/bloom_filter_reader.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "expr/by_predicates.h"
#include "floe/base/decimal.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"
#include "parquet/column_bounds.h"

namespace floe::inline v0 {
namespace {

using parquet::BloomFilter;
using parquet::ColumnDescriptor;

/// Hashes of what a value may be stored as in a column; empty if that can't be told.
using Hashes = std::vector<uint64_t>;

Hashes HashInteger(const BloomFilter& bloom, const ColumnDescriptor& column,
                   const std::optional<int64_t>& stored) {
  if (!stored) {
    return {};
  }
  if (column.physical_type() == parquet::Type::INT64) {
    return {bloom.Hash(*stored)};
  }
  if (column.physical_type() == parquet::Type::INT32 &&
      *stored >= std::numeric_limits<int32_t>::min() &&
      *stored <= std::numeric_limits<int32_t>::max()) {
    return {bloom.Hash(static_cast<int32_t>(*stored))};
  }
  return {};
}

/// Both zeros are one value to a filter, and two to a hash.
template <class T>
Hashes HashFloating(const BloomFilter& bloom, double value) {
  const T stored = static_cast<T>(value);
  if (static_cast<double>(stored) != value) {
    return {};
  }
  return stored == 0 ? Hashes{bloom.Hash(T{0}), bloom.Hash(-T{0})} : Hashes{bloom.Hash(stored)};
}

Hashes HashFloating(const BloomFilter& bloom, const ColumnDescriptor& column, double value) {
  switch (column.physical_type()) {
    case parquet::Type::FLOAT:
      return HashFloating<float>(bloom, value);
    case parquet::Type::DOUBLE:
      return HashFloating<double>(bloom, value);
    default:
      return {};
  }
}

Hashes HashBytes(const BloomFilter& bloom, const ColumnDescriptor& column,
                 const std::string& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(value.data());
  if (column.physical_type() == parquet::Type::BYTE_ARRAY) {
    return {bloom.Hash(parquet::ByteArray(static_cast<uint32_t>(value.size()), bytes))};
  }
  if (column.physical_type() == parquet::Type::FIXED_LEN_BYTE_ARRAY &&
      value.size() == static_cast<size_t>(column.type_length())) {
    return {bloom.Hash(parquet::FLBA(bytes), static_cast<uint32_t>(value.size()))};
  }
  return {};
}

/// Decimals in byte arrays have no one length, so that only the other forms can be told.
Hashes HashDecimal(const BloomFilter& bloom, const ColumnDescriptor& column, Int128 value) {
  if (column.physical_type() != parquet::Type::FIXED_LEN_BYTE_ARRAY) {
    return column.physical_type() == parquet::Type::BYTE_ARRAY ||
                   value < std::numeric_limits<int64_t>::min() ||
                   value > std::numeric_limits<int64_t>::max()
               ? Hashes{}
               : HashInteger(bloom, column, static_cast<int64_t>(value));
  }
  constexpr int kMaxBytes = 16;
  constexpr int kBitsPerByte = 8;
  if (column.type_length() > kMaxBytes || column.type_length() < 1) {
    return {};
  }
  std::string bytes(static_cast<size_t>(column.type_length()), '\0');
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at) {
    *at = static_cast<char>(static_cast<uint8_t>(value & 0xff));
    value >>= kBitsPerByte;
  }
  return HashBytes(bloom, column, bytes);
}

Hashes HashesOf(const BloomFilter& bloom, const ColumnDescriptor& column,
                const Literal& literal) {
  switch (literal.type().id()) {
    case TypeId::kInt:
    case TypeId::kDate:
      return HashInteger(bloom, column, literal.get<int32_t>());
    case TypeId::kLong:
      return HashInteger(bloom, column, literal.get<int64_t>());
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestamptz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestamptzNs:
      return HashInteger(bloom, column,
                         StoredTime(column, literal.type(), literal.get<int64_t>()));
    case TypeId::kFloat:
      return HashFloating(bloom, column, double{literal.get<float>()});
    case TypeId::kDouble:
      return HashFloating(bloom, column, literal.get<double>());
    case TypeId::kDecimal:
      return column.type_scale() == literal.type().scale()
                 ? HashDecimal(bloom, column, literal.get<Int128>())
                 : Hashes{};
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed:
    case TypeId::kUuid:
      return HashBytes(bloom, column, literal.get<std::string>());
    default:
      return {};
  }
}

/// Reads the filters of one row group.
class Evaluator {
 public:
  Evaluator(parquet::BloomFilterReader& reader, int row_group,
            const parquet::RowGroupMetaData& metadata, const LeafOfField& leaf_of_field)
      : reader_(reader),
        row_group_(row_group),
        metadata_(metadata),
        leaf_of_field_(leaf_of_field) {}

  bool MayMatch(const BoundExpression& filter) const {
    return ByPredicates(filter, [this](const BoundExpression& predicate) {
      const bool asks_values =
          predicate.operation() == Operation::kEqual || predicate.operation() == Operation::kIn;
      return !asks_values || MayHoldAny(predicate);
    });
  }

 private:
  bool MayHoldAny(const BoundExpression& predicate) const {
    if (predicate.bucket()) {
      return true;  // its literals are no values of the column
    }
    const std::optional<int> leaf = leaf_of_field_(predicate.field_id());
    if (!leaf || !metadata_.ColumnChunk(*leaf)->bloom_filter_offset()) {
      return true;
    }
    const auto group = reader_.RowGroup(row_group_);
    const auto bloom = group == nullptr ? nullptr : group->GetColumnBloomFilter(*leaf);
    if (bloom == nullptr) {
      return true;
    }
    const ColumnDescriptor& column = *metadata_.schema()->Column(*leaf);
    return std::ranges::any_of(predicate.literals(), [&](const Literal& literal) {
      const Hashes hashes = HashesOf(*bloom, column, literal);
      return hashes.empty() ||
             std::ranges::any_of(hashes, [&](uint64_t hash) { return bloom->FindHash(hash); });
    });
  }

  parquet::BloomFilterReader& reader_;
  const int row_group_;
  const parquet::RowGroupMetaData& metadata_;
  const LeafOfField& leaf_of_field_;
};

}  // namespace

bool MayMatchByBloomFilters(const BoundExpression& filter, parquet::BloomFilterReader& reader,
                            int row_group, const parquet::RowGroupMetaData& metadata,
                            const LeafOfField& leaf_of_field) {
  return Evaluator(reader, row_group, metadata, leaf_of_field).MayMatch(filter);
}

}  // namespace floe::inline v0
