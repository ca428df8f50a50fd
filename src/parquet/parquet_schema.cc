#include "parquet/parquet_schema.h"

#include <fmt/format.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/decimal.h"
#include "floe/base/error.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/variant_columns.h"

namespace floe::inline v0 {
namespace {

using parquet::LogicalType;
using parquet::Repetition;
using parquet::schema::GroupNode;
using parquet::schema::NodePtr;
using parquet::schema::PrimitiveNode;
using Unit = parquet::LogicalType::TimeUnit;

Repetition::type RepetitionOf(const Field& field) {
  return field.required ? Repetition::REQUIRED : Repetition::OPTIONAL;
}

NodePtr DecimalNode(const Field& field) {
  const Type& type = field.type;
  const auto logical = LogicalType::Decimal(type.precision(), type.scale());
  parquet::Type::type physical = parquet::Type::FIXED_LEN_BYTE_ARRAY;
  int length = DecimalRequiredBytes(type.precision());
  if (type.precision() <= kMaxInt64Digits) {
    physical =
        type.precision() <= kMaxInt32Digits ? parquet::Type::INT32 : parquet::Type::INT64;
    length = -1;
  }
  return PrimitiveNode::Make(field.name, RepetitionOf(field), logical, physical, length,
                             field.id);
}

/// What Parquet writes for the default system.
std::string CrsOf(const Type& type) { return type.crs() == kDefaultCrs ? "" : type.crs(); }

std::shared_ptr<const LogicalType> GeographyOf(const Type& type) {
  using Algorithm = LogicalType::EdgeInterpolationAlgorithm;
  switch (type.edge_algorithm()) {
    case EdgeAlgorithm::kSpherical:
      return LogicalType::Geography(CrsOf(type), Algorithm::SPHERICAL);
    case EdgeAlgorithm::kVincenty:
      return LogicalType::Geography(CrsOf(type), Algorithm::VINCENTY);
    case EdgeAlgorithm::kThomas:
      return LogicalType::Geography(CrsOf(type), Algorithm::THOMAS);
    case EdgeAlgorithm::kAndoyer:
      return LogicalType::Geography(CrsOf(type), Algorithm::ANDOYER);
    case EdgeAlgorithm::kKarney:
      return LogicalType::Geography(CrsOf(type), Algorithm::KARNEY);
  }
  throw InternalError("edge algorithm without a Parquet counterpart");
}

NodePtr PrimitiveOf(const Field& field) {
  const auto make = [&](parquet::Type::type physical,
                        std::shared_ptr<const LogicalType> logical = LogicalType::None(),
                        int length = -1) {
    return PrimitiveNode::Make(field.name, RepetitionOf(field), std::move(logical), physical,
                               length, field.id);
  };
  switch (field.type.id()) {
    case TypeId::kBoolean:
      return make(parquet::Type::BOOLEAN);
    case TypeId::kInt:
      return make(parquet::Type::INT32);
    case TypeId::kLong:
      return make(parquet::Type::INT64);
    case TypeId::kFloat:
      return make(parquet::Type::FLOAT);
    case TypeId::kDouble:
      return make(parquet::Type::DOUBLE);
    case TypeId::kDecimal:
      return DecimalNode(field);
    case TypeId::kDate:
      return make(parquet::Type::INT32, LogicalType::Date());
    case TypeId::kTime:
      return make(parquet::Type::INT64, LogicalType::Time(false, Unit::MICROS));
    case TypeId::kTimestamp:
      return make(parquet::Type::INT64, LogicalType::Timestamp(false, Unit::MICROS));
    case TypeId::kTimestamptz:
      return make(parquet::Type::INT64, LogicalType::Timestamp(true, Unit::MICROS));
    case TypeId::kTimestampNs:
      return make(parquet::Type::INT64, LogicalType::Timestamp(false, Unit::NANOS));
    case TypeId::kTimestamptzNs:
      return make(parquet::Type::INT64, LogicalType::Timestamp(true, Unit::NANOS));
    case TypeId::kString:
      return make(parquet::Type::BYTE_ARRAY, LogicalType::String());
    case TypeId::kBinary:
      return make(parquet::Type::BYTE_ARRAY);
    case TypeId::kGeometry:
      return make(parquet::Type::BYTE_ARRAY, LogicalType::Geometry(CrsOf(field.type)));
    case TypeId::kGeography:
      return make(parquet::Type::BYTE_ARRAY, GeographyOf(field.type));
    case TypeId::kUuid:
      return make(parquet::Type::FIXED_LEN_BYTE_ARRAY, LogicalType::UUID(), 16);
    case TypeId::kFixed:
      return make(parquet::Type::FIXED_LEN_BYTE_ARRAY, LogicalType::None(),
                  field.type.length());
    default:
      throw InternalError("a nested type is no Parquet column");
  }
}

NodePtr NodeOf(const Field& field);

parquet::schema::NodeVector NodesOf(const std::vector<Field>& fields) {
  parquet::schema::NodeVector nodes;
  for (const Field& field : fields) {
    if (field.type.id() != TypeId::kUnknown) {  // is not stored
      nodes.push_back(NodeOf(field));
    }
  }
  return nodes;
}

/// Throws where a group would have no columns: in a struct without fields, and where all that
/// would be in it is of type unknown.
void CheckHasColumns(const Field& field) {
  const bool stored = std::ranges::any_of(field.type.fields(), [](const Field& inner) {
    return inner.type.id() != TypeId::kUnknown;
  });
  if (field.type.id() == TypeId::kStruct && !stored) {
    throw UnsupportedError(fmt::format("column '{}' is a struct without fields, which Parquet "
                                       "can't hold; add a field to it, or drop it",
                                       field.name),
                           {.column = field.name});
  }
  const bool partly = std::ranges::any_of(field.type.fields(), [](const Field& inner) {
    return inner.type.id() == TypeId::kUnknown;
  });
  if (field.type.id() != TypeId::kStruct && partly) {
    throw UnsupportedError(
        fmt::format("column '{}' is a {}, and Parquet can't hold what is unknown in a list or "
                    "map; promote it to another type",
                    field.name, field.type.ToString()),
        {.column = field.name});
  }
}

NodePtr NodeOf(const Field& field) {
  if (field.type.is_nested()) {
    CheckHasColumns(field);
  }
  switch (field.type.id()) {
    case TypeId::kVariant:
      return GroupNode::Make(field.name, RepetitionOf(field), NodesOf(VariantParts()),
                             LogicalType::Variant(), field.id);
    case TypeId::kStruct:
      return GroupNode::Make(field.name, RepetitionOf(field), NodesOf(field.type.fields()),
                             std::shared_ptr<const LogicalType>(), field.id);
    case TypeId::kList: {
      const NodePtr repeated =
          GroupNode::Make("list", Repetition::REPEATED, NodesOf(field.type.fields()));
      return GroupNode::Make(field.name, RepetitionOf(field), {repeated}, LogicalType::List(),
                             field.id);
    }
    case TypeId::kMap: {
      const NodePtr repeated =
          GroupNode::Make("key_value", Repetition::REPEATED, NodesOf(field.type.fields()));
      return GroupNode::Make(field.name, RepetitionOf(field), {repeated}, LogicalType::Map(),
                             field.id);
    }
    default:
      return PrimitiveOf(field);
  }
}

}  // namespace

std::shared_ptr<GroupNode> ToParquetSchema(const Schema& schema) {
  if (std::ranges::all_of(schema.fields(), [](const Field& field) {
        return field.type.id() == TypeId::kUnknown;
      })) {
    throw UnsupportedError(
        "the table has no columns, and Parquet can't hold rows without any; add one to it");
  }
  return std::static_pointer_cast<GroupNode>(
      GroupNode::Make("table", Repetition::REQUIRED, NodesOf(schema.fields())));
}

}  // namespace floe::inline v0
