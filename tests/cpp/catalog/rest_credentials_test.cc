#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/error.h"
#include "floe/base/secret.h"
#include "floe/table/table_origin.h"

namespace floe::testing {
namespace {

const RestSettings kSettings{.catalog_name = "c", .uri = "http://host"};
const RestOperation kOperation{.settings = kSettings, .words = "get credentials of table db.t"};

// As a real Polaris vends them, but for the values.
constexpr const char* kCredentials = R"({"storage-credentials": [
  {"prefix": "s3://lake", "config": {"s3.access-key-id": "wide"}},
  {"prefix": "s3://lake/db/t/", "config": {"s3.access-key-id": "narrow",
   "s3.session-token-expires-at-ms": "1700000000000", "client.region": null}},
  {"prefix": "gs://b", "config": {"gcs.oauth2.token-expires-at": "soon"}},
  {"prefix": "abfss://c", "config": {"adls.sas-token-expires-at-ms.acc": "5"}}]})";

TEST(RestCredentials, TheLongestPrefixWins) {
  const auto credentials = ParseCredentialsResponse(kCredentials, kOperation);
  const auto key_for = [&](const char* location) -> std::string {
    const StorageCredential* found = FindCredential(credentials, location);
    return found == nullptr ? "none" : found->config.front().second.Reveal();
  };
  EXPECT_EQ(key_for("s3://lake/db/t/data/f.parquet"), "narrow");
  EXPECT_EQ(key_for("s3://lake/db/u/data/f.parquet"), "wide");
  EXPECT_EQ(key_for("s3://other/f"), "none");
}

TEST(RestCredentials, SayWhenTheyEnd) {
  const auto credentials = ParseCredentialsResponse(kCredentials, kOperation);
  EXPECT_EQ(credentials[0].ExpiresAtMs(), std::nullopt);
  EXPECT_EQ(credentials[1].ExpiresAtMs(), 1'700'000'000'000);
  EXPECT_EQ(credentials[2].ExpiresAtMs(), std::nullopt);
  const TableOrigin origin{.config = {{"s3.session-token-expires-at-ms", Secret("7")}},
                           .storage_credentials = credentials};
  EXPECT_EQ(origin.ExpiresAtMs(), 5);
}

TEST(RestCredentials, AnAnswerWithoutThemIsRefusedWithoutRepeatingSecrets) {
  EXPECT_THROW(ParseCredentialsResponse("{}", kOperation), CatalogConnectionError);
  for (const char* body :
       {R"({"storage-credentials": [{"prefix": "s3://b", "config": {"k": "S3CRET" 5}}]})",
        R"({"storage-credentials": [{"prefix": "s3://b", "config": "S3CRET"}]})",
        R"({"storage-credentials": "S3CRET")"}) {
    try {
      ParseCredentialsResponse(body, kOperation);
      ADD_FAILURE() << body;
    } catch (const CatalogConnectionError& error) {
      EXPECT_EQ(error.message().find("S3CRET"), std::string::npos) << error.message();
    }
  }
}

}  // namespace
}  // namespace floe::testing
