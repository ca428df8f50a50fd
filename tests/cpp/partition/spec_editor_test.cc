#include "floe/partition/spec_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;

SchemaPtr Columns() {
  const auto column = [](int32_t id, std::string name, TypeId type) {
    return Field{id, std::move(name), Type::Of(type), false, "", {}};
  };
  return std::make_shared<const Schema>(std::vector<Field>{column(1, "id", TypeId::kLong),
                                                           column(2, "at", TypeId::kTimestamp),
                                                           column(3, "kind", TypeId::kString)});
}

PartitionSpecPtr SpecOf(int32_t id, std::vector<PartitionField> fields) {
  return std::make_shared<const PartitionSpec>(id, std::move(fields));
}

const PartitionField kDay{2, 1000, "at_day", Transform::Day(), {}};
const PartitionField kKind{3, 1001, "kind", Transform::Identity(), {}};
const PartitionField kOldShard{1, 1002, "shard", Transform::Bucket(4), {}};

using Edit = std::function<void(SpecEditor&)>;

/// The default spec is of `at_day` and `kind`; an older one, 0, had `shard`.
PartitionSpec Edited(const Edit& edit, int format_version = 2) {
  const auto base = SpecOf(1, {kDay, kKind});
  SpecEditor editor(base, Columns(), {SpecOf(0, {kOldShard}), base},
                    {.format_version = format_version, .last_partition_id = 1002});
  edit(editor);
  return editor.Build();
}

/// `<spec id>: <field id> <name> <transform>, …`
std::string Text(const PartitionSpec& spec) {
  std::string text = std::to_string(spec.spec_id()) + ":";
  for (const PartitionField& field : spec.fields()) {
    text += " " + std::to_string(field.field_id) + " " + field.name + " " +
            field.transform.ToString() + ",";
  }
  return text;
}

TEST(SpecEditor, AddsRemovesAndRenames) {
  EXPECT_EQ(Text(Edited([](SpecEditor&) {})), "1: 1000 at_day day, 1001 kind identity,");
  EXPECT_EQ(Text(Edited([](SpecEditor& e) {
              e.RemoveField("at_day");
              e.RenameField("kind", "k");
              e.AddField("id", Transform::Bucket(16));
              e.AddField("kind", Transform::Truncate(4));
              e.AddField("at", Transform::Hour(), "h");
            })),
            "2: 1001 k identity, 1003 id_bucket_16 bucket[16], 1004 kind_trunc_4 truncate[4], "
            "1005 h hour,");
}

TEST(SpecEditor, FieldsOfOlderSpecsComeBackWithTheirIds) {
  EXPECT_EQ(Text(Edited([](SpecEditor& e) { e.AddField("id", Transform::Bucket(4)); })),
            "2: 1000 at_day day, 1001 kind identity, 1002 shard bucket[4],");
  EXPECT_EQ(
      Text(Edited([](SpecEditor& e) { e.AddField("id", Transform::Bucket(4), "other"); })),
      "2: 1000 at_day day, 1001 kind identity, 1003 other bucket[4],")
      << "under another name it is another field";
  EXPECT_EQ(Text(Edited([](SpecEditor& e) {
              e.RemoveField("at_day");
              e.RemoveField("kind");
              e.AddField("id", Transform::Bucket(4));
            })),
            "0: 1002 shard bucket[4],")
      << "the spec is one that the table has had";
}

TEST(SpecEditor, OfVersion1KeepsWhatIsRemovedAsVoid) {
  EXPECT_EQ(Text(Edited([](SpecEditor& e) { e.RemoveField("at_day"); }, 1)),
            "2: 1000 at_day void, 1001 kind identity,");
  EXPECT_EQ(Text(Edited([](SpecEditor& e) { e.AddField("id", Transform::Bucket(4)); }, 1)),
            "2: 1000 at_day day, 1001 kind identity, 1003 id_bucket_4 bucket[4],");
  EXPECT_EQ(Text(Edited(
                [](SpecEditor& e) {
                  e.RemoveField("kind");
                  e.AddField("kind", Transform::Identity());
                },
                1)),
            "2: 1000 at_day day, 1001 kind_1001 void, 1003 kind identity,")
      << "a void field gives way";
}

struct Refusal {
  Edit edit;
  const char* message;
};

TEST(SpecEditor, SaysWhatCanNotBe) {
  for (const Refusal& test : std::vector<Refusal>{
           {[](SpecEditor& e) { e.AddField("at", Transform::Day()); },
            "can't add partition field day of column 'at': field 'at_day' is the same"},
           {[](SpecEditor& e) {
              e.AddField("at", Transform::Month());
              e.AddField("at", Transform::Year());
            },
            "the same update adds 'at_month', and one of the two says all of the other"},
           {[](SpecEditor& e) {
              e.AddField("id", Transform::Bucket(2), "b");
              e.AddField("kind", Transform::Bucket(2), "b");
            },
            "the same update adds a field 'b'"},
           {[](SpecEditor& e) { e.AddField("id", Transform::Identity(), "kind"); },
            "a field of that name exists, identity of column id 3"},
           {[](SpecEditor& e) { e.AddField("id", Transform::Bucket(2), "at"); },
            "a column that it is not the same as has that name"},
           {[](SpecEditor& e) { e.AddField("ID", Transform::Bucket(2)); }, "did you mean 'id'"},
           {[](SpecEditor& e) { e.AddField("id", Transform::Day()); },
            "that can't be applied to type long"},
           {[](SpecEditor& e) { e.AddField("id", Transform::Bucket(2), ""); }, "needs a name"},
           {[](SpecEditor& e) { e.RemoveField("x"); }, "there is no such field"},
           {[](SpecEditor& e) {
              e.AddField("id", Transform::Bucket(2));
              e.RemoveField("id_bucket_2");
            },
            "the same update adds it"},
           {[](SpecEditor& e) {
              e.RenameField("kind", "k");
              e.RemoveField("kind");
            },
            "the same update renames it"},
           {[](SpecEditor& e) {
              e.RemoveField("kind");
              e.RenameField("kind", "k");
            },
            "the same update removes it"},
           {[](SpecEditor& e) { e.RenameField("kind", "at_day"); },
            "another one has that name"},
       }) {
    const Thrown thrown = WhatThrows([&] { Edited(test.edit); });
    EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
    EXPECT_THAT(thrown.message, HasSubstr(test.message));
  }
}

}  // namespace
}  // namespace floe::testing
