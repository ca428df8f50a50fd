#include "floe/schema/name_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Path = std::vector<std::string>;

constexpr const char* kOfSpecification =
    R"([{"field-id":1,"names":["id","record_id"]},{"field-id":2,"names":["data"]},)"
    R"({"field-id":3,"names":["location"],"fields":[{"field-id":4,"names":["latitude","lat"]},)"
    R"({"field-id":5,"names":["longitude","long"]}]}])";

Field Make(int32_t id, std::string name, Type type) {
  return {id, std::move(name), std::move(type), false, "", {}};
}

const Type kInt = Type::Of(TypeId::kInt);  // NOLINT(cert-err58-cpp): makes no allocation

TEST(NameMapping, FindsByEachNameAndPath) {
  const NameMapping mapping = NameMapping::Parse(kOfSpecification);
  EXPECT_EQ(mapping.Find(Path{"record_id"})->field_id, 1);
  EXPECT_EQ(mapping.Find(Path{"location", "lat"})->field_id, 4);
  EXPECT_EQ(mapping.Find(Path{"location.lat"}), nullptr) << "a point is part of a name";
  EXPECT_EQ(mapping.Find(Path{"lat"}), nullptr);
  EXPECT_EQ(mapping.Find(Path{"ID"}), nullptr) << "case matters";
  EXPECT_EQ(mapping.Find(Path{}), nullptr);
  EXPECT_EQ(mapping.ToJson(), kOfSpecification);
}

TEST(NameMapping, KeepsNamesWithoutIdsAndIdsWithoutNames) {
  const std::string json = R"([{"names":["not ours"]},{"field-id":1,"names":[],"x":[1]}])";
  const NameMapping mapping = NameMapping::Parse(json);
  ASSERT_NE(mapping.Find(Path{"not ours"}), nullptr);
  EXPECT_FALSE(mapping.Find(Path{"not ours"})->field_id);
  EXPECT_EQ(mapping.ToJson(), json);
}

TEST(NameMapping, OfASchemaFindsEveryField) {
  for (int seed = 0; seed < 50; ++seed) {
    Rng rng(static_cast<uint64_t>(seed));
    const Schema schema = RandomSchema(rng);
    const NameMapping mapping = NameMapping::Of(schema);
    EXPECT_EQ(NameMapping::Parse(mapping.ToJson()), mapping);
    for (const Schema::Place& place : schema.places()) {
      Path path;
      for (const Schema::Place* at = &place; at != nullptr; at = schema.Find(at->parent_id)) {
        path.insert(path.begin(), at->field->name);
      }
      ASSERT_NE(mapping.Find(path), nullptr) << place.full_name;
      EXPECT_EQ(mapping.Find(path)->field_id, place.field->id);
    }
  }
}

TEST(NameMapping, ThatIsAmbiguousIsRefused) {
  for (const auto& [json, problem] : std::vector<std::pair<std::string, std::string>>{
           {R"([{"field-id":1,"names":["a"]},{"field-id":2,"names":["b","a"]}])",
            "has the name 'a' for two fields"},
           {R"([{"field-id":1,"names":["a"]},{"field-id":1,"names":["b"]}])",
            "has field id 1 twice"},
           {R"([{"field-id":1,"names":["a"],"fields":[{"field-id":1,"names":["b"]}]}])",
            "has field id 1 twice"},
           {R"([{"field-id":1}])", "names"},
           {R"([{"field-id":"1","names":[]}])", "$[0].field-id"},
           {R"({"field-id":1,"names":[]})", "array"},
           {R"([{"field-id":1,"names":["a"])", "bad name mapping JSON"}}) {
    const Thrown thrown = WhatThrows([&] { NameMapping::Parse(json); });
    EXPECT_EQ(thrown.class_name, "ParseError") << json;
    EXPECT_THAT(thrown.message, HasSubstr(problem));
  }
}

TEST(NameMapping, EvolvesWithItsSchema) {
  const Schema before({Make(1, "id", kInt), Make(2, "gone", kInt),
                       Make(3, "point", Type::Struct({Make(4, "x", kInt)}))});
  const NameMapping mapping = NameMapping::Parse(
      R"([{"field-id":1,"names":["legacy"]},{"field-id":2,"names":["gone","also"]},)"
      R"({"field-id":3,"names":["point"],"fields":[{"field-id":4,"names":["x"]}]},)"
      R"({"names":["extra"]}])");
  const Schema after(
      {Make(1, "key", kInt), Make(5, "gone", Type::List(Make(6, "element", kInt))),
       Make(3, "point", Type::Struct({Make(4, "lat", kInt), Make(7, "x", kInt)})),
       Make(8, "extra", kInt)});
  const NameMapping evolved = mapping.Evolved(before, after);
  EXPECT_THAT(evolved.Find(Path{"legacy"})->names, ElementsAre("legacy", "key"));
  EXPECT_EQ(evolved.Find(Path{"gone"})->field_id, 5) << "the name belongs to the new column";
  EXPECT_EQ(evolved.Find(Path{"gone", "element"})->field_id, 6);
  EXPECT_EQ(evolved.Find(Path{"also"})->field_id, 2) << "files still have the old one";
  EXPECT_EQ(evolved.Find(Path{"point", "lat"})->field_id, 4);
  EXPECT_EQ(evolved.Find(Path{"point", "x"})->field_id, 7);
  EXPECT_EQ(evolved.Find(Path{"extra"})->field_id, 8);
  EXPECT_EQ(mapping.Evolved(before, before), mapping) << "nothing changed";
}

TEST(NameMapping, TwoFieldsMaySwapNames) {
  const Schema before({Make(1, "a", kInt), Make(2, "b", kInt)});
  const Schema after({Make(1, "b", kInt), Make(2, "a", kInt)});
  const NameMapping evolved = NameMapping::Of(before).Evolved(before, after);
  EXPECT_EQ(evolved.Find(Path{"a"})->field_id, 2);
  EXPECT_EQ(evolved.Find(Path{"b"})->field_id, 1);
}

}  // namespace
}  // namespace floe::testing
