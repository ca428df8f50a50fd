// Google Cloud Storage without a server: properties, locations, and the texts of Arrow's that
// errors are made of.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"
#include "floe/object_io/object_storage.h"
#include "object_io/gcs_errors.h"
#include "object_io/gcs_settings.h"
#include "object_io/store_problem.h"
#include "support/expected_error.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = StoreProblem::Kind;

GcsSettings Parse(const StorageProperties& properties) {
  return ParseGcsSettings({&properties});
}

TEST(GcsSettings, EveryPropertyIsRead) {
  const GcsSettings settings = Parse({{"gcs.service.host", "http://localhost:4443/"},
                                      {"gcs.project-id", "project"},
                                      {"gcs.default-location", "EU"},
                                      {"gcs.oauth2.token", "token"},
                                      {"gcs.oauth2.token-expires-at", "1700000000000"},
                                      {"gcs.request-timeout", "2.5"}});
  EXPECT_EQ(settings.endpoint, "http://localhost:4443");
  EXPECT_EQ(settings.project_id, "project");
  EXPECT_EQ(settings.default_location, "EU");
  EXPECT_EQ(settings.token.Reveal(), "token");
  EXPECT_EQ(settings.token_expires_at_ms, 1'700'000'000'000);
  EXPECT_EQ(settings.request_timeout_seconds, 2.5);
  EXPECT_FALSE(settings.anonymous);
  EXPECT_EQ(settings.refused, "");
}

TEST(GcsSettings, SomeHaveSeveralNames) {
  EXPECT_EQ(Parse({{"gcs.endpoint", "https://gcs.example.com"}}).endpoint,
            "https://gcs.example.com");
  EXPECT_EQ(Parse({{"gcs.default-bucket-location", "US"}}).default_location, "US");
  EXPECT_TRUE(Parse({{"gcs.no-auth", "True"}}).anonymous);
}

TEST(GcsSettings, WhoAsksIsTakenFromOneLayer) {
  const StorageProperties mine = {{"gcs.oauth2.token", "mine"},
                                  {"gcs.oauth2.token-expires-at", "1"},
                                  {"gcs.project-id", "project"}};
  const StorageProperties lent = {{"gcs.oauth2.token", "lent"}};
  const GcsSettings settings = ParseGcsSettings({&mine, &lent});
  EXPECT_EQ(settings.token.Reveal(), "lent");
  EXPECT_EQ(settings.token_expires_at_ms, std::nullopt);
  EXPECT_EQ(settings.project_id, "project");
  const StorageProperties nobody = {{"gcs.no-auth", "true"}};
  EXPECT_TRUE(ParseGcsSettings({&mine, &nobody}).token.empty());
  EXPECT_EQ(ParseGcsSettings({&nobody, &lent}).token.Reveal(), "lent");
}

TEST(GcsSettings, ALayerThatDoesNotSayWhoAsksLeavesIt) {
  const StorageProperties mine = {{"gcs.oauth2.token", "mine"}};
  const StorageProperties nothing = {{"gcs.oauth2.token", ""}, {"gcs.no-auth", "False"}};
  EXPECT_EQ(ParseGcsSettings({&mine, &nothing}).token.Reveal(), "mine");
  const StorageProperties nobody = {{"gcs.no-auth", "true"}};
  EXPECT_FALSE(ParseGcsSettings({&nobody, &nothing}).anonymous);
}

TEST(GcsSettings, WrongValuesAreNamed) {
  const std::vector<std::pair<StorageProperties, std::string>> cases = {
      {{{"gcs.service.host", "localhost:4443"}}, "gcs.service.host is not the address"},
      {{{"gcs.service.host", "http://u:p@host"}}, "gcs.service.host is not the address"},
      {{{"gcs.service.host", "http://host/path"}}, "gcs.service.host is not the address"},
      {{{"gcs.no-auth", "yes"}}, "gcs.no-auth is 'yes'"},
      {{{"gcs.request-timeout", "0"}}, "gcs.request-timeout is '0'"},
      {{{"gcs.oauth2.token", "x"}, {"gcs.oauth2.token-expires-at", "soon"}},
       "gcs.oauth2.token-expires-at is 'soon'"},
      {{{"gcs.oauth2.token-expires-at", "1"}}, "there without gcs.oauth2.token"},
      {{{"gcs.oauth2.token", "hidden"}, {"gcs.no-auth", "true"}}, "beside gcs.oauth2.token"},
  };
  for (const auto& [properties, message] : cases) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { Parse(properties); }),
                AllOf(HasSubstr(message), Not(HasSubstr("hidden"))));
  }
  EXPECT_THAT(
      MessageOf("InvalidArgumentError", [] { CheckGcsProperties({{"gcs.oauth.token", "x"}}); }),
      HasSubstr("unknown storage property gcs.oauth.token; known are"));
}

