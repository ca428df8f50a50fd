// Properties of storages, locations, and which S3 an object is looked for in.

#include "object_io/s3_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "floe/object_io/object_storage.h"
#include "object_io/s3_names.h"
#include "support/expected_error.h"
#include "support/temporary_folder.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

S3Settings Parse(const StorageProperties& properties) { return ParseS3Settings({&properties}); }

TEST(S3Settings, EveryPropertyIsRead) {
  const S3Settings settings = Parse({{"s3.endpoint", "http://localhost:9000/"},
                                     {"s3.region", "eu-west-1"},
                                     {"s3.access-key-id", "id"},
                                     {"s3.secret-access-key", "secret"},
                                     {"s3.session-token", "token"},
                                     {"s3.path-style-access", "false"},
                                     {"s3.connect-timeout", "2.5"},
                                     {"s3.request-timeout", "60"}});
  EXPECT_EQ(settings.endpoint, "http://localhost:9000");
  EXPECT_EQ(settings.region, "eu-west-1");
  EXPECT_EQ(settings.access_key_id, "id");
  EXPECT_EQ(settings.secret_access_key.Reveal(), "secret");
  EXPECT_EQ(settings.session_token.Reveal(), "token");
  EXPECT_EQ(settings.path_style, false);
  EXPECT_FALSE(settings.anonymous);
  EXPECT_EQ(settings.connect_timeout_seconds, 2.5);
  EXPECT_EQ(settings.request_timeout_seconds, 60);
  EXPECT_FALSE(Parse({}).path_style);
  EXPECT_EQ(Parse({{"s3.force-virtual-addressing", "True"}}).path_style, false);
  EXPECT_TRUE(Parse({{"s3.anonymous", "true"}}).anonymous);
}

TEST(S3Settings, WhatAllClientsHaveInCommonStandsBelow) {
  const S3Settings settings = Parse({{"client.region", "eu-west-1"},
                                     {"client.access-key-id", "id"},
                                     {"client.secret-access-key", "secret"},
                                     {"client.session-token", "token"},
                                     {"s3.region", "us-east-2"}});
  EXPECT_EQ(settings.region, "us-east-2");
  EXPECT_EQ(settings.access_key_id, "id");
  EXPECT_EQ(settings.session_token.Reveal(), "token");
}

TEST(S3Settings, AKeyComesWithItsOwnSecretAndToken) {
  const StorageProperties mine = {{"s3.region", "eu-west-1"},
                                  {"s3.access-key-id", "mine"},
                                  {"s3.secret-access-key", "my-secret"},
                                  {"s3.session-token", "my-token"}};
  const StorageProperties lent = {{"s3.access-key-id", "lent"},
                                  {"s3.secret-access-key", "lent-secret"}};
  const S3Settings settings = ParseS3Settings({&mine, &lent});
  EXPECT_EQ(settings.access_key_id, "lent");
  EXPECT_EQ(settings.secret_access_key.Reveal(), "lent-secret");
  EXPECT_TRUE(settings.session_token.empty());
  EXPECT_EQ(settings.region, "eu-west-1");
}

TEST(S3Settings, WrongValuesAreNamed) {
  const std::vector<std::pair<StorageProperties, std::string>> cases = {
      {{{"s3.endpoint", "localhost:9000"}}, "s3.endpoint is 'localhost:9000'"},
      {{{"s3.endpoint", "http://"}}, "s3.endpoint is 'http:"},
      {{{"s3.anonymous", "yes"}}, "s3.anonymous is 'yes'"},
      {{{"s3.proxy-uri", "proxy:8080"}}, "s3.proxy-uri is no address"},
      {{{"s3.retry.num-retries", "-1"}}, "s3.retry.num-retries is '-1'; expected a number"},
      {{{"client.assume-role.timeout-sec", "60"}}, "expected a number from 900 to 43200"},
      {{{"s3.role-session-name", "x"}}, "s3.role-session-name is there without s3.role-arn"},
      {{{"s3.anonymous", "true"}, {"s3.profile-name", "p"}},
       "s3.profile-name is there beside s3.anonymous"},
      {{{"s3.role-arn", "r"}, {"s3.access-key-id", "id"}, {"s3.secret-access-key", "x"}},
       "s3.role-arn is there beside s3.access-key-id"},
      {{{"s3.connect-timeout", "-1"}}, "s3.connect-timeout is '-1'"},
      {{{"s3.request-timeout", "nan"}}, "s3.request-timeout is 'nan'"},
      {{{"s3.request-timeout", "1s"}}, "s3.request-timeout is '1s'"},
      {{{"s3.access-key-id", "id"}}, "there without s3.secret-access-key"},
      {{{"s3.secret-access-key", "x"}}, "there without s3.access-key-id"},
  };
  for (const auto& [properties, message] : cases) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { Parse(properties); }),
                HasSubstr(message));
  }
  EXPECT_THAT(MessageOf("InvalidArgumentError",
                        [] { CheckStorageProperties({{"s3.acess-key-id", "x"}}); }),
              HasSubstr("unknown storage property s3.acess-key-id; known are"));
}

