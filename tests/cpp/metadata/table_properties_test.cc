#include "floe/metadata/table_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "floe/metadata/snapshot.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::HasSubstr;
namespace props = table_properties;

TEST(TableProperties, DefaultsArePossibleValues) {
  std::set<std::string_view> names;
  for (const TableProperty* property : AllTableProperties()) {
    EXPECT_TRUE(names.insert(property->name).second) << property->name;
    EXPECT_FALSE(property->doc.empty()) << property->name;
    if (!property->default_text.empty() && property != &props::kMetricsColumnPrefix) {
      CheckTableProperties(
          {{std::string(property->name), std::string(property->default_text)}});
    }
  }
}

TEST(TableProperties, AreReadByTheirKind) {
  const Properties set = {{"commit.retry.num-retries", "0"},
                          {"write.metadata.delete-after-commit.enabled", "TRUE"},
                          {"write.data.path", "file:///d"}};
  EXPECT_EQ(IntegerProperty(set, props::kCommitRetries), 0);
  EXPECT_EQ(IntegerProperty({}, props::kCommitRetries), 4);
  EXPECT_TRUE(BooleanProperty(set, props::kMetadataDeleteAfterCommit));
  EXPECT_FALSE(BooleanProperty({}, props::kMetadataDeleteAfterCommit));
  EXPECT_EQ(TextProperty(set, props::kDataPath), "file:///d");
  EXPECT_EQ(TextProperty({}, props::kDataPath), "");
}

struct Bad {
  const char* name;
  const char* value;
  const char* class_name;
  const char* problem;
};

TEST(TableProperties, ThatCantBeHonouredAreRefused) {
  for (const Bad& bad : std::vector<Bad>{
           {"write.target-file-size-bytes", "0", "InvalidArgumentError", "an integer from 1"},
           {"write.target-file-size-bytes", "1e6", "InvalidArgumentError", "is '1e6'"},
           {"write.target-file-size-bytes", "", "InvalidArgumentError", "an integer"},
           {"write.target-file-size-bytes", "99999999999999999999", "InvalidArgumentError",
            "an"},
           {"commit.retry.num-retries", "-1", "InvalidArgumentError", "from 0 to 2147483647"},
           {"commit.retry.num-retries", " 1", "InvalidArgumentError", "is ' 1'"},
           {"write.metadata.delete-after-commit.enabled", "yes", "InvalidArgumentError",
            "expected true or false"},
           {"write.parquet.compression-codec", "lzo", "InvalidArgumentError", "zstd, snappy"},
           {"write.parquet.compression-level", "1000", "InvalidArgumentError", "-100 to 100"},
           {"write.parquet.page-version", "v3", "InvalidArgumentError", "v1 or v2"},
           {"write.manifest.compression-codec", "lz4", "InvalidArgumentError", "gzip, zstd"},
           {"write.manifest.compression-level", "10", "InvalidArgumentError", "up to 9"},
           {"write.manifest.compression-level", "23", "InvalidArgumentError", "0 to 22"},
           {"write.metadata.metrics.default", "some", "ParseError", "'some'"},
           {"write.metadata.metrics.column.a.b", "truncate(0)", "ParseError", "truncate(0)"},
           {"floe.unknown", "1", "InvalidArgumentError", "not a table property of floe"},
           {"write.format.default", "orc", "UnsupportedError", "'orc'"},
           {"write.object-storage.enabled", "true", "UnsupportedError", "object-storage"},
           {"write.metadata.compression-codec", "zstd", "InvalidArgumentError", "none or gzip"},
           {"write.parquet.bloom-filter-enabled.column.a", "yes", "InvalidArgumentError",
            "'write.parquet.bloom-filter-enabled.column.a' is 'yes'; expected true or false"},
           {"write.parquet.bloom-filter-fpp.column.a", "1.0", "InvalidArgumentError",
            "between 0 and 1"},
           {"write.parquet.bloom-filter-fpp.column.a", "x", "InvalidArgumentError", "fpp"},
           {"write.parquet.bloom-filter-ndv.column.a", "0", "InvalidArgumentError", "from 1"},
           {"write.parquet.bloom-filter-max-bytes", "31", "InvalidArgumentError", "from 32"},
           {"encryption.key-id", "k", "UnsupportedError", "encryption.key-id"},
       }) {
    const Thrown thrown =
        WhatThrows([&] { CheckTableProperties({{"x", "y"}, {bad.name, bad.value}}); });
    EXPECT_EQ(thrown.class_name, bad.class_name) << bad.name << " = " << bad.value;
    EXPECT_THAT(thrown.message, HasSubstr(bad.problem));
    EXPECT_EQ(thrown.details.position.has_value(), thrown.class_name == "ParseError");
  }
  CheckTableProperties({{"write.format.default", "PARQUET"},
                        {"write.object-storage.enabled", "false"},
                        {"anything.else", "is carried"},
                        {"write.parquet.compression-codec", "SNAPPY"}});
  CheckTableProperties({{"write.manifest.compression-codec", "zstd"},
                        {"write.manifest.compression-level", "19"}});
}

TEST(Properties, KeepTheirOrder) {
  Properties properties = {{"a", "1"}, {"b", "2"}};
  SetProperty("a", "3", &properties);
  SetProperty("c", "4", &properties);
  EXPECT_EQ(properties, (Properties{{"a", "3"}, {"b", "2"}, {"c", "4"}}));
  EXPECT_EQ(FindProperty(properties, "d"), std::nullopt);
}

TEST(Properties, OfASummaryAreNotTheCommitsOwn) {
  CheckSummaryProperties({{"dagster.run", "1"}, {"addedfield", "x"}});
  for (const char* name : {"", "operation", "added-records", "total-x", "deleted-data-files",
                           "removed-files-size", "changed-partition-count"}) {
    EXPECT_EQ(WhatThrows([&] { CheckSummaryProperties({{name, "1"}}); }).class_name,
              "InvalidArgumentError")
        << name;
  }
}

}  // namespace
}  // namespace floe::testing