TEST(GcsSettings, WhatOthersCanDoIsRefusedByName) {
  for (const char* name : {"gcs.access",
                           "gcs.cache-timeout",
                           "gcs.channel.read.chunk-size-bytes",
                           "gcs.channel.write.checksum-validation.enabled",
                           "gcs.channel.write.chunk-size-bytes",
                           "gcs.channel.write.pcu.part-file.name-prefix",
                           "gcs.channel.write.temporary-paths",
                           "gcs.channel.write.upload-type",
                           "gcs.client-lib-token",
                           "gcs.consistency",
                           "gcs.decryption-key",
                           "gcs.delete.batch-size",
                           "gcs.encryption-key",
                           "gcs.impersonate.service-account",
                           "gcs.kms-key-name",
                           "gcs.oauth2.refresh-credentials-endpoint",
                           "gcs.requester-pays",
                           "gcs.session-kwargs",
                           "gcs.user-project",
                           "gcs.version-aware",
                           "gcp.impersonate.service-account"}) {
    EXPECT_THAT(
        MessageOf("UnsupportedError", [&] { CheckGcsProperties({{name, "something"}}); }),
        HasSubstr(name));
  }
  EXPECT_NO_THROW(CheckGcsProperties({{"gcs.version-aware", "False"},
                                      {"gcs.requester-pays", "false"},
                                      {"gcs.access", "full_control"},
                                      {"gcs.consistency", "none"}}));
}

TEST(GcsSettings, ACatalogMaySetWhatIsOnlyTuning) {
  EXPECT_EQ(Parse({{"gcs.delete.batch-size", "10"}, {"gcs.other", "x"}}).refused, "");
  EXPECT_EQ(Parse({{"gcs.encryption-key", "x"}}).refused, "gcs.encryption-key");
  EXPECT_EQ(Parse({{"gcs.kms-key-name", "x"}}).refused, "gcs.kms-key-name");
  EXPECT_EQ(Parse({{"gcp.impersonate.service-account", "x"}}).refused,
            "gcp.impersonate.service-account");
  const auto io = MakeObjectStorage()->FileIOFor({.defaults = {{"gcs.encryption-key", "k"}}});
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { io->OpenInput("gs://b/k"); }),
              HasSubstr("the catalog sets gcs.encryption-key for gs://b/k"));
}

TEST(GcsLocations, HaveABucketAndAKey) {
  EXPECT_EQ(GcsPath("gs://b/a/c%20d e"), "b/a/c%20d e");
  EXPECT_TRUE(IsGcsLocation("gcs://b/k"));
  EXPECT_FALSE(IsGcsLocation("s3://b/k"));
  for (const char* bad : {"gs://", "gs://b", "gs://b/", "gs:///k"}) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { GcsPath(bad); }),
                HasSubstr("names no object"));
  }
  EXPECT_THAT(MessageOf("UnsupportedError", [] { GcsPath("gs://b/a//k"); }),
              HasSubstr("two in a row"));
}

std::string StatusText(const std::string& code, const std::string& function, int http_status) {
  return "google::cloud::Status(" + code + ": Permanent error, with a last message of words " +
         "error_info={reason=r, domain=global, metadata={gcloud-cpp.retry.function=" +
         function + ", gcloud-cpp.retry.reason=permanent-error, http_status_code=" +
         std::to_string(http_status) + "}})";
}

