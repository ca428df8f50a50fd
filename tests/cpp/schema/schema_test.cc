#include "floe/schema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/type.h"
#include "floe/schema/version_rules.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Field Make(int32_t id, std::string name, Type type, bool required = false) {
  return {id, std::move(name), std::move(type), required, "", {}};
}

/// a int; s struct<x long, l list<struct<y string>>>; m map<string, double>
Schema Nested() {
  const Type inner = Type::Struct({Make(7, "y", Type::Of(TypeId::kString))});
  return Schema({Make(1, "a", Type::Of(TypeId::kInt), true),
                 Make(2, "s",
                      Type::Struct({Make(3, "x", Type::Of(TypeId::kLong), true),
                                    Make(4, "l", Type::List(Make(5, "element", inner)))})),
                 Make(8, "m",
                      Type::Map(Make(9, "key", Type::Of(TypeId::kString), true),
                                Make(10, "value", Type::Of(TypeId::kDouble))))},
                0, {1});
}

TEST(Schema, RandomSchemasSurviveTheirJson) {
  for (const uint64_t seed : Seeds(60)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Schema schema = RandomSchema(rng);
    const std::string json = SchemaToJson(schema);
    const Schema read = SchemaFromJson(json);
    EXPECT_EQ(SchemaToJson(read), json);
    EXPECT_EQ(read.schema_id(), schema.schema_id());
    EXPECT_EQ(read.extras(), schema.extras());
    EXPECT_TRUE(read.SameColumns(schema)) << json;
    EXPECT_EQ(read.highest_field_id(), schema.highest_field_id());
  }
}

