// Table metadata as JSON: what is read is written again, and what is damaged is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "support/case_files.h"
#include "support/golden.h"
#include "support/rng.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using ::testing::HasSubstr;

constexpr const char* kLocation = "file:///t/metadata/v1.metadata.json";

std::string BaseText() { return ReadTestFile("cases/table_metadata/base.json"); }

std::string Rewritten(const std::string& text) {
  return TableMetadataToJson(*ParseTableMetadata(text, kLocation));
}

std::set<std::string> Members(const std::string& json) {
  simdjson::dom::parser parser;
  std::set<std::string> members;
  for (const auto member : simdjson::dom::object(parser.parse(json))) {
    members.insert(std::string(member.key) + ": " + simdjson::minify(member.value));
  }
  return members;
}

/// One member a line, so that a difference is seen.
std::string Lines(const std::string& json) {
  simdjson::dom::parser parser;
  std::string lines;
  for (const auto member : simdjson::dom::object(parser.parse(json))) {
    lines += std::string(member.key) + ": " + simdjson::minify(member.value) + "\n";
  }
  return lines;
}

TEST(MetadataJson, WritesACanonicalFormInEachVersion) {
  for (const std::string name : {"v1", "base", "v3"}) {
    const std::string once = Rewritten(ReadTestFile("cases/table_metadata/" + name + ".json"));
    ExpectGolden("metadata/" + name + ".txt", Lines(once));
    EXPECT_EQ(Rewritten(once), once);
  }
}

TEST(MetadataJson, OfANewTableIsCanonicalInEachVersion) {
  const Schema schema({{7, "id", Type::Of(TypeId::kLong), true, "the key", {}},
                       {3, "ts", Type::Of(TypeId::kTimestamp), false, "", {}}});
  for (const int version : {1, 2, 3}) {
    const NewTable table{schema,
                         PartitionSpec(0, {{3, 0, "ts_day", Transform::Day(), {}}}),
                         "file:///w/db/t",
                         {{"owner", "me"}},
                         version};
    const TableMetadata metadata =
        MakeTableMetadata(table, "f79c3e09-677c-4bbd-a479-3f349cb785e7", 1'700'000'000'000);
    ExpectGolden("metadata/new_table_v" + std::to_string(version) + ".txt",
                 Lines(TableMetadataToJson(metadata)));
    EXPECT_EQ(metadata.current_snapshot(), nullptr);
    EXPECT_EQ(Rewritten(TableMetadataToJson(metadata)), TableMetadataToJson(metadata));
  }
}

TEST(MetadataJson, LosesNoMember) {
  simdjson::dom::parser before_parser;
  simdjson::dom::parser after_parser;
  const std::string before_text = BaseText();
  const std::string after_text = Rewritten(before_text);
  std::map<std::string, std::string> after;
  for (const auto member : simdjson::dom::object(after_parser.parse(after_text))) {
    after[std::string(member.key)] = simdjson::minify(member.value);
  }
  for (const auto member : simdjson::dom::object(before_parser.parse(before_text))) {
    const std::string key(member.key);
    ASSERT_TRUE(after.contains(key)) << key;
    // Members may have moved, but none has gone.
    EXPECT_EQ(after[key].size(), std::string(simdjson::minify(member.value)).size()) << key;
  }
}

TEST(MetadataJson, MembersComeInAnyOrder) {
  simdjson::dom::parser parser;
  const std::string text = BaseText();
  const simdjson::dom::object root = parser.parse(text);
  std::vector<std::string> members;
  for (const auto member : root) {
    members.push_back("\"" + std::string(member.key) + "\": " + simdjson::minify(member.value));
  }
  const std::set<std::string> expected = Members(Rewritten(text));
  for (const uint64_t seed : Seeds(30)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed);
    for (size_t i = members.size() - 1; i > 0; --i) {
      std::swap(members[i], members[rng.Index(i + 1)]);
    }
    std::string shuffled;
    for (const std::string& member : members) {
      shuffled += (shuffled.empty() ? "{" : ", ") + member;
    }
    EXPECT_EQ(Members(Rewritten(shuffled + "}")), expected);
  }
}

TEST(MetadataJson, FactsAreWhereTheyBelong) {
  const auto metadata = ParseTableMetadata(BaseText(), kLocation);
  EXPECT_EQ(metadata->location, "file:///warehouse/db/t");
  EXPECT_EQ(metadata->schema()->schema_id(), 1);
  EXPECT_EQ(metadata->spec()->fields()[1].transform, Transform::Bucket(16));
  ASSERT_NE(metadata->current_snapshot(), nullptr);
  const Snapshot& current = *metadata->current_snapshot();
  EXPECT_EQ(current.snapshot_id, 3055729675574597004);
  EXPECT_EQ(current.parent_snapshot_id, 3051729675574597004);
  EXPECT_EQ(current.operation, "overwrite");
  EXPECT_EQ(FindProperty(current.summary, "engine-name"), "other");
  EXPECT_EQ(FindProperty(current.summary, "operation"), std::nullopt);
  EXPECT_EQ(metadata->SchemaOf(current)->schema_id(), 1);
  EXPECT_EQ(metadata->SchemaOf(*metadata->FindSnapshot(3051729675574597004))->schema_id(), 1)
      << "one that does not say has the current schema";
  const SnapshotRef& audit = metadata->refs.at("audit");
  EXPECT_EQ(audit.kind, SnapshotRef::Kind::kTag);
  EXPECT_EQ(audit.max_ref_age_ms, 10'000'000);
  EXPECT_EQ(audit.min_snapshots_to_keep, std::nullopt);
  EXPECT_EQ(metadata->FindSnapshot(1), nullptr);
  const Thrown thrown = WhatThrows([&] { static_cast<void>(metadata->SpecById(77)); });
  EXPECT_EQ(thrown.class_name, "CorruptFileError");
  EXPECT_THAT(thrown.message, HasSubstr("partition spec 77"));
}