TEST(GcsErrors, CodesDecide) {
  const std::vector<std::pair<std::string, StoreProblem>> cases = {
      {StatusText("NOT_FOUND", "GetObjectMetadata", 404),
       {Kind::kNoSuchObject, "NOT_FOUND", 404}},
      {StatusText("NOT_FOUND", "CreateResumableUpload", 404),
       {Kind::kNoSuchBucket, "NOT_FOUND", 404}},
      {"google::cloud::Status(NOT_FOUND: The specified bucket does not exist.)",
       {Kind::kNoSuchBucket, "NOT_FOUND", 0}},
      {StatusText("UNAUTHENTICATED", "GetObjectMetadata", 401),
       {Kind::kUnauthenticated, "UNAUTHENTICATED", 401}},
      {StatusText("PERMISSION_DENIED", "InsertObject", 403),
       {Kind::kDenied, "PERMISSION_DENIED", 403}},
      {StatusText("UNAVAILABLE", "GetObjectMetadata", 429), {Kind::kBusy, "UNAVAILABLE", 429}},
      {StatusText("UNAVAILABLE", "GetObjectMetadata", 503), {Kind::kBusy, "UNAVAILABLE", 503}},
      {StatusText("INTERNAL", "GetObjectMetadata", 507), {Kind::kFull, "INTERNAL", 507}},
      {"google::cloud::Status(UNAVAILABLE: Retry policy exhausted, with a last message of "
       "PerformWork() - CURL error [7]=Could not connect to server error_info={})",
       {Kind::kUnreachable, "UNAVAILABLE", 0}},
      {"google::cloud::Status(UNAVAILABLE: PerformWork() - CURL error [6]=Could not resolve "
       "hostname [Could not resolve host: metadata.google.internal])",
       {Kind::kUnauthenticated, "UNAVAILABLE", 0}},
      {"something else", {Kind::kOther, "", 0}},
      {"", {Kind::kOther, "", 0}},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_EQ(ReadGcsProblem(text), problem) << text;
  }
}

TEST(GcsErrors, SayWhatToCheckAndNoSecrets) {
  GcsSettings settings;
  settings.endpoint = "http://localhost:4443";
  settings.token = Secret("the-token");
  const std::string text = "Bearer the-token is wrong";
  const Thrown refused = WhatThrows([&] {
    ThrowGcsError({Kind::kUnauthenticated, "UNAUTHENTICATED", 401}, "read", "gs://b/k", text,
                  settings);
  });
  EXPECT_EQ(refused.class_name, "StorageAccessError");
  EXPECT_THAT(refused.message,
              AllOf(HasSubstr("can't read gs://b/k"), HasSubstr("gcs.oauth2.token"),
                    HasSubstr("http://localhost:4443"), Not(HasSubstr("the-token"))));
  EXPECT_EQ(refused.details.http_status, 401);
  EXPECT_EQ(refused.details.path, "gs://b/k");
  const Thrown missing = WhatThrows([&] {
    ThrowGcsError({Kind::kNoSuchBucket, "NOT_FOUND", 404}, "write", "gs://b/k", text, {});
  });
  EXPECT_EQ(missing.class_name, "IoError");
  EXPECT_THAT(missing.message, HasSubstr("the bucket does not exist"));
  EXPECT_EQ(missing.details.errno_value, ENOENT);
}

TEST(GcsFiles, ATokenThatHasEndedIsNotSent) {
  const auto io =
      MakeObjectStorage({.local = {},
                         .properties = {{"gcs.oauth2.token", "the-token"},
                                        {"gcs.oauth2.token-expires-at", "1000"},
                                        {"gcs.service.host", "http://127.0.0.1:9"}}})
          ->FileIOFor({});
  EXPECT_THAT(MessageOf("StorageAccessError", [&] { io->OpenInput("gs://b/k"); }),
              AllOf(HasSubstr("the token has ended"), Not(HasSubstr("the-token"))));
}

TEST(GcsFiles, TheCredentialWithTheLongestPrefixIsTaken) {
  // One that has ended shows which one it is, without a request.
  const auto ended = [](const std::string& port) {
    return StorageProperties{{"gcs.oauth2.token", "t"},
                             {"gcs.oauth2.token-expires-at", "1000"},
                             {"gcs.service.host", "http://127.0.0.1:" + port}};
  };
  const auto io =
      MakeObjectStorage()->FileIOFor({.lent = {.credentials = {{"gs://b/x", ended("1")},
                                                               {"s3://b/x/y/z", {}},
                                                               {"gs://b/x/y", ended("2")},
                                                               {"gs://", ended("3")}}}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"gs://b/x/k", ":1 "}, {"gcs://b/x/y/z/k", ":2 "}, {"gs://c/k", ":3 "}};
  for (const auto& [location, port] : cases) {
    EXPECT_THAT(MessageOf("StorageAccessError", [&] { io->OpenInput(location); }),
                HasSubstr("127.0.0.1" + port))
        << location;
  }
}

}  // namespace
}  // namespace floe::testing
