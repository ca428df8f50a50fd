#include "http/aws_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "floe/base/secret.h"
#include "http/http_client.h"
#include "support/case_files.h"

namespace floe::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

const AwsSigner kSigner{.access_key_id = "AKIDEXAMPLE",
                        .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                        .region = "us-east-1",
                        .service = "service"};

struct Vector {
  std::string name;
  HttpRequest request;
  std::string authorization;
};

Vector ReadVector(const std::string& line) {
  Vector vector;
  JsonDocument document(line, "a vector", JsonOrigin::kArgument);
  document.Read([&](JsonValue& root) {
    root.ForEachMember([&](std::string_view name, JsonValue& value) {
      if (name == "name") {
        vector.name = value.AsString();
      } else if (name == "method") {
        vector.request.method =
            value.AsString() == "POST" ? HttpMethod::kPost : HttpMethod::kGet;
      } else if (name == "target") {
        vector.request.url = "https://example.amazonaws.com" + value.AsString();
      } else if (name == "body") {
        vector.request.body = value.AsString();
      } else if (name == "authorization") {
        vector.authorization = value.AsString();
      } else if (name == "headers") {
        value.ForEachElement([&](JsonValue& pair) {
          std::vector<std::string> texts;
          pair.ForEachElement([&](JsonValue& text) { texts.push_back(text.AsString()); });
          vector.request.headers.emplace_back(texts.at(0), texts.at(1));
        });
      }
    });
  });
  return vector;
}

TEST(AwsSignature, IsThatOfEachVector) {
  std::istringstream lines(ReadTestFile("vectors/aws/signatures.jsonl"));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Vector vector = ReadVector(line);
    EXPECT_EQ(MakeAwsAuthorization(kSigner, vector.request), vector.authorization)
        << vector.name;
  }
  EXPECT_EQ(count, 27);
}

TEST(AwsSignature, GoesWithWhatIsSent) {
  AwsSigner signer = kSigner;
  signer.session_token = Secret("session");
  HttpRequest request{.method = HttpMethod::kPost,
                      .url = "HTTPS://u:p@example.com:443/a%20b?x=1",
                      .headers = {{"authorization", "Bearer t"}},
                      .body = "{}"};
  SignAwsRequest(signer, 1'440'938'160'999, &request);
  EXPECT_THAT(request.headers, Contains(Pair("Original-Authorization", "Bearer t")));
  EXPECT_THAT(request.headers, Contains(Pair("Host", "example.com")));
  EXPECT_THAT(request.headers, Contains(Pair("X-Amz-Date", "20150830T123600Z")));
  EXPECT_THAT(request.headers, Contains(Pair("X-Amz-Security-Token", "session")));
  EXPECT_THAT(
      request.headers,
      Contains(Pair("X-Amz-Content-Sha256",
                    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")));
  EXPECT_EQ(request.headers.back().first, "Authorization");
  EXPECT_THAT(
      request.headers.back().second,
      StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                 "aws4_request, SignedHeaders=host;original-authorization;x-amz-content-sha256;"
                 "x-amz-date;x-amz-security-token, Signature="));
  HttpRequest other{.url = "http://example.com:8080"};
  SignAwsRequest(kSigner, 0, &other);
  EXPECT_THAT(other.headers, Contains(Pair("Host", "example.com:8080")));
}

}  // namespace
}  // namespace floe::testing
