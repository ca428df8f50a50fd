// Defaults of columns in changes of a schema.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/schema_editor.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

const Type kInt = Type::Of(TypeId::kInt);
const Type kLong = Type::Of(TypeId::kLong);
const Value kFive = Literal::Int(5);
const Value kFiveLong = Literal::Long(5);

/// id long required; n int default 5; day date default 19000 days; l list of int
SchemaPtr Base() {
  Field n = Required(2, "n", TypeId::kInt);
  n.initial_default = kFive;
  n.write_default = kFive;
  Field day = Optional(3, "day", TypeId::kDate);
  day.initial_default = Value(Literal::Date(19'000));
  Field list = Optional(4, "l", TypeId::kInt);
  list.type = Type::List(Optional(5, "element", TypeId::kInt));
  return std::make_shared<const Schema>(
      std::vector<Field>{Required(1, "id", TypeId::kLong), n, day, list});
}

using Edit = std::function<void(SchemaEditor&)>;

Schema Edited(const Edit& edit, int format_version = 3, bool allow_incompatible = false) {
  SchemaEditor editor(Base(), {.last_column_id = 5,
                               .allow_incompatible = allow_incompatible,
                               .format_version = format_version});
  edit(editor);
  return editor.Build();
}

NewColumn With(Type type, Value value, bool required = false) {
  return {"new", std::move(type), required, "", value, value};
}

TEST(DefaultChanges, NewColumnsHaveTheirsForOldAndLaterRows) {
  const Schema schema =
      Edited([](SchemaEditor& e) { e.AddColumn("", With(kLong, kFive, true)); });
  const Field& field = *schema.Find("new")->field;
  EXPECT_TRUE(field.required);
  EXPECT_EQ(field.initial_default, DefaultValue(kFiveLong)) << "as a value of its type";
  EXPECT_EQ(field.write_default, DefaultValue(kFiveLong));
}

TEST(DefaultChanges, ListsAndMapsAreCheckedPartByPart) {
  const Type list = Type::List(Optional(1, "element", TypeId::kLong));
  const Schema schema = Edited(
      [&](SchemaEditor& e) { e.AddColumn("", With(list, Value::List({kFive, Value()}))); });
  EXPECT_EQ(schema.Find("new")->field->write_default,
            DefaultValue(Value::List({kFiveLong, Value()})));
  const Type map =
      Type::Map(Required(1, "key", TypeId::kInt), Required(2, "value", TypeId::kLong));
  EXPECT_EQ(
      Edited([&](SchemaEditor& e) { e.AddColumn("", With(map, Value::Map({kFive}, {kFive}))); })
          .Find("new")
          ->field->write_default,
      DefaultValue(Value::Map({kFive}, {kFiveLong})));
  for (const Value& bad :
       {Value::Map({kFive}, {Value()}), Value::Map({kFiveLong}, {kFive}), Value(kFive)}) {
    EXPECT_EQ(WhatThrows([&] {
                Edited([&](SchemaEditor& e) { e.AddColumn("", With(map, bad)); });
              }).class_name,
              "SchemaEvolutionError");
  }
}

TEST(DefaultChanges, WriteDefaultsChangeAndInitialOnesStay) {
  const Schema schema = Edited([](SchemaEditor& e) {
    e.UpdateDefault("n", Value(Literal::Int(7)));
    e.UpdateDefault("day", DefaultValue());
    e.AddColumn("", {"new", kInt});
    e.UpdateDefault("new", kFive);
  });
  EXPECT_EQ(schema.Find("n")->field->initial_default, DefaultValue(kFive));
  EXPECT_EQ(schema.Find("n")->field->write_default, DefaultValue(Literal::Int(7)));
  EXPECT_TRUE(schema.Find("day")->field->write_default.is_null());
  EXPECT_TRUE(schema.Find("new")->field->initial_default.is_null());
  EXPECT_EQ(schema.Find("new")->field->write_default, DefaultValue(kFive));
  EXPECT_EQ(Edited([](SchemaEditor& e) { e.UpdateDefault("id", kFive); }, 2)
                .Find("id")
                ->field->write_default,
            DefaultValue(kFiveLong))
      << "any version";
}

TEST(DefaultChanges, FollowTheTypeOfTheirColumn) {
  const Schema schema = Edited([](SchemaEditor& e) {
    e.UpdateType("n", kLong);
    e.UpdateType("day", Type::Of(TypeId::kTimestamp));
  });
  EXPECT_EQ(schema.Find("n")->field->initial_default, DefaultValue(kFiveLong));
  EXPECT_EQ(schema.Find("n")->field->write_default, DefaultValue(kFiveLong));
  EXPECT_EQ(schema.Find("day")->field->initial_default,
            DefaultValue(Literal::Timestamp(int64_t{19'000} * 86'400'000'000, false)));
}

TEST(DefaultChanges, ThatCanNotBeAreRefusedWithColumnAndRule) {
  struct Bad {
    Edit edit;
    int format_version;
    std::string class_name;
    std::string problem;
    std::string column;
  };
  const Value text = Literal::String("a");
  for (const Bad& bad : {
           Bad{[&](SchemaEditor& e) { e.AddColumn("", With(kInt, kFive)); }, 2,
               "SchemaEvolutionError",
               "can't add column 'new': its default would be an initial default, for the rows "
               "that are there, which tables of format version 2 can't have",
               "new"},
           Bad{[&](SchemaEditor& e) { e.AddColumn("", With(kInt, kFiveLong)); }, 3,
               "SchemaEvolutionError", "its default is no value of type int", "new"},
           Bad{[&](SchemaEditor& e) {
                 e.AddColumn("", With(Type::Of(TypeId::kVariant), kFive));
               },
               3, "SchemaEvolutionError", "its default is no value of type variant", "new"},
           Bad{[&](SchemaEditor& e) { e.AddColumn("", {"new", kInt, true}); }, 3,
               "IncompatibleSchemaChangeError", "give it a default (in format version 3)",
               "new"},
           Bad{[&](SchemaEditor& e) { e.UpdateDefault("n", text); }, 3, "SchemaEvolutionError",
               "can't change the default of column 'n': its default is no value of type int",
               "n"},
           Bad{[](SchemaEditor& e) { e.UpdateDefault("n", DefaultValue()); }, 3,
               "IncompatibleSchemaChangeError", "it is required, and rows that are written",
               "n"},
           Bad{[](SchemaEditor& e) { e.UpdateDefault("l.element", kFive); }, 3,
               "SchemaEvolutionError", "part of a list has none", "l.element"},
           Bad{[](SchemaEditor& e) { e.UpdateDefault("m", kFive); }, 3, "SchemaEvolutionError",
               "there is no such column", "m"},
           Bad{[](SchemaEditor& e) {
                 e.DeleteColumn("n");
                 e.UpdateDefault("n", kFive);
               },
               3, "SchemaEvolutionError", "the same update deletes it", "n"},
       }) {
    const Thrown thrown = WhatThrows([&] { Edited(bad.edit, bad.format_version); });
    EXPECT_EQ(thrown.class_name, bad.class_name) << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
    EXPECT_EQ(thrown.details.column, bad.column);
  }
  EXPECT_TRUE(Edited([](SchemaEditor& e) { e.UpdateDefault("n", DefaultValue()); }, 3, true)
                  .Find("n")
                  ->field->write_default.is_null());
}

TEST(DefaultChanges, OfAnotherSchemaComeWithItsColumns) {
  Field added = Optional(1, "new", TypeId::kInt);
  added.initial_default = kFive;
  added.write_default = Value(Literal::Int(6));
  const Schema schema = Edited([&](SchemaEditor& e) { e.UnionByName(Schema({added})); });
  EXPECT_EQ(schema.Find("new")->field->initial_default, DefaultValue(kFive));
  EXPECT_EQ(schema.Find("new")->field->write_default, DefaultValue(Literal::Int(6)));
}

}  // namespace
}  // namespace floe::testing