/// Reads damaged metadata: it is refused by the right class with its location, or what was
/// read can be written and read again.
void ReadDamaged(const std::string& text, const std::string& what) {
  std::string written;
  const Thrown thrown = WhatThrows([&] { written = Rewritten(text); });
  if (thrown.class_name.empty()) {
    const Thrown again = WhatThrows([&] { EXPECT_EQ(Rewritten(written), written) << what; });
    EXPECT_EQ(again.class_name, "") << again << " after " << what;
    return;
  }
  EXPECT_TRUE(thrown.class_name == "CorruptFileError" ||
              thrown.class_name == "UnsupportedError")
      << thrown << " after " << what;
  EXPECT_EQ(thrown.details.path, kLocation) << what;
  EXPECT_THAT(thrown.message, HasSubstr(kLocation)) << what;
}

TEST(MetadataJson, CutOffAnywhereIsCorrupt) {
  const std::string text = Rewritten(BaseText());
  for (size_t size = 0; size < text.size(); ++size) {
    const Thrown thrown = WhatThrows([&] { Rewritten(text.substr(0, size)); });
    ASSERT_EQ(thrown.class_name, "CorruptFileError") << thrown << " cut to " << size;
    ASSERT_EQ(thrown.details.path, kLocation);
  }
}

TEST(MetadataJson, WithRandomDamageIsRefusedOrWhole) {
  const std::string text = Rewritten(BaseText());
  for (const uint64_t seed : Seeds(3)) {
    Rng rng(seed);
    for (int i = 0; i < 1'500; ++i) {
      std::string damaged = text;
      for (size_t left = 1 + rng.Index(2); left > 0; --left) {
        const size_t at = rng.Index(damaged.size());
        switch (rng.Below(4)) {
          case 0:
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^
                                            (1U << rng.Below(8)));
            break;
          case 1:
            damaged.erase(at, 1 + rng.Index(30));
            break;
          case 2:
            damaged.insert(at, damaged.substr(rng.Index(damaged.size()), rng.Index(40)));
            break;
          default:
            damaged[at] = "0123456789{}[]\",:-e"[rng.Below(19)];
        }
      }
      ReadDamaged(damaged, "round " + std::to_string(i) + " of seed " + std::to_string(seed));
    }
  }
}

/// Writes a value with the node of preorder number `target` replaced, or left out if
/// `replacement` is empty.
class Replacer {
 public:
  Replacer(int target, std::string_view replacement)
      : target_(target), replacement_(replacement) {}

  std::string Write(element value) {
    ++at_;
    if (at_ == target_) {
      return std::string(replacement_);
    }
    if (value.type() == element_type::OBJECT) {
      std::string out;
      for (const auto member : simdjson::dom::object(value)) {
        const std::string inner = Write(member.value);
        if (!inner.empty()) {
          out += (out.empty() ? "\"" : ", \"") + std::string(member.key) + "\": " + inner;
        }
      }
      return "{" + out + "}";
    }
    if (value.type() == element_type::ARRAY) {
      std::string out;
      for (const element item : simdjson::dom::array(value)) {
        const std::string inner = Write(item);
        if (!inner.empty()) {
          out += (out.empty() ? "" : ", ") + inner;
        }
      }
      return "[" + out + "]";
    }
    return simdjson::minify(value);
  }

  int node_count() const { return at_ + 1; }

 private:
  int target_;
  std::string_view replacement_;
  int at_ = -1;
};

TEST(MetadataJson, WithAnyNodeReplacedIsRefusedOrWhole) {
  simdjson::dom::parser parser;
  const std::string text = BaseText();
  const element root = parser.parse(text);
  Replacer counter(-1, "");
  EXPECT_EQ(Members(Rewritten(counter.Write(root))), Members(Rewritten(text)));
  for (int node = 1; node < counter.node_count(); ++node) {
    for (const char* replacement : {"", "null", "true", "\"x\"", "\"\"", "[]", "{}", "[null]",
                                    "-1", "0", "2147483647", "-9223372036854775808", "1e308"}) {
      ReadDamaged(Replacer(node, replacement).Write(root),
                  "node " + std::to_string(node) + " as '" + replacement + "'");
    }
  }
}

}  // namespace
}  // namespace floe::testing
