// Arrow's texts, as they came from SeaweedFS, MinIO and AWS's SDK, and the errors that stand
// for them.

#include "object_io/s3_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "floe/base/secret.h"
#include "object_io/s3_settings.h"
#include "object_io/store_problem.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using Kind = StoreProblem::Kind;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string text;
  Kind kind;
  std::string code;
  int http_status = 0;
};

TEST(S3Errors, CodesDecide) {
  const std::vector<Case> cases = {
      {"When reading information for key 'k' in bucket 'b': AWS Error ACCESS_DENIED during "
       "HeadObject operation: No response body.",
       Kind::kDenied, "ACCESS_DENIED"},
      {"When reading information for key 'k' in bucket 'b': AWS Error INVALID_ACCESS_KEY_ID "
       "during PutObject operation: The access key ID you provided does not exist.",
       Kind::kUnknownKeyId, "INVALID_ACCESS_KEY_ID"},
      {"When uploading object with key 'k' in bucket 'b': AWS Error SIGNATURE_DOES_NOT_MATCH "
       "during PutObject operation: The request signature we calculated does not match.",
       Kind::kWrongSecret, "SIGNATURE_DOES_NOT_MATCH"},
      {"AWS Error UNKNOWN (HTTP status 400) during GetObject operation: Unable to parse "
       "ExceptionName: ExpiredToken Message: The provided token has expired.",
       Kind::kExpired, "ExpiredToken", 400},
      {"AWS Error UNKNOWN (HTTP status 403) during HeadObject operation: No response body.",
       Kind::kDenied, "UNKNOWN", 403},
      {"AWS Error UNKNOWN (HTTP status 301) during HeadObject operation: No response body.",
       Kind::kWrongRegion, "UNKNOWN", 301},
      {"AWS Error NO_SUCH_BUCKET during PutObject operation: The specified bucket does not "
       "exist",
       Kind::kNoSuchBucket, "NO_SUCH_BUCKET"},
      {"AWS Error NO_SUCH_KEY during GetObject operation: gone", Kind::kNoSuchObject,
       "NO_SUCH_KEY"},
      {"AWS Error NETWORK_CONNECTION during HeadObject operation: curlCode: 7, Couldn't "
       "connect to server",
       Kind::kUnreachable, "NETWORK_CONNECTION"},
      {"AWS Error SLOW_DOWN during PutObject operation: Please reduce your request rate",
       Kind::kBusy, "SLOW_DOWN"},
      {"AWS Error UNKNOWN (HTTP status 507) during PutObject operation: Unable to parse "
       "ExceptionName: XMinioStorageFull Message: Storage backend has reached its minimum.",
       Kind::kFull, "XMinioStorageFull", 507},
      {"AWS Error REQUEST_TIME_TOO_SKEWED during GetObject operation: skewed",
       Kind::kWrongClock, "REQUEST_TIME_TOO_SKEWED"},
      {"AWS Error INTERNAL_FAILURE during GetObject operation: oops", Kind::kOther,
       "INTERNAL_FAILURE"},
      {"something else", Kind::kOther, ""},
      {"", Kind::kOther, ""},
      {"AWS Error ", Kind::kOther, ""},
      {"AWS Error UNKNOWN (HTTP status 99999999999) during", Kind::kOther, "UNKNOWN"},
  };
  for (const Case& one : cases) {
    const StoreProblem problem = ReadS3Problem(one.text);
    EXPECT_EQ(problem.kind, one.kind) << one.text;
    EXPECT_EQ(problem.code, one.code) << one.text;
    EXPECT_EQ(problem.http_status, one.http_status) << one.text;
  }
}

S3Settings Settings() {
  S3Settings settings;
  settings.endpoint = "http://127.0.0.1:9000";
  settings.access_key_id = "someone";
  settings.secret_access_key = Secret("the-secret");
  settings.session_token = Secret("the-token");
  return settings;
}

TEST(S3Errors, ARefusalIsAStorageAccessError) {
  const Thrown error = WhatThrows([] {
    ThrowS3Error("read", "s3://b/k",
                 "AWS Error ACCESS_DENIED during GetObject operation: the-secret the-token",
                 Settings());
  });
  EXPECT_EQ(error.class_name, "StorageAccessError");
  EXPECT_THAT(error.message, AllOf(HasSubstr("can't read s3://b/k: the server refuses it"),
                                   HasSubstr("http://127.0.0.1:9000"),
                                   HasSubstr("s3.access-key-id"), HasSubstr("GetObject"),
                                   Not(HasSubstr("the-secret")), Not(HasSubstr("the-token"))));
  EXPECT_EQ(error.details.path, "s3://b/k");
}

TEST(S3Errors, WhatIsLentIsTheCatalogsToChange) {
  S3Settings settings = Settings();
  settings.is_lent = true;
  const auto message_of = [&](const std::string& code) {
    return WhatThrows([&] {
             ThrowS3Error("write", "s3://b/k", "AWS Error " + code + " during x", settings);
           })
        .message;
  };
  EXPECT_THAT(message_of("ACCESS_DENIED"),
              AllOf(HasSubstr("can't write s3://b/k: the server refuses it, as the credentials "
                              "that the catalog lends"),
                    Not(HasSubstr("s3.access-key-id"))));
  EXPECT_THAT(
      message_of("INVALID_ACCESS_KEY_ID"),
      HasSubstr("the credentials that the catalog has lent for the table have expired"));
  EXPECT_THAT(message_of("NO_SUCH_BUCKET"), HasSubstr("the bucket does not exist"));
}

TEST(S3Errors, OthersAreIoErrors) {
  const Thrown missing = WhatThrows([] {
    ThrowS3Error("write", "s3://b/k", "AWS Error NO_SUCH_BUCKET during PutObject operation: x",
                 Settings());
  });
  EXPECT_EQ(missing.class_name, "IoError");
  EXPECT_THAT(missing.message, HasSubstr("the bucket does not exist"));
  EXPECT_EQ(missing.details.errno_value, ENOENT);
  const Thrown full = WhatThrows([] {
    ThrowS3Error("write", "s3://b/k",
                 "AWS Error UNKNOWN (HTTP status 507) during PutObject operation: x",
                 Settings());
  });
  EXPECT_EQ(full.class_name, "IoError");
  EXPECT_THAT(full.message, HasSubstr("the quota or the disk is full"));
  EXPECT_EQ(full.details.errno_value, ENOSPC);
  EXPECT_EQ(full.details.http_status, 507);
}

}  // namespace
}  // namespace floe::testing
