// Azure without a server: properties, connection strings, locations and their accounts, and the
// texts of Arrow's that errors are made of.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/secret.h"
#include "floe/io/storage.h"
#include "floe/object_io/object_storage.h"
#include "object_io/azure_errors.h"
#include "object_io/azure_settings.h"
#include "object_io/store_problem.h"
#include "support/expected_error.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = StoreProblem::Kind;

AzureSettings Parse(const StorageProperties& properties) {
  return ParseAzureSettings({&properties});
}

AzureAccount AccountAt(const std::string& location, const StorageProperties& properties) {
  return AccountOf(ParseAzureLocation(location), Parse(properties), location);
}

TEST(AzureSettings, EveryPropertyIsRead) {
  const AzureSettings settings =
      Parse({{"adls.account-name", "floe"},
             {"adls.account-key", "a2V5"},
             {"adls.blob-storage-authority", "127.0.0.1:10000"},
             {"adls.dfs-storage-authority", "127.0.0.1:10001"},
             {"adls.blob-storage-scheme", "HTTP"},
             {"adls.dfs-storage-scheme", "https"},
             {"adls.sas-token.other", "?sig=x"},
             {"adls.sas-token.third.dfs.core.windows.net", "sig=y"}});
  EXPECT_EQ(settings.account_name, "floe");
  EXPECT_EQ(settings.credentials.account_key.Reveal(), "a2V5");
  EXPECT_EQ(settings.endpoints, (AzureEndpoints{.blob_authority = "127.0.0.1:10000",
                                                .dfs_authority = "127.0.0.1:10001",
                                                .blob_scheme = "http",
                                                .dfs_scheme = "https"}));
  ASSERT_EQ(settings.sas_tokens.size(), 2U);
  EXPECT_EQ(settings.sas_tokens[0], std::pair(std::string("other"), Secret("sig=x")));
  EXPECT_EQ(settings.sas_tokens[1], std::pair(std::string("third"), Secret("sig=y")));
}

TEST(AzureSettings, WhoAsksIsSaidInOneOfManyWays) {
  EXPECT_EQ(Parse({{"adls.sas-token", "?sig=x"}}).credentials.sas_token.Reveal(), "sig=x");
  EXPECT_TRUE(Parse({{"adls.anon", "true"}}).credentials.anonymous);
  const AzureSettings client = Parse(
      {{"adls.tenant-id", "t"}, {"adls.client-id", "c"}, {"adls.client-secret", "secret"}});
  EXPECT_EQ(client.credentials.tenant_id, "t");
  EXPECT_EQ(client.credentials.client_id, "c");
  EXPECT_EQ(client.credentials.client_secret.Reveal(), "secret");
  const AzureSettings java = Parse({{"adls.auth.shared-key.account.name", "floe"},
                                    {"adls.auth.shared-key.account.key", "a2V5"}});
  EXPECT_EQ(java.account_name, "floe");
  EXPECT_EQ(java.credentials.account_key.Reveal(), "a2V5");
}

TEST(AzureSettings, WhoAsksIsTakenFromOneLayer) {
  const StorageProperties mine = {{"adls.account-name", "floe"}, {"adls.account-key", "a2V5"}};
  const StorageProperties lent = {{"adls.sas-token.floe", "sig=x"}};
  const AzureSettings settings = ParseAzureSettings({&mine, &lent});
  EXPECT_TRUE(settings.credentials.account_key.empty());
  EXPECT_EQ(settings.account_name, "floe");
  EXPECT_EQ(settings.sas_tokens.size(), 1U);
}

TEST(AzureSettings, AConnectionStringHasAll) {
  const AzureSettings cloud =
      Parse({{"adls.connection-string",
              "DefaultEndpointsProtocol=https;AccountName=floe;AccountKey=a2V5;"
              "EndpointSuffix=core.chinacloudapi.cn"}});
  EXPECT_EQ(cloud.account_name, "floe");
  EXPECT_EQ(cloud.credentials.account_key.Reveal(), "a2V5");
  EXPECT_EQ(cloud.endpoints, (AzureEndpoints{.blob_authority = ".blob.core.chinacloudapi.cn",
                                             .dfs_authority = ".dfs.core.chinacloudapi.cn",
                                             .blob_scheme = "https",
                                             .dfs_scheme = "https"}));
  const AzureSettings local = Parse({{"adls.connection-string",
                                      "AccountName=floe;SharedAccessSignature=sv=1&sig=x%3D;"
                                      "BlobEndpoint=http://127.0.0.1:10000/floe;"
                                      "DfsEndpoint=https://floe.dfs.core.windows.net/"}});
  EXPECT_EQ(local.credentials.sas_token.Reveal(), "sv=1&sig=x%3D");
  EXPECT_EQ(local.endpoints, (AzureEndpoints{.blob_authority = "127.0.0.1:10000",
                                             .dfs_authority = ".dfs.core.windows.net",
                                             .blob_scheme = "http",
                                             .dfs_scheme = "https"}));
  for (const char* bad : {"hidden", "AccountKey=hidden", "AccountName=a;BlobEndpoint=hidden",
                          "AccountName=a;BlobEndpoint=https://hidden",
                          "AccountName=a;BlobEndpoint=ftp://a.hidden",
                          "AccountName=a;DefaultEndpointsProtocol=hidden"}) {
    EXPECT_THAT(
        MessageOf("InvalidArgumentError", [&] { Parse({{"adls.connection-string", bad}}); }),
        AllOf(HasSubstr("adls.connection-string"), Not(HasSubstr("hidden"))))
        << bad;
  }
}

