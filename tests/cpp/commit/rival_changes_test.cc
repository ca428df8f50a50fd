// What becomes of a change of columns, partitions or order when others change the table first.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "floe/base/error.h"
#include "floe/commit/change.h"
#include "floe/commit/transaction.h"
#include "floe/commit/update_schema.h"
#include "floe/commit/update_sort_order.h"
#include "floe/commit/update_spec.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/sort_order.h"
#include "floe/partition/sort_order_editor.h"
#include "floe/partition/spec_editor.h"
#include "floe/partition/transform.h"
#include "floe/schema/literal.h"
#include "floe/schema/schema_editor.h"
#include "floe/schema/type.h"
#include "floe/schema/value.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/faulty_catalog.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using NextCommit = FaultyCatalog::NextCommit;

using ChangePtr = std::shared_ptr<Change>;

Table Commit(const Table& table, ChangePtr change) {
  Transaction transaction(table);
  transaction.Add(std::move(change));
  return transaction.Commit();
}

ChangePtr SortBy(const std::string& column) {
  return std::make_shared<UpdateSortOrder>([=](SortOrderEditor& editor) {
    editor.AddField(column, Transform::Identity(), SortDirection::kAscending,
                    NullOrder::kFirst);
  });
}

ChangePtr Unsorted() {
  return std::make_shared<UpdateSortOrder>([](SortOrderEditor&) {});
}

ChangePtr ChangeColumns(UpdateSchema::Edit edit) {
  return std::make_shared<UpdateSchema>(std::move(edit));
}

ChangePtr Rename(const std::string& from, const std::string& to) {
  return ChangeColumns([=](SchemaEditor& editor) { editor.RenameColumn(from, to); });
}

ChangePtr Delete(const std::string& column) {
  return ChangeColumns([=](SchemaEditor& editor) { editor.DeleteColumn(column); });
}

ChangePtr Bucket(const std::string& column) {
  return std::make_shared<UpdateSpec>(
      [=](SpecEditor& editor) { editor.AddField(column, Transform::Bucket(4)); });
}

ChangePtr Unbucket() {
  return std::make_shared<UpdateSpec>(
      [](SpecEditor& editor) { editor.RemoveField("id_bucket_4"); });
}

TEST(RivalChanges, OfTwoSortOrdersTheLaterHoldsAndBothAreKept) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] { Commit(contest.Rivals(), SortBy("part")); });
  const Table after = Commit(ours, SortBy("id"));
  EXPECT_EQ(after.metadata().default_sort_order_id, 2);
  EXPECT_THAT(after.metadata().sort_orders, SizeIs(3));
  EXPECT_EQ(after.metadata().sort_order().fields[0].source_ids[0],
            after.metadata().schema()->Find("id")->field->id);
  EXPECT_EQ(contest.catalog().commit_calls(), 2);
}

TEST(RivalChanges, SameSortOrderOfBothIsOne) {
  Contest contest;
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] { Commit(contest.Rivals(), SortBy("id")); });
  const Table after = Commit(ours, SortBy("id"));
  EXPECT_EQ(after.metadata().default_sort_order_id, 1);
  EXPECT_THAT(after.metadata().sort_orders, SizeIs(2));
}

/// What uses a column that the rival deletes meanwhile, or the other way round.
struct Clash {
  std::string name;
  ChangePtr ours;
  ChangePtr rivals;
  std::string class_name;
  std::string problem;
};

TEST(RivalChanges, ThatUseADeletedColumnAreRefusedAndLeaveTheRivals) {
  for (const Clash& clash : {
           Clash{"sort by a deleted column", SortBy("id"), Delete("id"), "InvalidArgumentError",
                 "column 'id': there is no such column"},
           Clash{"delete a column that is sorted by", Delete("id"), SortBy("id"),
                 "SchemaEvolutionError", "the table's sort order has identity of it"},
           Clash{"partition by a deleted column", Bucket("id"), Delete("id"),
                 "InvalidArgumentError", "there is no such column"},
           Clash{"delete a column that is partitioned by", Delete("id"), Bucket("id"),
                 "SchemaEvolutionError", "partition field 'id_bucket_4' is made from it"},
       }) {
    SCOPED_TRACE(clash.name);
    Contest contest;
    const Table ours = contest.Ours();
    contest.BeforeOurCommit(1, [&] { Commit(contest.Rivals(), clash.rivals); });
    const Thrown thrown = WhatThrows([&] { Commit(ours, clash.ours); });
    EXPECT_EQ(thrown.class_name, clash.class_name) << thrown;
    EXPECT_THAT(thrown.message, HasSubstr(clash.problem));
    EXPECT_TRUE(clash.rivals->IsIn(contest.Rivals().metadata()));
    EXPECT_EQ(contest.catalog().commit_calls(), 1);
  }
}

TEST(RivalChanges, ColumnThatIsSortedByIsDeletedAfterTheOrderIsReplaced) {
  Contest contest;
  Commit(contest.Rivals(), SortBy("id"));
  EXPECT_THROW(Commit(contest.Ours(), Delete("id")), SchemaEvolutionError);
  Transaction transaction(contest.Ours());
  transaction.Add(Unsorted());
  transaction.Add(Delete("id"));
  const Table after = transaction.Commit();
  EXPECT_TRUE(after.metadata().sort_order().is_unsorted());
  EXPECT_EQ(after.metadata().schema()->Find("id"), nullptr);
}

TEST(RivalChanges, DefaultFollowsTheRivalsType) {
  Contest contest;
  Commit(contest.Rivals(), ChangeColumns([](SchemaEditor& editor) {
           editor.AddColumn("", {"n", Type::Of(TypeId::kInt)});
         }));
  const Table ours = contest.Ours();
  contest.BeforeOurCommit(1, [&] {
    Commit(contest.Rivals(), ChangeColumns([](SchemaEditor& editor) {
             editor.UpdateType("n", Type::Of(TypeId::kLong));
           }));
  });
  const ChangePtr set = ChangeColumns(
      [](SchemaEditor& editor) { editor.UpdateDefault("n", Value(Literal::Int(5))); });
  const Table after = Commit(ours, set);
  EXPECT_EQ(after.metadata().schema()->Find("n")->field->write_default,
            DefaultValue(Literal::Long(5)));
  contest.BeforeOurCommit(3, [&] { Commit(contest.Rivals(), Delete("n")); });
  EXPECT_THROW(Commit(contest.Ours(), ChangeColumns([](SchemaEditor& editor) {
                        editor.UpdateDefault("n", Value(Literal::Int(6)));
                      })),
               SchemaEvolutionError);
}

/// A change back to what the table has had adds nothing to look for.
TEST(RivalChanges, LostRequestToGoBackIsNotTakenAsDone) {
  struct WayBack {
    ChangePtr there;
    ChangePtr back;
  };
  for (const WayBack& way :
       {WayBack{SortBy("id"), Unsorted()}, WayBack{Bucket("id"), Unbucket()},
        WayBack{Rename("id", "key"), Rename("key", "id")}}) {
    Contest contest;
    const Table ours = Commit(contest.Ours(), way.there);
    contest.catalog().Next(NextCommit::kLost);
    EXPECT_THROW(Commit(ours, way.back), CommitStateUnknownError);
    EXPECT_EQ(contest.Rivals().metadata_location(), ours.metadata_location());
    contest.catalog().Next(NextCommit::kDoneAndLost);
    EXPECT_NE(Commit(ours, way.back).metadata_location(), ours.metadata_location());
    EXPECT_TRUE(way.back->IsIn(contest.Rivals().metadata()));
  }
}

}  // namespace
}  // namespace floe::testing
