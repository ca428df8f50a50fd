#include "floe/partition/sort_order_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/partition/sort_order.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto kAsc = SortDirection::kAscending;
constexpr auto kDesc = SortDirection::kDescending;

SchemaPtr Columns() {
  Field tags = Optional(3, "tags", TypeId::kString);
  tags.type = Type::List(Optional(4, "element", TypeId::kString));
  return std::make_shared<const Schema>(std::vector<Field>{
      Required(1, "id", TypeId::kLong), Optional(2, "at", TypeId::kTimestamp), tags});
}

const SortOrder kById{
    .order_id = 3,
    .fields = {{.source_ids = {1}, .transform = "identity", .null_order = NullOrder::kLast}}};

SortOrder Edited(const std::function<void(SortOrderEditor&)>& edit,
                 std::vector<SortOrder> orders = {SortOrder{}, kById},
                 bool case_sensitive = true) {
  SortOrderEditor editor(Columns(), std::move(orders), case_sensitive);
  edit(editor);
  return editor.Build();
}

TEST(SortOrderEditor, OrdersAreMadeAnewFieldByField) {
  const SortOrder order = Edited([](SortOrderEditor& e) {
    e.AddField("at", Transform::Day(), kDesc, NullOrder::kFirst);
    e.AddField("id", Transform::Bucket(4), kAsc, NullOrder::kLast);
  });
  EXPECT_EQ(SortOrderToJson(order),
            R"({"order-id":4,"fields":[{"transform":"day","source-id":2,"direction":"desc",)"
            R"("null-order":"nulls-first"},{"transform":"bucket[4]","source-id":1,)"
            R"("direction":"asc","null-order":"nulls-last"}]})");
}

TEST(SortOrderEditor, OrderThatTheTableHasHadIsThatOne) {
  const auto by_id = [](NullOrder nulls) {
    return [=](SortOrderEditor& e) { e.AddField("id", Transform::Identity(), kAsc, nulls); };
  };
  EXPECT_EQ(Edited(by_id(NullOrder::kLast)).order_id, 3);
  EXPECT_EQ(Edited(by_id(NullOrder::kFirst)).order_id, 4);
  EXPECT_EQ(Edited(by_id(NullOrder::kFirst), {}).order_id, 1);
}

TEST(SortOrderEditor, WithoutFieldsItIsUnsorted) {
  const auto nothing = [](SortOrderEditor&) {};
  EXPECT_EQ(Edited(nothing), SortOrder{});
  EXPECT_EQ(Edited(nothing, {kById}), SortOrder{});
}

TEST(SortOrderEditor, WhatCanNotBeSortedByIsRefusedWithTheColumn) {
  struct Bad {
    std::string column;
    Transform transform;
    std::string problem;
  };
  for (const Bad& bad : {
           Bad{"ID", Transform::Identity(), "there is no such column; did you mean 'id'?"},
           Bad{"tags", Transform::Identity(), "by identity of column 'tags' of type list"},
           Bad{"tags.element", Transform::Identity(), "inside a list or map"},
           Bad{"id", Transform::Day(), "by day of column 'id' of type long"},
       }) {
    const Thrown thrown = WhatThrows([&] {
      Edited([&](SortOrderEditor& e) {
        e.AddField(bad.column, bad.transform, kAsc, NullOrder::kFirst);
      });
    });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
    EXPECT_EQ(thrown.details.column, bad.column);
  }
  const SortOrder order = Edited(
      [](SortOrderEditor& e) {
        e.AddField("ID", Transform::Identity(), kAsc, NullOrder::kLast);
      },
      {kById}, false);
  EXPECT_EQ(order, kById);
}

}  // namespace
}  // namespace floe::testing