TEST(AzureSettings, ALayerThatDoesNotSayWhoAsksLeavesIt) {
  const StorageProperties mine = {{"adls.account-key", "a2V5"}};
  const StorageProperties nothing = {{"adls.anon", "false"}, {"adls.sas-token", ""}};
  EXPECT_EQ(ParseAzureSettings({&mine, &nothing}).credentials.account_key.Reveal(), "a2V5");
}

TEST(AzureSettings, WrongValuesAreNamed) {
  const std::vector<std::pair<StorageProperties, std::string>> cases = {
      {{{"adls.account-key", "hidden?"}}, "adls.account-key is not the Base64"},
      {{{"adls.blob-storage-scheme", "ftp"}}, "adls.blob-storage-scheme is 'ftp'"},
      {{{"adls.blob-storage-authority", "http://x"}},
       "adls.blob-storage-authority is not a host"},
      {{{"adls.account-host", "floe/x"}}, "adls.account-host is not a host"},
      {{{"adls.anon", "yes"}}, "adls.anon is 'yes'"},
      {{{"adls.client-id", "c"}}, "adls.tenant-id, adls.client-id, adls.client-secret"},
      {{{"adls.tenant-id", "c"}}, "adls.tenant-id, adls.client-id, adls.client-secret"},
      {{{"adls.account-key", "a2V5"}, {"adls.sas-token", "hidden"}}, "give one of"},
  };
  for (const auto& [properties, message] : cases) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { Parse(properties); }),
                AllOf(HasSubstr(message), Not(HasSubstr("hidden"))));
  }
  EXPECT_THAT(
      MessageOf("InvalidArgumentError", [] { CheckAzureProperties({{"adls.account", "x"}}); }),
      HasSubstr("unknown storage property adls.account; known are"));
}

TEST(AzureSettings, WhatOthersCanDoIsRefusedByName) {
  for (const char* name :
       {"adls.connection-string.floe", "adls.credential", "adls.read.block-size-bytes",
        "adls.refresh-credentials-endpoint", "adls.token", "adls.token-credential-provider",
        "adls.token-credential-provider.x", "adls.write.block-size-bytes",
        "adls.sas-token-expires-at-ms.floe"}) {
    EXPECT_THAT(MessageOf("UnsupportedError", [&] { CheckAzureProperties({{name, "x"}}); }),
                HasSubstr(name));
  }
  EXPECT_EQ(Parse({{"adls.write.block-size-bytes", "1"}}).refused, "");
  const auto io = MakeObjectStorage()->FileIOFor({.defaults = {{"adls.token", "k"}}});
  EXPECT_THAT(MessageOf("UnsupportedError", [&] { io->OpenInput("abfss://c@a/k"); }),
              HasSubstr("the catalog sets adls.token"));
}

