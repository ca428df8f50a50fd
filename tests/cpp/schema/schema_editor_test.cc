#include "floe/schema/schema_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Type kInt = Type::Of(TypeId::kInt);
const Type kLong = Type::Of(TypeId::kLong);
const Type kString = Type::Of(TypeId::kString);
const Type kDouble = Type::Of(TypeId::kDouble);

Field Make(int32_t id, std::string name, Type type, bool required = false) {
  return {id, std::move(name), std::move(type), required, "", {}};
}

/// 1: id, 2: name, 3: place {4: city, 5: zip}, 6: points [7: {8: x, 9: y}],
/// 10: tags {11: key {13: k}, 12: value {14: v}}
SchemaPtr Base() {
  const Type place = Type::Struct({Make(4, "city", kString), Make(5, "zip", kInt)});
  const Type point = Type::Struct({Make(8, "x", kInt), Make(9, "y", kInt)});
  const Type tags = Type::Map(Make(11, "key", Type::Struct({Make(13, "k", kInt)}), true),
                              Make(12, "value", Type::Struct({Make(14, "v", kInt)})));
  return std::make_shared<const Schema>(
      std::vector<Field>{
          Make(1, "id", kLong, true), Make(2, "name", kString), Make(3, "place", place),
          Make(6, "points", Type::List(Make(7, "element", point))), Make(10, "tags", tags)},
      7, std::vector<int32_t>{1});
}

using Edit = std::function<void(SchemaEditor&)>;

Schema Edited(const Edit& edit, SchemaEditor::Options options = {}) {
  options.last_column_id = 20;
  SchemaEditor editor(Base(), options);
  edit(editor);
  return editor.Build();
}

std::string Columns(const Edit& edit, SchemaEditor::Options options = {}) {
  return Edited(edit, options).root().ToString();
}

const std::string kPlace =
    "3: place: optional struct<4: city: optional string, 5: zip: optional int>";
const std::string kPoints =
    "6: points: optional list<struct<8: x: optional int, 9: y: optional int>>";
const std::string kTags =
    "10: tags: optional map<struct<13: k: optional int>, struct<14: v: optional int>>";
const std::string kStart = "struct<1: id: required long, 2: name: optional string, ";

TEST(SchemaEditor, WithoutChangesTheSchemaIsAsItWas) {
  const Schema same = Edited([](SchemaEditor&) {});
  EXPECT_TRUE(same.SameColumns(*Base()));
  EXPECT_EQ(same.schema_id(), 7);
}

TEST(SchemaEditor, AddsColumnsAtAnyDepth) {
  EXPECT_EQ(Columns([](SchemaEditor& e) { e.AddColumn("", {"new", kInt, false, "doc"}); }),
            kStart + kPlace + ", " + kPoints + ", " + kTags + ", 21: new: optional int>");
  EXPECT_EQ(Columns([](SchemaEditor& e) { e.AddColumn("place", {"street", kString}); }),
            kStart +
                "3: place: optional struct<4: city: optional string, 5: zip: optional int, 21: "
                "street: optional string>, " +
                kPoints + ", " + kTags + ">");
  EXPECT_EQ(Columns([](SchemaEditor& e) {
              e.AddColumn("points", {"z", kInt});
              e.AddColumn("tags", {"w", kInt});
            }),
            kStart + kPlace +
                ", 6: points: optional list<struct<8: x: optional int, 9: y: optional int, 21: "
                "z: optional int>>, 10: tags: optional map<struct<13: k: optional int>, "
                "struct<14: v: optional int, 22: w: optional int>>>");
  EXPECT_EQ(Columns([](SchemaEditor& e) { e.AddColumn("points.element", {"z", kInt}); }),
            Columns([](SchemaEditor& e) { e.AddColumn("points", {"z", kInt}); }));
}

TEST(SchemaEditor, NewNestedColumnsAreNumberedLevelByLevel) {
  const Type inner = Type::Struct({Make(1, "p", kInt, true)});
  const Type added = Type::Struct({Make(1, "x", inner), Make(2, "y", kInt)});
  EXPECT_THAT(Columns([&](SchemaEditor& e) { e.AddColumn("", {"s", added}); }),
              HasSubstr("21: s: optional struct<22: x: optional struct<24: p: required int>, "
                        "23: y: optional int>>"));
}