TEST(S3Settings, EveryNameIsHeeded) {
  // A name, or two that need each other, with values that are not what there is without them.
  const std::map<std::string, StorageProperties> samples = {
      {"access-key-id", {{"secret-access-key", "x"}}},
      {"secret-access-key", {{"access-key-id", "x"}}},
      {"session-token", {{"access-key-id", "x"}, {"secret-access-key", "x"}}},
  };
  const std::map<std::string, std::string> values = {
      {"client.assume-role.timeout-sec", "3600"},
      {"client.refresh-credentials-enabled", "false"},
      {"s3.anonymous", "true"},
      {"s3.connect-timeout", "3"},
      {"s3.endpoint", "https://host"},
      {"s3.force-virtual-addressing", "true"},
      {"s3.path-style-access", "true"},
      {"s3.proxy-uri", "http://host:1"},
      {"s3.request-timeout", "3"},
      {"s3.retry.max-wait-ms", "3"},
      {"s3.retry.min-wait-ms", "3"},
      {"s3.retry.num-retries", "3"},
  };
  for (const std::string_view known : S3PropertyNames()) {
    const std::string name(known);
    const size_t dot = name.find('.') + 1;
    StorageProperties without;
    if (const auto found = samples.find(name.substr(dot)); found != samples.end()) {
      for (const auto& [other, value] : found->second) {
        without.emplace_back(name.substr(0, dot) + other, value);
      }
    }
    if (name.find("session-name") != std::string::npos ||
        name.find("external-id") != std::string::npos) {
      without = {{"s3.role-arn", "r"}};
    }
    StorageProperties with = without;
    const auto value = values.find(name);
    with.emplace_back(name, value == values.end() ? "sample" : value->second);
    const bool is_key = name.ends_with("access-key-id") || name.ends_with("secret-access-key");
    EXPECT_NE(Parse(with), is_key ? Parse({}) : Parse(without)) << name;
    EXPECT_NO_THROW(CheckStorageProperties(with)) << name;
  }
}

TEST(S3Settings, AsWhomIsOfOneLayer) {
  const StorageProperties role = {{"s3.role-arn", "r"}, {"s3.role-session-name", "n"}};
  const StorageProperties lent = {{"s3.access-key-id", "lent"}, {"s3.secret-access-key", "x"}};
  const StorageProperties nobody = {{"s3.anonymous", "true"}};
  EXPECT_EQ(ParseS3Settings({&role, &lent}).role_arn, "");
  EXPECT_EQ(ParseS3Settings({&lent, &role}).access_key_id, "");
  EXPECT_EQ(ParseS3Settings({&nobody, &lent}).anonymous, false);
  const StorageProperties not_nobody = {{"s3.anonymous", "false"}};
  EXPECT_EQ(ParseS3Settings({&lent, &not_nobody}).access_key_id, "lent");
  const StorageProperties empty = {{"s3.access-key-id", ""}, {"s3.session-token", ""}};
  EXPECT_EQ(ParseS3Settings({&lent, &empty}).access_key_id, "lent");
}

TEST(S3Settings, WhatPeersHaveAndFloeHasNotIsRefusedByName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"s3.sse.type", "kms"},
      {"s3.remote-signing-enabled", "true"},
      {"s3.write.tags.a", "b"},
      {"client.factory", "org.example.Factory"},
  };
  for (const auto& [name, value] : cases) {
    EXPECT_THAT(MessageOf("UnsupportedError", [&] { CheckStorageProperties({{name, value}}); }),
                HasSubstr("storage property " + name + " is not there in floe: "));
  }
  CheckStorageProperties({{"s3.sse.type", "none"}, {"s3.write.storage-class", "standard"}});
}

TEST(S3Settings, WhatACatalogWantsOfObjectsAndCanNotHaveIsKnown) {
  EXPECT_EQ(Parse({{"s3.sse.type", "kms"}}).unsupported_for_writing, "s3.sse.type");
  EXPECT_EQ(
      Parse({{"s3.sse.type", "none"}, {"s3.crt.enabled", "true"}}).unsupported_for_writing, "");
}