TEST(AzureLocations, HaveSeveralForms) {
  for (const char* location : {"abfss://lake@floe.dfs.core.windows.net/a/b c",
                               "abfs://lake@floe.dfs.core.windows.net/a/b c",
                               "wasbs://lake@floe.blob.core.windows.net/a/b c",
                               "wasb://lake@floe.blob.core.windows.net/a/b c",
                               "abfss://lake@floe/a/b c", "abfss://lake/a/b c"}) {
    const StorageProperties properties = {{"adls.account-name", "floe"}};
    EXPECT_TRUE(IsAzureLocation(location));
    const AzureLocation parsed = ParseAzureLocation(location);
    EXPECT_EQ(parsed.container, "lake");
    EXPECT_EQ(parsed.key, "a/b c");
    const AzureAccount account = AccountAt(location, properties);
    EXPECT_EQ(account.name, "floe");
    EXPECT_EQ(account.endpoints, (AzureEndpoints{.blob_authority = ".blob.core.windows.net",
                                                 .dfs_authority = ".dfs.core.windows.net",
                                                 .blob_scheme = "https",
                                                 .dfs_scheme = "https"}));
    EXPECT_EQ(AzurePrefix(location, Parse(properties)), "floe/lake/a/b c");
  }
  EXPECT_FALSE(IsAzureLocation("s3://b/k"));
  for (const char* bad :
       {"abfss://", "abfss://c", "abfss://c/", "abfss:///k", "abfss://@a/k", "abfss://c@/k",
        "abfss://floe.dfs.core.windows.net/k", "abfss://c@a@b/k", "abfss://c@a:80/k"}) {
    EXPECT_THAT(MessageOf("InvalidArgumentError", [&] { ParseAzureLocation(bad); }),
                HasSubstr("names no blob"))
        << bad;
  }
  EXPECT_THAT(MessageOf("InvalidArgumentError", [] { AccountAt("abfss://c/k", {}); }),
              HasSubstr("set adls.account-name"));
}

TEST(AzureLocations, AreWhereThePropertiesSay) {
  const AzureAccount china = AccountAt("abfss://c@floe.dfs.core.chinacloudapi.cn/k", {});
  EXPECT_EQ(china.endpoints.blob_authority, ".blob.core.chinacloudapi.cn");
  const AzureAccount local = AccountAt(
      "abfss://c@floe.dfs.core.windows.net/k",
      {{"adls.blob-storage-authority", "127.0.0.1:1"}, {"adls.blob-storage-scheme", "http"}});
  EXPECT_EQ(local.endpoints, (AzureEndpoints{.blob_authority = "127.0.0.1:1",
                                             .dfs_authority = "127.0.0.1:1",
                                             .blob_scheme = "http",
                                             .dfs_scheme = "http"}));
  const AzureAccount hosted = AccountAt(
      "abfss://c/k",
      {{"adls.account-name", "floe"}, {"adls.account-host", "floe.blob.example.com"}});
  EXPECT_EQ(hosted.endpoints.blob_authority, ".blob.example.com");
  EXPECT_EQ(hosted.endpoints.dfs_authority, ".dfs.example.com");
}

TEST(AzureLocations, CredentialsGoToTheirAccountAndToAzure) {
  const StorageProperties key = {{"adls.account-name", "floe"}, {"adls.account-key", "a2V5"}};
  EXPECT_EQ(AccountAt("abfss://c@floe/k", key).credentials.account_key.Reveal(), "a2V5");
  EXPECT_THAT(MessageOf("InvalidArgumentError",
                        [&] { AccountAt("abfss://c@other.dfs.core.windows.net/k", key); }),
              HasSubstr("set adls.sas-token.other"));
  for (const char* host : {"floe.dfs.evil.example", "floe.dfs.core.windows.net.evil.example",
                           "floe.evil.example", "floe.dfs."}) {
    EXPECT_THAT(MessageOf("InvalidArgumentError",
                          [&] { AccountAt("abfss://c@" + std::string(host) + "/k", key); }),
                HasSubstr("no host of Azure's"))
        << host;
  }
  const StorageProperties both = {{"adls.account-name", "floe"},
                                  {"adls.account-key", "a2V5"},
                                  {"adls.sas-token.other", "sig=x"}};
  const AzureAccount other = AccountAt("abfss://c@other/k", both);
  EXPECT_EQ(other.credentials.sas_token.Reveal(), "sig=x");
  EXPECT_TRUE(other.credentials.account_key.empty());
}

TEST(AzureErrors, CodesDecide) {
  const std::string begin = "GetProperties failed for 'http://h/floe/lake/none?sig=hidden'. ";
  const std::vector<std::pair<std::string, StoreProblem>> cases = {
      {begin + "Azure Error: [ContainerNotFound] 404 The specified container does not exist.",
       {Kind::kNoSuchBucket, "ContainerNotFound", 404}},
      {begin + "Azure Error: [BlobNotFound] 404 The specified blob does not exist.",
       {Kind::kNoSuchObject, "BlobNotFound", 404}},
      {begin + "Azure Error: [AuthorizationFailure] 403 Server failed to authenticate",
       {Kind::kUnauthenticated, "AuthorizationFailure", 403}},
      {begin + "Azure Error: [AuthenticationFailed] 403 Server failed to authenticate",
       {Kind::kUnauthenticated, "AuthenticationFailed", 403}},
      {begin + "Azure Error: [AuthorizationPermissionMismatch] 403 This request is not",
       {Kind::kDenied, "AuthorizationPermissionMismatch", 403}},
      {begin + "Azure Error: [ServerBusy] 503 busy", {Kind::kBusy, "ServerBusy", 503}},
      {begin + "Azure Error: [SomethingNew] 403 words", {Kind::kDenied, "SomethingNew", 403}},
      {begin + "Azure Error: [] 404 words", {Kind::kNoSuchObject, "", 404}},
      {begin +
           "Azure Error: [] Fail to get a new connection for: http://127.0.0.1:1. Could not "
           "connect to server",
       {Kind::kUnreachable, "", 0}},
      {"ClientSecretCredential authentication unavailable.", {Kind::kUnauthenticated, "", 0}},
      {"Path does not exist 'lake/none'", {Kind::kOther, "", 0}},
      {"", {Kind::kOther, "", 0}},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_EQ(ReadAzureProblem(text), problem) << text;
  }
}

