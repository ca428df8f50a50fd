// Sort orders: their JSON form, and which a table can have.

#include "floe/partition/sort_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "floe/metadata/table_metadata.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Schema Columns() {
  Field tags = Optional(30, "tags", TypeId::kString);
  tags.type = Type::List(Optional(31, "element", TypeId::kString));
  return Schema(
      {Required(10, "id", TypeId::kLong), Optional(20, "ts", TypeId::kTimestamp), tags});
}

SortOrder By(int32_t source_id, std::string transform = "identity") {
  return {.order_id = 1,
          .fields = {{.source_ids = {source_id}, .transform = std::move(transform)}}};
}

TEST(SortOrder, JsonFormIsStable) {
  const std::string text =
      R"({"order-id":5,"fields":[{"transform":"bucket[4]","source-id":3,"direction":"desc",)"
      R"("null-order":"nulls-last"},{"transform":"zorder","source-ids":[1,2],)"
      R"("direction":"asc","null-order":"nulls-first"}]})";
  const SortOrder order = SortOrderFromJson(text);
  EXPECT_EQ(SortOrderToJson(order), text);
  EXPECT_EQ(order.fields[0].direction, SortDirection::kDescending);
  EXPECT_EQ(order.fields[0].null_order, NullOrder::kLast);
  EXPECT_THAT(order.fields[1].source_ids, ::testing::ElementsAre(1, 2));
  EXPECT_EQ(WhatThrows([] { SortOrderFromJson("{}"); }).class_name, "ParseError");
}

TEST(SortOrder, OfANewTableIsOverItsOwnColumns) {
  NewTable wanted{.schema = Columns(), .location = "file:///t", .sort_order = By(20, "day")};
  TableMetadata metadata = MakeTableMetadata(wanted, "uuid", 0);
  EXPECT_EQ(metadata.default_sort_order_id, 1);
  ASSERT_THAT(metadata.sort_orders, SizeIs(1));
  EXPECT_EQ(metadata.sort_order(), metadata.sort_orders[0]);
  EXPECT_EQ(metadata.sort_order().fields[0].source_ids.front(),
            metadata.schema()->Find("ts")->field->id);
  wanted.sort_order = {};
  metadata = MakeTableMetadata(wanted, "uuid", 0);
  EXPECT_EQ(metadata.default_sort_order_id, kUnsortedOrderId);
  EXPECT_EQ(metadata.sort_order(), SortOrder{});
}

TEST(SortOrder, OverWhatCanNotBeSortedIsRefused) {
  struct Bad {
    SortOrder order;
    std::string class_name;
    std::string problem;
  };
  const SortOrder several = {.order_id = 1,
                             .fields = {{.source_ids = {10, 20}, .transform = "zorder"}}};
  for (const Bad& bad : {
           Bad{By(11), "InvalidArgumentError", "column id 11, which the schema does not have"},
           Bad{By(30), "InvalidArgumentError", "by identity of column 'tags' of type list"},
           Bad{By(31), "InvalidArgumentError", "inside a list or map"},
           Bad{By(10, "day"), "InvalidArgumentError", "by day of column 'id' of type long"},
           Bad{By(10, "zorder"), "ParseError", "'zorder' is not"},
           Bad{several, "UnsupportedError", "sort field 'zorder' is over 2 columns"},
       }) {
    const Thrown thrown = WhatThrows([&] { CheckSortOrder(bad.order, Columns()); });
    EXPECT_EQ(thrown.class_name, bad.class_name) << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
  }
}

}  // namespace
}  // namespace floe::testing
