// Keys and regions in AWS's files.

#include "object_io/aws_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "floe/base/error.h"

namespace floe::testing {
namespace {

constexpr const char* kCredentials = R"(# keys
[default]
aws_access_key_id = d
aws_secret_access_key = ds
[ work ]
aws_access_key_id=w
aws_secret_access_key = w = s
aws_session_token = t
)";
constexpr const char* kConfiguration = R"([profile work]
region = eu-west-1
aws_access_key_id = below
s3 =
  addressing_style = path
; none
[default]
region = us-east-2
[profile role]
role_arn = arn:aws:iam::1:role/r
source_profile = default
)";

AwsProfile Parse(const std::string& name) {
  return ParseAwsProfile(name, kCredentials, kConfiguration, "a and b");
}

TEST(AwsProfile, IsInTwoFiles) {
  const AwsProfile work = Parse("work");
  EXPECT_EQ(work.access_key_id, "w");
  EXPECT_EQ(work.secret_access_key.Reveal(), "w = s");
  EXPECT_EQ(work.session_token.Reveal(), "t");
  EXPECT_EQ(work.region, "eu-west-1");
  EXPECT_EQ(Parse("default").region, "us-east-2");
}

TEST(AwsProfile, ThatIsNotThereOrHasNoKeysIsRefused) {
  try {
    Parse("none");
    ADD_FAILURE();
  } catch (const InvalidArgumentError& error) {
    EXPECT_THAT(error.message(),
                ::testing::HasSubstr("'none', of which there is nothing in a"));
  }
  try {
    Parse("role");
    ADD_FAILURE();
  } catch (const UnsupportedError& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr("profile 'role' in a and b has no"));
  }
}

}  // namespace
}  // namespace floe::testing