TEST(SchemaEditor, RenamesMovesWidensAndDeletes) {
  EXPECT_EQ(Columns([](SchemaEditor& e) {
              e.RenameColumn("place.city", "town");
              e.UpdateType("place.zip", kLong);
              e.UpdateType("points.element.x", kLong);
              e.DeleteColumn("points.element.y");
              e.DeleteColumn("tags");
              e.AddColumn("", {"n", kInt});
              e.MoveFirst("n");
              e.MoveAfter("id", "name");
              e.MoveBefore("place.zip", "place.city");
            }),
            "struct<21: n: optional int, 2: name: optional string, 1: id: required long, 3: "
            "place: optional struct<5: zip: optional long, 4: town: optional string>, 6: "
            "points: optional list<struct<8: x: optional long>>>");
}

TEST(SchemaEditor, ANameCanBeGivenAgain) {
  EXPECT_THAT(Columns([](SchemaEditor& e) {
                e.DeleteColumn("name");
                e.AddColumn("", {"name", kInt});
                e.UpdateDoc("name", "the new one");
              }),
              HasSubstr("21: name: optional int"));
  EXPECT_THAT(Columns([](SchemaEditor& e) {
                e.RenameColumn("place.city", "zip");
                e.RenameColumn("place.zip", "city");
              }),
              HasSubstr("struct<4: zip: optional string, 5: city: optional int>"));
}

TEST(SchemaEditor, RequiredAndOptional) {
  EXPECT_THAT(Columns([](SchemaEditor& e) { e.MakeRequired("id"); }),
              HasSubstr("id: required long"));
  EXPECT_THAT(
      Columns([](SchemaEditor& e) { e.MakeRequired("name"); }, {.allow_incompatible = true}),
      HasSubstr("name: required string"));
  EXPECT_THAT(Columns([](SchemaEditor& e) { e.AddColumn("", {"r", kInt, true}); },
                      {.allow_incompatible = true}),
              HasSubstr("21: r: required int"));
  EXPECT_THAT(Columns([](SchemaEditor& e) {
                e.SetIdentifierFields({});
                e.MakeOptional("id");
              }),
              HasSubstr("id: optional long"));
}

TEST(SchemaEditor, IdentifierFieldsFollowTheirColumns) {
  const auto identifiers = [](const Edit& edit) {
    return Edited(edit, {.allow_incompatible = true}).identifier_field_ids();
  };
  EXPECT_THAT(identifiers([](SchemaEditor& e) { e.RenameColumn("id", "key"); }),
              ElementsAre(1));
  EXPECT_THAT(identifiers([](SchemaEditor& e) {
                e.SetIdentifierFields({"name", "id", "id"});
                e.MakeRequired("name");
              }),
              ElementsAre(1, 2));
  EXPECT_THAT(identifiers([](SchemaEditor& e) {
                e.SetIdentifierFields({"n", "id"});
                e.AddColumn("", {"n", kInt, true});
                e.RenameColumn("id", "key");
              }),
              ElementsAre(1, 21));
  EXPECT_THAT(identifiers([](SchemaEditor& e) {
                e.SetIdentifierFields({});
                e.DeleteColumn("id");
              }),
              ElementsAre());
}

TEST(SchemaEditor, UnionTakesWhatTheOtherNeeds) {
  const Schema other(
      {Make(9, "name", kString),
       Make(8, "place", Type::Struct({Make(7, "zip", kLong), Make(6, "lat", kDouble)})),
       Make(1, "id", kInt, true), Make(2, "extra", kInt, true)});
  EXPECT_EQ(
      Columns([&](SchemaEditor& e) { e.UnionByName(other); }),
      kStart +
          "3: place: optional struct<4: city: optional string, 5: zip: optional long, 21: "
          "lat: optional double>, " +
          kPoints + ", " + kTags + ", 22: extra: optional int>");
  const Schema nulls({Make(1, "ID", kLong)});
  EXPECT_THAT(Columns(
                  [&](SchemaEditor& e) {
                    e.SetIdentifierFields({});
                    e.UnionByName(nulls);
                  },
                  {.case_sensitive = false}),
              HasSubstr("id: optional long"));
  EXPECT_THAT(Columns([&](SchemaEditor& e) { e.UnionByName(nulls); }),
              HasSubstr("21: ID: optional long"));
}

