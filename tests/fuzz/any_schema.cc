#include "any_schema.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "floe/expr/prune.h"
#include "floe/partition/transform.h"
#include "fuzz_target.h"

namespace floe::fuzz {
namespace {

Schema MakeSchema() {
  std::vector<Field> fields;
  const auto add = [&](std::string name, Type type) {
    fields.push_back({static_cast<int32_t>(fields.size() + 1),
                      std::move(name),
                      std::move(type),
                      false,
                      "",
                      {}});
  };
  for (const TypeId id :
       {TypeId::kBoolean, TypeId::kInt, TypeId::kLong, TypeId::kFloat, TypeId::kDouble,
        TypeId::kDate, TypeId::kTime, TypeId::kTimestamp, TypeId::kTimestamptz, TypeId::kString,
        TypeId::kUuid, TypeId::kBinary}) {
    add(Type::Of(id).ToString(), Type::Of(id));
  }
  add("decimal", Type::Decimal(9, 2));
  add("wide", Type::Decimal(38, 10));
  add("fixed", Type::Fixed(4));
  add("st", Type::Struct({{100, "x", Type::Of(TypeId::kInt), false, "", {}}}));
  add("nanos", Type::Of(TypeId::kTimestampNs));
  add("zoned_nanos", Type::Of(TypeId::kTimestamptzNs));
  add("list", Type::List({101, "element", Type::Of(TypeId::kDouble), false, "", {}}));
  add("map", Type::Map({102, "key", Type::Of(TypeId::kString), true, "", {}},
                       {103, "value", Type::Of(TypeId::kTimestamp), false, "", {}}));
  return Schema(std::move(fields));
}

PartitionSpec MakeSpec() {
  std::vector<PartitionField> fields;
  const auto add = [&](const char* column, const Transform& transform) {
    const auto n = static_cast<int32_t>(fields.size());
    fields.push_back({AnySchema().Find(column)->field->id,
                      kFirstPartitionFieldId + n,
                      "p" + std::to_string(n),
                      transform,
                      {}});
  };
  add("long", Transform::Identity());
  add("string", Transform::Truncate(2));
  add("int", Transform::Truncate(10));
  add("wide", Transform::Truncate(7));
  add("binary", Transform::Bucket(8));
  add("long", Transform::Bucket(16));
  add("timestamp", Transform::Day());
  add("timestamptz", Transform::Hour());
  add("date", Transform::Month());
  add("date", Transform::Year());
  add("double", Transform::Void());
  add("float", Transform::Identity());
  add("fixed", Transform::Identity());
  return {0, std::move(fields)};
}

}  // namespace

const Schema& AnySchema() {
  static const Schema kSchema = MakeSchema();
  return kSchema;
}

const PartitionSpec& AnySpec() {
  static const PartitionSpec kSpec = MakeSpec();
  return kSpec;
}

const Type& AnyPartitionType() {
  static const Type kType = PartitionType(AnySpec(), AnySchema());
  return kType;
}

void Exercise(const BoundExpression& filter) {
  Expect(!filter.ToString().empty(), "a bound filter without a text");
  const auto inclusive = ProjectInclusive(filter, AnySpec(), AnyPartitionType());
  const auto strict = ProjectStrict(filter, AnySpec(), AnyPartitionType());
  const PartitionValues nulls(AnySpec().fields().size());
  Expect(EvaluatePartition(*inclusive, nulls) || !EvaluatePartition(*strict, nulls),
         "a strict projection holds where the inclusive one does not", filter.ToString());
}

}  // namespace floe::fuzz
