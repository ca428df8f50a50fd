#include "floe/partition/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/random_values.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

Field Make(int32_t id, std::string name, Type type) {
  return {id, std::move(name), std::move(type), false, "", {}};
}

Schema Columns() {
  return Schema({Make(1, "id", Type::Of(TypeId::kLong)),
                 Make(2, "ts", Type::Of(TypeId::kTimestamp)),
                 Make(3, "s", Type::Struct({Make(4, "name", Type::Of(TypeId::kString))})),
                 Make(5, "l", Type::List(Make(6, "element", Type::Of(TypeId::kInt))))});
}

struct BadSpec {
  std::vector<PartitionField> fields;
  const char* problem;
  const char* column;
};

TEST(PartitionSpec, OfANewTableIsChecked) {
  const Transform identity = Transform::Identity();
  for (const BadSpec& bad : std::vector<BadSpec>{
           {{{9, 0, "p", identity, {}}}, "column id 9, which the schema does not have", "p"},
           {{{6, 0, "p", identity, {}}}, "inside a list or map", "l.element"},
           {{{3, 0, "p", identity, {}}}, "can't be applied to column 's'", "s"},
           {{{1, 0, "p", Transform::Month(), {}}},
            "can't be applied to column 'id' of type long",
            "id"},
           {{{1, 0, "ts", identity, {}}}, "name of a column that it is not the same as", "ts"},
           {{{2, 0, "ts", Transform::Month(), {}}}, "name of a column", "ts"},
           {{{1, 0, "p", identity, {}}, {2, 0, "p", identity, {}}},
            "two partition fields",
            "p"},
           {{{1, 0, "p", identity, {}}, {1, 0, "q", identity, {}}}, "repeats transform", "q"},
       }) {
    const Thrown thrown =
        WhatThrows([&] { MakePartitionSpec(PartitionSpec(0, bad.fields), Columns()); });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << bad.problem;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
    EXPECT_EQ(thrown.details.column, bad.column);
  }
}

TEST(PartitionSpec, FieldsGetIdsFromTheFirstFreeOneOn) {
  const PartitionSpec made =
      MakePartitionSpec(PartitionSpec(3, {{1, 0, "id", Transform::Identity(), {}},
                                          {1, 1005, "b", Transform::Bucket(4), {}},
                                          {4, 0, "n", Transform::Truncate(2), {}}}),
                        Columns());
  EXPECT_EQ(made.spec_id(), 3);
  EXPECT_EQ(made.fields()[0].field_id, 1006);
  EXPECT_EQ(made.fields()[1].field_id, 1005);
  EXPECT_EQ(made.fields()[2].field_id, 1007);
  EXPECT_EQ(
      MakePartitionSpec(PartitionSpec(0, {{1, 0, "id", Transform::Identity(), {}}}), Columns())
          .fields()[0]
          .field_id,
      1000);
}

TEST(PartitionSpec, TypesOutliveTheirColumns) {
  const PartitionSpec spec(0, {{1, 1000, "id", Transform::Identity(), {}},
                               {2, 1001, "b", Transform::Bucket(4), {}},
                               {2, 1002, "d", Transform::Day(), {}}});
  const Schema without({Make(7, "other", Type::Of(TypeId::kInt))});
  const auto older = std::make_shared<const Schema>(Columns());
  EXPECT_EQ(PartitionType(spec, without, {older}).ToString(),
            "struct<1000: id: optional long, 1001: b: optional int, 1002: d: optional date>");
  const Type gone = PartitionType(spec, without);
  EXPECT_EQ(gone.fields()[0].type, Type::Of(TypeId::kUnknown)) << "nobody knows";
  EXPECT_NO_THROW(CheckWritable(spec, without, PartitionType(spec, without, {older})));
  const Thrown thrown = WhatThrows([&] { CheckWritable(spec, without, gone); });
  EXPECT_EQ(thrown.class_name, "UnsupportedError");
  EXPECT_THAT(thrown.message, HasSubstr("'id' is made from column id 1"));
  const PartitionSpec buckets(0, {{2, 1001, "b", Transform::Bucket(4), {}}});
  EXPECT_EQ(PartitionType(buckets, without).fields()[0].type, Type::Of(TypeId::kInt));
}