TEST(AzureErrors, SayWhatToCheckAndNoSecrets) {
  const AzureAccount account =
      AccountAt("abfss://lake@floe/k", {{"adls.sas-token", "se=2099-01-01&sig=hidden%2B"}});
  for (const std::string text :
       {"failed for 'http://h/lake/k?sig=hidden%2B&x=1'. Azure Error: [X] 403 hidden",
        "failed at https://h/lake/k?se=2099-01-01&sig=hidden%2B and so on"}) {
    const Thrown error = WhatThrows([&] {
      ThrowAzureError({Kind::kDenied, "X", 403}, "read", "abfss://lake@floe/k", text, account);
    });
    EXPECT_EQ(error.class_name, "StorageAccessError");
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("can't read abfss://lake@floe/k"), HasSubstr("adls.sas-token"),
                      HasSubstr("account floe at https://floe.blob.core.windows.net"),
                      Not(HasSubstr("hidden%2B"))));
    EXPECT_EQ(error.details.http_status, 403);
  }
  const Thrown missing = WhatThrows([&] {
    ThrowAzureError({Kind::kNoSuchBucket, "ContainerNotFound", 404}, "write",
                    "abfss://lake@floe/k", "", account);
  });
  EXPECT_EQ(missing.class_name, "IoError");
  EXPECT_THAT(missing.message, HasSubstr("the container does not exist"));
  EXPECT_EQ(missing.details.errno_value, ENOENT);
}

TEST(AzureSignatures, SayWhenTheyEnd) {
  const std::vector<std::pair<std::string, std::optional<int64_t>>> cases = {
      {"sv=1&se=1970-01-02T00%3A00%3A01Z&sig=x", 86'401'000},
      {"se=1970-01-02T00:01Z", 86'460'000},
      {"se=1970-01-02", 86'400'000},
      {"se=soon", std::nullopt},
      {"se=1970-13-02", std::nullopt},
      {"sig=x", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [token, ends] : cases) {
    AzureAccount account;
    account.credentials.sas_token = Secret(token);
    EXPECT_EQ(account.EndsAtMs(), ends) << token;
  }
  const auto io =
      MakeObjectStorage(
          {.local = {}, .properties = {{"adls.sas-token", "se=2020-01-01&sig=hidden"}}})
          ->FileIOFor({});
  EXPECT_THAT(
      MessageOf("StorageAccessError", [&] { io->OpenInput("abfss://c@floe/k"); }),
      AllOf(HasSubstr("the shared access signature has ended"), Not(HasSubstr("hidden"))));
}

TEST(AzureFiles, TheCredentialWithTheLongestPrefixIsTaken) {
  // One that has ended shows which one it is, without a request.
  const auto ended = [](const std::string& port) {
    return StorageProperties{{"adls.sas-token.floe.dfs.core.windows.net", "se=2020-01-01"},
                             {"adls.blob-storage-authority", "127.0.0.1:" + port}};
  };
  const auto storage =
      MakeObjectStorage({.local = {}, .properties = {{"adls.account-name", "floe"}}});
  const auto io = storage->FileIOFor(
      {.lent = {.credentials = {{"abfss://c@floe.dfs.core.windows.net/x", ended("1")},
                                {"gs://floe/c/x/y/z", {}},
                                {"wasbs://c@floe.blob.core.windows.net/x/y", ended("2")},
                                {"abfss://d/", ended("3")}}}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"abfss://c@floe.dfs.core.windows.net/x/k", ":1,"},
      {"abfs://c/x/y/z/k", ":2,"},
      {"abfss://d@floe.dfs.core.windows.net/k", ":3,"}};
  for (const auto& [location, port] : cases) {
    EXPECT_THAT(MessageOf("StorageAccessError", [&] { io->OpenInput(location); }),
                HasSubstr("127.0.0.1" + port))
        << location;
  }
}

}  // namespace
}  // namespace floe::testing
