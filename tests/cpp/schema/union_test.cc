#include "floe/schema/union.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "floe/schema/version_rules.h"
#include "support/random_values.h"
#include "support/rng.h"

namespace floe::testing {
namespace {

Field Make(int32_t id, std::string name, Type type, bool required = false) {
  return {id, std::move(name), std::move(type), required, "", {}};
}

const Type kInt = Type::Of(TypeId::kInt);
const Type kLong = Type::Of(TypeId::kLong);
const Type kString = Type::Of(TypeId::kString);

/// The union's columns, or "unchanged".
std::string Joined(const std::vector<Field>& table, const std::vector<Field>& input) {
  const Schema schema{table};
  const auto joined = UnionByName(schema, Type::Struct(input), schema.highest_field_id());
  return joined ? joined->root().ToString() : "unchanged";
}

/// As JSON keeps them: a default of another type than its column's reads back as another one.
TEST(Union, WidensDefaultsWithTheirColumns) {
  const auto with_default = [](Type type, const Value& value) {
    Field field = Make(1, "a", std::move(type));
    field.initial_default = value;
    field.write_default = value;
    return field;
  };
  struct Case {
    Type from;
    Value value;
    Type to;
    Value widened;
  };
  const Type list = Type::List(Make(2, "element", kInt));
  for (const auto& [from, value, to, widened] : std::vector<Case>{
           {kInt, Literal::Int(-5), kLong, Literal::Long(-5)},
           {Type::Of(TypeId::kFloat), Literal::Float(1.5F), Type::Of(TypeId::kDouble),
            Literal::Double(1.5)},
           {Type::Decimal(5, 2), Literal::Decimal(150, 5, 2), Type::Decimal(9, 2),
            Literal::Decimal(150, 9, 2)},
           {Type::Of(TypeId::kDate), Literal::Date(1), Type::Of(TypeId::kTimestamp),
            Literal::Timestamp(86'400'000'000, false)},
           {list, Value::List({Literal::Int(1), Value()}),
            Type::List(Make(9, "element", kLong)), Value::List({Literal::Long(1), Value()})},
       }) {
    SCOPED_TRACE(to.ToString());
    const auto joined = UnionByName(Schema{{with_default(from, value)}},
                                    Type::Struct({Make(7, "a", to)}), 2, kExtendedTypesVersion);
    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->fields()[0].initial_default, DefaultValue(widened));
    EXPECT_EQ(joined->fields()[0].write_default, DefaultValue(widened));
    EXPECT_EQ(SchemaFromJson(SchemaToJson(*joined)).fields(), joined->fields());
  }
}

TEST(Union, AddsWidensAndLeavesTheRest) {
  const auto struct_of = [](std::vector<Field> fields) {
    return Type::Struct(std::move(fields));
  };
  const auto list_of = [](int32_t id, Type type) {
    return Type::List(Make(id, "element", type));
  };
  EXPECT_EQ(Joined({Make(1, "a", kInt)}, {Make(9, "a", kInt)}), "unchanged");
  EXPECT_EQ(Joined({Make(1, "a", kInt), Make(2, "b", kInt)}, {Make(9, "b", kInt)}), "unchanged")
      << "a column that the input lacks stays";
  EXPECT_EQ(Joined({Make(1, "a", kInt)}, {Make(1, "b", kInt, true), Make(2, "a", kInt)}),
            "struct<1: a: optional int, 2: b: optional int>")
      << "added at the end, optional, with an id of its own";
  EXPECT_EQ(Joined({Make(1, "a", kInt, true)}, {Make(1, "a", kLong)}),
            "struct<1: a: required long>");
  EXPECT_EQ(Joined({Make(1, "a", kLong)}, {Make(1, "a", kInt)}), "unchanged");
  EXPECT_EQ(Joined({Make(1, "a", kInt)}, {Make(1, "a", kString)}), "unchanged")
      << "for the writer to report";
  EXPECT_EQ(Joined({Make(1, "a", Type::Decimal(9, 2))}, {Make(1, "a", Type::Decimal(12, 2))}),
            "struct<1: a: optional decimal(12, 2)>");
  EXPECT_EQ(Joined({Make(1, "a", Type::Decimal(9, 2))}, {Make(1, "a", Type::Decimal(12, 3))}),
            "unchanged");
  EXPECT_EQ(Joined({Make(1, "A", kInt)}, {Make(1, "a", kInt)}),
            "struct<1: A: optional int, 2: a: optional int>");
  EXPECT_EQ(
      Joined({Make(1, "s", struct_of({Make(2, "x", kInt)}))},
             {Make(1, "s", struct_of({Make(2, "y", list_of(3, kInt)), Make(4, "x", kLong)}))}),
      "struct<1: s: optional struct<2: x: optional long, 3: y: optional list<int>>>");
  EXPECT_EQ(Joined({Make(1, "l", list_of(2, struct_of({Make(3, "x", kInt)})))},
                   {Make(1, "l", list_of(2, struct_of({Make(3, "z", kInt)})))}),
            "struct<1: l: optional list<struct<3: x: optional int, 4: z: optional int>>>");
  EXPECT_EQ(Joined({Make(1, "l", list_of(2, kInt))}, {Make(1, "l", kInt)}), "unchanged");
}

TEST(Union, NewNestedColumnsAreNumberedLevelByLevel) {
  const Schema table({Make(1, "a", kInt)});
  const Type added = Type::Struct(
      {Make(1, "x", Type::Struct({Make(1, "p", kInt, true)})), Make(1, "y", kInt)});
  const auto joined = UnionByName(table, Type::Struct({Make(1, "s", added)}), 7);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->root().ToString(),
            "struct<1: a: optional int, 8: s: optional struct<9: x: optional struct<11: p: "
            "required int>, 10: y: optional int>>");
}

TEST(Union, MapKeysAreNeverChanged) {
  const auto map = [](Type key, Type value) {
    return Type::Map(Make(2, "key", std::move(key), true), Make(3, "value", std::move(value)));
  };
  EXPECT_EQ(Joined({Make(1, "m", map(kInt, kInt))}, {Make(1, "m", map(kLong, kInt))}),
            "unchanged");
  EXPECT_EQ(Joined({Make(1, "m", map(kInt, kInt))}, {Make(1, "m", map(kInt, kLong))}),
            "struct<1: m: optional map<int, long>>");
  const Type key = Type::Struct({Make(4, "x", kInt)});
  const Type wider = Type::Struct({Make(4, "x", kInt), Make(5, "y", kInt)});
  EXPECT_EQ(Joined({Make(1, "m", map(key, kInt))}, {Make(1, "m", map(wider, kInt))}),
            "unchanged");
}

/// A schema as another writer might have it: columns dropped, added, widened, renumbered.
std::vector<Field> Changed(Rng& rng, const std::vector<Field>& fields, int32_t* next_id) {
  std::vector<Field> changed;
  for (const Field& field : fields) {
    if (rng.OneIn(4)) {
      continue;
    }
    Field copy = field;
    copy.id = ++*next_id;
    if (copy.type.id() == TypeId::kInt && rng.OneIn(2)) {
      copy.type = kLong;
    } else if (copy.type.id() == TypeId::kStruct) {
      copy.type = Type::Struct(Changed(rng, field.type.fields(), next_id));
    } else if (rng.OneIn(8)) {
      copy.type = kString;
    }
    changed.push_back(std::move(copy));
  }
  if (rng.OneIn(2)) {
    changed.push_back(Make(++*next_id, "new" + std::to_string(rng.Below(3)), kString, true));
  }
  return changed;
}

TEST(Union, OfRandomSchemasKeepsTheTableAndIsDoneOnce) {
  for (const uint64_t seed : Seeds(60)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Schema table = RandomSchema(rng);
    int32_t next_id = 10'000;
    const Type input = Type::Struct(Changed(rng, table.fields(), &next_id));
    constexpr int32_t kLast = 6'000;
    const auto joined = UnionByName(table, input, kLast);
    if (!joined) {
      continue;
    }
    for (const Schema::Place& old : table.places()) {
      const Schema::Place* now = joined->Find(old.field->id);
      ASSERT_NE(now, nullptr);
      EXPECT_EQ(now->full_name, old.full_name);
      EXPECT_EQ(now->field->required, old.field->required);
      if (old.field->type.is_primitive()) {
        EXPECT_TRUE(IsPromotion(old.field->type, now->field->type, 2));
      }
    }
    for (const Schema::Place& place : joined->places()) {
      if (table.Find(place.field->id) == nullptr) {
        EXPECT_GT(place.field->id, kLast);
        EXPECT_LE(place.field->id, kLast + static_cast<int32_t>(joined->places().size()));
      }
    }
    EXPECT_EQ(joined->identifier_field_ids(), table.identifier_field_ids());
    EXPECT_EQ(joined->extras(), table.extras());
    EXPECT_FALSE(UnionByName(*joined, input, 20'000)) << "nothing is left to change";
  }
}

}  // namespace
}  // namespace floe::testing