TEST(PartitionSpec, PathsEscapeWhatFoldersMustNotHave) {
  const PartitionSpec spec(0, {{4, 1000, "na me/=", Transform::Identity(), {}},
                               {2, 1001, "m", Transform::Month(), {}}});
  EXPECT_EQ(spec.PathOf({Literal::String("a/b c?é%..\n"), Literal::Int(648)}),
            "na+me%2F%3D=a%2Fb+c%3F%C3%A9%25..%0A/m=2024-01");
  EXPECT_EQ(spec.PathOf({std::nullopt, std::nullopt}), "na+me%2F%3D=null/m=null");
  EXPECT_EQ(PartitionSpec().PathOf({}), "");
}

TEST(PartitionSpec, OfVoidsOnlyPartitionsNothing) {
  EXPECT_TRUE(PartitionSpec().is_unpartitioned());
  EXPECT_TRUE(PartitionSpec(1, {{1, 1000, "v", Transform::Void(), {}}}).is_unpartitioned());
  EXPECT_FALSE(PartitionSpec(1, {{1, 1000, "v", Transform::Void(), {}},
                                 {1, 1001, "b", Transform::Bucket(1), {}}})
                   .is_unpartitioned());
}

TEST(PartitionKey, IsEqualForEqualTuplesOnly) {
  Rng rng(1);
  std::map<std::string, PartitionValues> seen;
  const std::vector<Type> types = {Type::Of(TypeId::kString), Type::Of(TypeId::kBinary),
                                   Type::Decimal(9, 2)};
  for (int i = 0; i < 5'000; ++i) {
    PartitionValues values;
    for (const Type& type : types) {
      values.push_back(rng.OneIn(4) ? std::nullopt : std::optional(RandomLiteral(rng, type)));
    }
    const auto [found, is_new] = seen.emplace(PartitionKey(values), values);
    EXPECT_EQ(found->second, values) << ToHex(found->first);
  }
  EXPECT_NE(PartitionKey({std::nullopt}), PartitionKey({Literal::String("")}));
  EXPECT_EQ(PartitionKey({Literal::Int(3)}), PartitionKey({Literal::Int(3)}));
}

TEST(PartitionSpec, JsonRoundTripsWithUnknownMembers) {
  const std::string json =
      R"({"spec-id":2,"fields":[{"source-id":1,"field-id":1000,"name":"b","transform":"bucket[4]","x-new":[1,{"a":null}]}],"x-spec":"kept"})";
  EXPECT_EQ(PartitionSpecToJson(PartitionSpecFromJson(json)), json);
  EXPECT_EQ(PartitionSpecToJson(PartitionSpecFromJson(R"({"fields":[]})")),
            R"({"spec-id":0,"fields":[]})");
  struct Bad {
    const char* json;
    const char* class_name;
    const char* problem;
  };
  for (
      const Bad& bad : std::vector<Bad>{
          {R"({"spec-id":0})", "ParseError", "$: member 'fields' is missing"},
          {R"({"fields":[{"source-id":1,"field-id":1000,"name":"b"}]})", "ParseError",
           "$.fields[0]: member 'transform' is missing"},
          {R"({"fields":[{"source-id":1,"name":"b","transform":"void"}]})", "ParseError",
           "member 'field-id' is missing"},
          {R"({"fields":[{"source-id":1,"field-id":1000,"name":"b","transform":"zorder"}]})",
           "ParseError", "$.fields[0].transform: 'zorder' is not a partition transform"},
          {R"({"fields":[{"source-id":1,"field-id":1000,"name":"b","transform":"bucket[0]"}]})",
           "ParseError", "bucket[0] is not possible"},
          {R"({"fields":[{"source-ids":[1,2],"field-id":1000,"name":"b","transform":"void"}]})",
           "ParseError", "a transform of several columns"},
          {R"({"fields":{}})", "ParseError", "$.fields: expected an array, found an object"},
          {R"([])", "ParseError", "expected an object"},
      }) {
    const Thrown thrown = WhatThrows([&] { PartitionSpecFromJson(bad.json); });
    EXPECT_EQ(thrown.class_name, bad.class_name) << bad.json;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
  }
}

}  // namespace
}  // namespace floe::testing