TEST(SchemaEditor, AUnionThatFailsChangesNothing) {
  SchemaEditor editor(Base(), {.last_column_id = 20});
  EXPECT_EQ(WhatThrows([&] {
              editor.UnionByName(Schema({Make(1, "new", kInt), Make(2, "name", kInt)}));
            }).class_name,
            "IncompatibleSchemaChangeError");
  EXPECT_TRUE(editor.Build().SameColumns(*Base()));
}

struct Refusal {
  const char* name;
  Edit edit;
  const char* class_name;
  const char* message;
  bool case_sensitive = true;
};

class Refused : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refused, NamesTheColumnAndTheRule) {
  const Thrown thrown = WhatThrows(
      [] { Edited(GetParam().edit, {.case_sensitive = GetParam().case_sensitive}); });
  EXPECT_EQ(thrown.class_name, GetParam().class_name) << thrown.message;
  EXPECT_THAT(thrown.message, HasSubstr(GetParam().message));
}

constexpr const char* kImpossible = "SchemaEvolutionError";
constexpr const char* kIncompatible = "IncompatibleSchemaChangeError";

INSTANTIATE_TEST_SUITE_P(
    Edits, Refused,
    ::testing::Values(
        Refusal{"AddTwice", [](SchemaEditor& e) { e.AddColumn("", {"name", kInt}); },
                kImpossible,
                "can't add column 'name': a column of that name exists: 'name' of type string"},
        Refusal{"AddTwiceInOneUpdate",
                [](SchemaEditor& e) {
                  e.AddColumn("", {"n", kInt});
                  e.AddColumn("", {"n", kInt});
                },
                kImpossible, "can't add column 'n': a column of that name exists"},
        Refusal{"AddInAnyCase", [](SchemaEditor& e) { e.AddColumn("", {"NAME", kInt}); },
                kImpossible, "'name' of type string", false},
        Refusal{"AddToAList", [](SchemaEditor& e) { e.AddColumn("points", {"x", kInt}); },
                kImpossible, "a column of that name exists: 'points.element.x'"},
        Refusal{"AddWithoutName", [](SchemaEditor& e) { e.AddColumn("", {"", kInt}); },
                kImpossible, "needs a name"},
        Refusal{"AddToAPrimitive", [](SchemaEditor& e) { e.AddColumn("id", {"x", kInt}); },
                kImpossible,
                "can't add column 'id.x': 'id' is of type long, which has no columns"},
        Refusal{"AddToNothing", [](SchemaEditor& e) { e.AddColumn("plac", {"x", kInt}); },
                kImpossible, "there is no such column; did you mean 'place'?"},
        Refusal{"AddToAKey", [](SchemaEditor& e) { e.AddColumn("tags.key", {"x", kInt}); },
                kIncompatible, "'tags.key' is in the key of map 'tags'"},
        Refusal{"AddRequired", [](SchemaEditor& e) { e.AddColumn("", {"r", kInt, true}); },
                kIncompatible, "can't add column 'r': it is required, and the rows that are"},
        Refusal{"DeleteNothing", [](SchemaEditor& e) { e.DeleteColumn("nam"); }, kImpossible,
                "can't delete column 'nam': there is no such column; did you mean 'name'?"},
        Refusal{"DeleteAnElement", [](SchemaEditor& e) { e.DeleteColumn("points.element"); },
                kImpossible, "it is part of 'points' of type list"},
        Refusal{"DeleteAKey", [](SchemaEditor& e) { e.DeleteColumn("tags.key.k"); },
                kIncompatible, "in the key of map"},
        Refusal{"DeleteAnIdentifier", [](SchemaEditor& e) { e.DeleteColumn("id"); },
                kImpossible, "can't delete column 'id': it is an identifier field"},
        Refusal{"DeleteTwice",
                [](SchemaEditor& e) {
                  e.DeleteColumn("place");
                  e.DeleteColumn("place.zip");
                },
                kImpossible, "the same update deletes it"},
        Refusal{"DeleteWhatIsChanged",
                [](SchemaEditor& e) {
                  e.RenameColumn("name", "n");
                  e.DeleteColumn("name");
                },
                kImpossible, "the same update changes it"},
        Refusal{"DeleteWhatIsAddedTo",
                [](SchemaEditor& e) {
                  e.AddColumn("points", {"z", kInt});
                  e.DeleteColumn("points");
                },
                kImpossible, "the same update adds 'z' to it"},
        Refusal{"RenameWhatIsDeleted",
                [](SchemaEditor& e) {
                  e.DeleteColumn("name");
                  e.RenameColumn("name", "n");
                },
                kImpossible, "can't rename column 'name' to 'n': the same update deletes it"},
        Refusal{"RenameToASibling",
                [](SchemaEditor& e) { e.RenameColumn("place.city", "zip"); }, kImpossible,
                "two columns have the same name 'place.zip'"},
        Refusal{"RenameToNothing", [](SchemaEditor& e) { e.RenameColumn("name", ""); },
                kImpossible, "needs a name"},
        Refusal{"RenameAValue", [](SchemaEditor& e) { e.RenameColumn("tags.value", "v"); },
                kImpossible, "part of a map has no name of its own"},
        Refusal{"Narrow", [](SchemaEditor& e) { e.UpdateType("id", kInt); }, kIncompatible,
                "can't change the type of column 'id' to int: it is of type long, whose values "
                "that type does not hold; a type can change to a wider one"},
        Refusal{"TypeOfAStruct", [](SchemaEditor& e) { e.UpdateType("place", kInt); },
                kIncompatible, "only types without columns in them can change"},
        Refusal{"TypeOfAKey", [](SchemaEditor& e) { e.UpdateType("tags.key.k", kLong); },
                kIncompatible, "in the key of map"},
        Refusal{
            "RequireOptional", [](SchemaEditor& e) { e.MakeRequired("name"); }, kIncompatible,
            "can't make column 'name' required: it is optional, and rows that are there may "
            "have nulls"},
        Refusal{"OptionalIdentifier", [](SchemaEditor& e) { e.MakeOptional("id"); },
                kImpossible, "can't make column 'id' optional: it is an identifier field"},
        Refusal{"MoveNothing", [](SchemaEditor& e) { e.MoveFirst("nothing"); }, kImpossible,
                "can't move column 'nothing' to the front: there is no column 'nothing'"},
        Refusal{"MoveBeforeNothing", [](SchemaEditor& e) { e.MoveBefore("name", "nothing"); },
                kImpossible, "there is no column 'nothing'"},
        Refusal{"MoveToItself", [](SchemaEditor& e) { e.MoveAfter("name", "name"); },
                kImpossible, "they are the same column"},
        Refusal{"MoveToAnotherStruct",
                [](SchemaEditor& e) { e.MoveAfter("name", "place.zip"); }, kImpossible,
                "can't move column 'name' behind 'place.zip': they are in different structs"},
        Refusal{"MoveAnElement", [](SchemaEditor& e) { e.MoveFirst("points.element"); },
                kImpossible, "'points' is no struct"},
        Refusal{"MoveWhatIsDeleted",
                [](SchemaEditor& e) {
                  e.DeleteColumn("name");
                  e.MoveFirst("name");
                },
                kImpossible, "the same update deletes 'name'"},
        Refusal{"UnknownIdentifier", [](SchemaEditor& e) { e.SetIdentifierFields({"i"}); },
                kImpossible, "can't make column 'i' an identifier field: there is no such"},
        Refusal{"OptionalIdentifierField",
                [](SchemaEditor& e) { e.SetIdentifierFields({"name"}); }, kImpossible,
                "'name' is optional, and identifiers are required"},
        Refusal{"NestedIdentifier",
                [](SchemaEditor& e) { e.SetIdentifierFields({"points.element.x"}); },
                kImpossible, "it is in a list or map"},
        Refusal{"StructIdentifier", [](SchemaEditor& e) { e.SetIdentifierFields({"place"}); },
                kImpossible, "no float, double, struct, list or map can be one"},
        Refusal{"UnionOfOtherTypes",
                [](SchemaEditor& e) { e.UnionByName(Schema({Make(1, "place", kInt)})); },
                kIncompatible, "can't change the type of column 'place' to int"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace floe::testing