TEST(Schema, EveryFieldIsFoundByIdAndByName) {
  for (const uint64_t seed : Seeds(20)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Schema schema = RandomSchema(rng);
    std::set<int32_t> ids;
    for (const Schema::Place& place : schema.places()) {
      EXPECT_EQ(schema.Find(place.field->id), &place);
      EXPECT_EQ(schema.Find(place.full_name), &place);
      ids.insert(place.field->id);
      // The path leads to the field.
      const Type* at = &schema.root();
      const Field* field = nullptr;
      for (const int step : place.path) {
        field = &at->fields()[static_cast<size_t>(step)];
        at = &field->type;
      }
      EXPECT_EQ(*field, *place.field);
    }
    EXPECT_EQ(ids.size(), schema.places().size());
    EXPECT_EQ(schema.Find(9'999), nullptr);
    EXPECT_EQ(schema.Find("no such"), nullptr);
  }
}

TEST(Schema, PlacesSayWhereAFieldStands) {
  const Schema schema = Nested();
  std::vector<std::string> names;
  for (const Schema::Place& place : schema.places()) {
    names.push_back(place.full_name + (place.in_list_or_map ? "*" : ""));
  }
  EXPECT_THAT(names, ElementsAre("a", "s", "s.x", "s.l", "s.l.element*", "s.l.element.y*", "m",
                                 "m.key*", "m.value*"));
  EXPECT_EQ(schema.Find("S.X"), nullptr);
  EXPECT_EQ(schema.Find("S.X", /*case_sensitive=*/false)->field->id, 3);
  EXPECT_EQ(schema.Find(7)->parent_id, 5);
  EXPECT_EQ(schema.Find(1)->parent_id, 0);
}

TEST(Schema, SelectionKeepsIdsOrderAndWhatLiesAbove) {
  const Schema schema = Nested();
  const auto select = [&](const std::vector<std::string>& names) {
    return SelectColumns(schema, names).root().ToString();
  };
  EXPECT_EQ(select({"m", "a"}),
            "struct<1: a: required int, 8: m: optional map<string, double>>");
  EXPECT_EQ(select({"s.x"}), "struct<2: s: optional struct<3: x: required long>>");
  EXPECT_EQ(select({"s"}), select({"s.x", "s"})) << "a struct's name takes all of it";
  EXPECT_EQ(
      select({"s.l.element.y"}),
      "struct<2: s: optional struct<4: l: optional list<struct<7: y: optional string>>>>");
  EXPECT_EQ(select({"m.value"}), "struct<8: m: optional map<string, double>>");
  EXPECT_EQ(select({}), "struct<>");
  const Thrown thrown = WhatThrows([&] { select({"a", "b"}); });
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
  EXPECT_EQ(thrown.details.column, "b");
  EXPECT_THAT(thrown.message, HasSubstr("a, s, m"));
}

TEST(Schema, FreshIdsGoLevelByLevelAndKeepIdentifiers) {
  for (const uint64_t seed : Seeds(20)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    const Schema given = RandomSchema(rng);
    const Schema fresh = AssignFreshIds(given);
    EXPECT_EQ(fresh.highest_field_id(), static_cast<int32_t>(fresh.places().size()));
    ASSERT_EQ(fresh.places().size(), given.places().size());
    for (size_t i = 0; i < fresh.places().size(); ++i) {
      EXPECT_EQ(fresh.places()[i].full_name, given.places()[i].full_name);
      EXPECT_EQ(fresh.places()[i].field->doc, given.places()[i].field->doc);
    }
    ASSERT_EQ(fresh.identifier_field_ids().size(), given.identifier_field_ids().size());
    for (size_t i = 0; i < fresh.identifier_field_ids().size(); ++i) {
      EXPECT_EQ(fresh.Find(fresh.identifier_field_ids()[i])->full_name,
                given.Find(given.identifier_field_ids()[i])->full_name);
    }
  }
  EXPECT_EQ(
      AssignFreshIds(Nested()).root().ToString(),
      "struct<1: a: required int, 2: s: optional struct<4: x: required long, 5: l: "
      "optional list<struct<7: y: optional string>>>, 3: m: optional map<string, double>>");
}

TEST(Schema, ContradictionsAreTheCallersMistake) {
  const Type integer = Type::Of(TypeId::kInt);
  struct Bad {
    std::function<void()> make;
    const char* problem;
  };
  for (const Bad& bad : std::vector<Bad>{
           {[&] { Schema({Make(1, "a", integer), Make(1, "b", integer)}); },
            "field id 1 is used by two columns: 'a' and 'b'"},
           {[&] { Schema({Make(1, "a", Type::List(Make(1, "element", integer)))}); },
            "'a' and 'a.element'"},
           {[&] { Schema({Make(1, "a", integer), Make(2, "a", integer)}); }, "same name 'a'"},
           {[&] {
              Schema({Make(1, "a.b", integer),
                      Make(2, "a", Type::Struct({Make(3, "b", integer)}))});
            },
            "same name 'a.b'"},
           {[&] { Schema({Make(1, "a", integer)}, 0, {1}); },
            "column 'a' can't be an identifier field: it is optional"},
           {[&] { Schema({Make(1, "a", integer, true)}, 0, {2}); }, "identifier field 2"},
           {[&] {
              Schema({Make(1, "a", Type::List(Make(2, "element", integer, true)), true)}, 0,
                     {2});
            },
            "'a.element' can't be an identifier field: it lies in a list or map"},
           {[&] { Schema({Make(1, "a", Type::Of(TypeId::kDouble), true)}, 0, {1}); },
            "floating-point numbers don't identify rows"},
           {[&] { Schema({Make(1, "a", Type::Of(TypeId::kVariant), true)}, 0, {1}); },
            "its type is not primitive"},
           {[&] {
              Schema({Make(1, "a", Type::Struct({Make(2, "b", integer, true)}))}, 0, {2});
            },
            "it lies in the optional struct 'a'"},
           {[&] { Schema({Make(1, "a", Type::Of(TypeId::kUnknown), true)}); },
            "column 'a' of type unknown is required"},
       }) {
    const Thrown thrown = WhatThrows(bad.make);
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << bad.problem;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
  }
}

TEST(Type, PromotionsAreThoseOfTheFormatVersion) {
  std::vector<Type> types = AllPrimitiveTypes();
  types.insert(types.end(),
               {Type::Of(TypeId::kUnknown), Type::Of(TypeId::kTimestampNs),
                Type::Of(TypeId::kTimestamptzNs), Type::Geometry(), Type::Geography()});
  using Pair = std::pair<TypeId, TypeId>;
  const std::set<Pair> always = {{TypeId::kInt, TypeId::kLong},
                                 {TypeId::kFloat, TypeId::kDouble}};
  const std::set<Pair> since_3 = {{TypeId::kDate, TypeId::kTimestamp},
                                  {TypeId::kDate, TypeId::kTimestampNs}};
  for (const Type& from : types) {
    for (const Type& to : types) {
      const Pair pair{from.id(), to.id()};
      const bool old = from == to || always.contains(pair);
      const bool extended = old || since_3.contains(pair) || from.id() == TypeId::kUnknown;
      EXPECT_EQ(IsPromotion(from, to, 1), old) << from.ToString() << to.ToString();
      EXPECT_EQ(IsPromotion(from, to, 2), old) << from.ToString() << to.ToString();
      EXPECT_EQ(IsPromotion(from, to, 3), extended) << from.ToString() << to.ToString();
    }
  }
  EXPECT_TRUE(IsPromotion(Type::Of(TypeId::kUnknown), Type::Struct({}), 3));
  EXPECT_FALSE(IsPromotion(Type::Geometry(), Type::Geometry("srid:4326"), 3));
  EXPECT_TRUE(IsPromotion(Type::Decimal(9, 2), Type::Decimal(10, 2), 2));
  EXPECT_FALSE(IsPromotion(Type::Decimal(10, 2), Type::Decimal(9, 2), 2));
  EXPECT_FALSE(IsPromotion(Type::Decimal(9, 2), Type::Decimal(10, 3), 2));
  EXPECT_FALSE(IsPromotion(Type::Of(TypeId::kInt), Type::Decimal(10, 0), 2));
  EXPECT_FALSE(IsPromotion(Type::Fixed(4), Type::Fixed(5), 2));
}

}  // namespace
}  // namespace floe::testing
