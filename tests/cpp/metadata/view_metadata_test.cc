#include "floe/metadata/view_metadata.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "floe/base/error.h"

namespace floe::testing {
namespace {

constexpr const char* kView = R"({
  "view-uuid": "fa6506c3-7681-40c8-86dc-e36561f83385",
  "format-version": 1,
  "location": "s3://bucket/warehouse/event_agg",
  "current-version-id": 2,
  "properties": {"comment": "Daily event counts"},
  "later": {"a": [1]},
  "versions": [
    {"version-id": 1, "timestamp-ms": 1573518431292, "schema-id": 1,
     "default-catalog": "prod", "default-namespace": ["default"], "summary": {},
     "representations": [{"type": "sql", "sql": "SELECT 1", "dialect": "spark"}]},
    {"version-id": 2, "timestamp-ms": 1573518981593, "schema-id": 1,
     "default-namespace": [], "summary": {"engine-name": "Spark"},
     "representations": [
       {"type": "sql", "sql": "SELECT 2", "dialect": "trino", "hint": true},
       {"type": "plan", "steps": [1, 2]}]}],
  "schemas": [{"schema-id": 1, "type": "struct", "fields": [
    {"id": 1, "name": "event_count", "required": false, "type": "int"}]}],
  "version-log": [{"timestamp-ms": 1573518431292, "version-id": 1},
                  {"timestamp-ms": 1573518981593, "version-id": 2}]
})";

TEST(ViewMetadata, ReadsAndWritesAllThatAViewSays) {
  const ViewMetadataPtr view = ParseViewMetadata(kView, "v.json");
  EXPECT_EQ(view->schema()->fields()[0].name, "event_count");
  EXPECT_EQ(view->versions[0].default_catalog, "prod");
  const ViewVersion& current = view->current_version();
  EXPECT_EQ(current.version_id, 2);
  EXPECT_EQ(current.representations[0].sql, "SELECT 2");
  EXPECT_EQ(current.representations[1].type, "plan");
  const std::string json = ViewMetadataToJson(*view);
  EXPECT_NE(json.find(R"("steps":[1, 2])"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("later":)"), std::string::npos);
  const ViewMetadataPtr again = ParseViewMetadata(json, "again.json");
  EXPECT_EQ(again->versions, view->versions);
  EXPECT_EQ(again->version_log, view->version_log);
  EXPECT_EQ(ViewMetadataToJson(*again), json);
  EXPECT_EQ(ViewVersionFromJson(ViewVersionToJson(current)), current);
}

std::string With(const std::string& old_text, const std::string& new_text) {
  std::string text = kView;
  const size_t at = text.find(old_text);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, old_text.size(), new_text);
}

TEST(ViewMetadata, DamageIsNamed) {
  EXPECT_THROW(ParseViewMetadata("{}", "v.json"), CorruptFileError);
  EXPECT_THROW(ParseViewMetadata("[1", "v.json"), CorruptFileError);
  for (const auto& text :
       {With(R"("current-version-id": 2)", R"("current-version-id": 3)"),
        With(R"("schema-id": 1, "type")", R"("schema-id": 7, "type")"),
        With(R"("sql": "SELECT 1", )", ""), With(R"("view-uuid")", R"("uuid")"),
        With(R"("representations")", R"("represented")"),
        With(R"({"version-id": 1, )", R"({"version-id": 2, )"),
        With(R"({"version-id": 1, )", R"({"version-id": 2147483647, )"),
        With(R"({"version-id": 1, )", R"({"version-id": -1, )"),
        With(R"("timestamp-ms": 1573518431292, "schema-id": 1)", R"("schema-id": 1)")}) {
    EXPECT_THROW(ParseViewMetadata(text, "v.json"), CorruptFileError) << text;
  }
  EXPECT_THROW(ParseViewMetadata(With(R"("format-version": 1)", R"("format-version": 2)"), "v"),
               UnsupportedError);
}

}  // namespace
}  // namespace floe::testing