TEST(S3Locations, HaveABucketAndAKey) {
  const auto [bucket, key] = ParseS3Location("s3a://b/a/c%20d e");
  EXPECT_EQ(bucket, "b");
  EXPECT_EQ(key, "a/c%20d e");
  EXPECT_TRUE(IsS3Location("s3n://b/k"));
  EXPECT_FALSE(IsS3Location("file:///b/k"));
  EXPECT_FALSE(IsS3Location("gs://b/k"));
  for (const char* bad : {"s3://", "s3://b", "s3://b/", "s3:///k"}) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { ParseS3Location(bad); }),
                HasSubstr("names no object"));
  }
}

TEST(ObjectStorage, LocalFilesAreLocalFiles) {
  const TemporaryFolder folder;
  const auto io = MakeObjectStorage()->FileIOFor({});
  const std::string location = "file://" + folder.File("a.txt");
  WriteFile(*io, location, "text");
  io->Sync(std::vector{location, std::string("s3://b/k")});
  EXPECT_EQ(ReadFile(*io, location), "text");
  EXPECT_TRUE(io->Exists(location));
  io->Delete(location);
  EXPECT_FALSE(io->Exists(location));
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { io->OpenInput("hdfs://b/k"); }),
              HasSubstr("reads and writes local files, and objects of S3"));
}

TEST(ObjectStorage, TheCredentialWithTheLongestPrefixIsTaken) {
  // What wants to sign by itself shows which one it is, without a request.
  const auto storage = MakeObjectStorage();
  const StorageProperties keys = {{"s3.access-key-id", "id"}, {"s3.secret-access-key", "s"}};
  const auto io =
      storage->FileIOFor({.lent = {.overrides = keys,
                                   .credentials = {{"s3://b/x", {}},
                                                   {"gs://b", {}},
                                                   {"s3://b/x/y",
                                                    {{"s3.endpoint", "http://127.0.0.1:1"},
                                                     {"s3.retry.num-retries", "0"}}}}}});
  EXPECT_THAT(MessageOf("IoError", [&] { io->OpenInput("s3a://b/x/y/k"); }),
              HasSubstr("S3 at http://127.0.0.1:1"));
  const auto signing =
      storage->FileIOFor({.defaults = {{"s3.remote-signing-enabled", "true"}}});
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { signing->OpenInput("s3://b/k"); }),
              HasSubstr("s3.remote-signing-enabled"));
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { io->OpenInput("s3://b/a//k"); }),
              HasSubstr("two in a row"));
  EXPECT_THAT(
      MessageOf("CatalogConnectionError",
                [&] { storage->FileIOFor({.defaults = {{"s3.endpoint", "localhost:9000"}}}); }),
      AllOf(HasSubstr("the catalog's server says"),
            HasSubstr("s3.endpoint is 'localhost:9000'")));
  const auto encrypting = storage->FileIOFor({.lent = {.overrides = {{"s3.sse.type", "kms"}}}});
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { encrypting->Create("s3://b/k"); }),
              HasSubstr("can't write s3://b/k: the catalog says s3.sse.type"));
  StopObjectStorage();
}

/// Lends what has ended, and counts how often.
class LenderOfOld final : public Lender {
 public:
  static LentProperties Old() {
    return {
        .credentials = {{"gs://b",
                         {{"gcs.oauth2.token", "old"}, {"gcs.oauth2.token-expires-at", "1"}}}},
        .expires_at_ms = 1};
  }
  LentProperties Lend() override {
    ++count;
    return Old();
  }
  int count = 0;
};

TEST(ObjectStorage, EachStoreHasANameToRenewNothing) {
  for (const std::string name :
       {"client.refresh-credentials-enabled", "gcs.oauth2.refresh-credentials-enabled",
        "adls.refresh-credentials-enabled"}) {
    for (const bool renews : {true, false}) {
      const auto lender = std::make_shared<LenderOfOld>();
      const auto io =
          MakeObjectStorage({.local = {}, .properties = {{name, renews ? "true" : "false"}}})
              ->FileIOFor({.lent = LenderOfOld::Old(), .lender = lender});
      MessageOf("StorageAccessError", [&] { io->OpenInput("gs://b/k"); });
      EXPECT_EQ(lender->count > 0, renews) << name;
    }
  }
}

}  // namespace
}  // namespace floe::testing
