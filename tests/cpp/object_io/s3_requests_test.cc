#include "object_io/s3_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "http/http_client.h"
#include "object_io/s3_batch_delete.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

HttpResult Answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(S3ElementTexts, AreThoseOfTheNameInTheirOrder) {
  EXPECT_THAT(
      S3ElementTexts("<a><Key>one</Key><Keys>no</Keys><Key/><Key></Key><Key>two</Key>", "Key"),
      ElementsAre("one", "", "two"));
  EXPECT_THAT(S3ElementTexts("<Key", "Key"), IsEmpty());
  EXPECT_THAT(S3ElementTexts("", "Key"), IsEmpty());
  EXPECT_THAT(S3ElementTexts("<Key>cut o", "Key"), ElementsAre("cut o"));
  EXPECT_EQ(S3ElementText("<Key>one</Key><Key>two</Key>", "Key"), "one");
  EXPECT_EQ(S3ElementText("<Key>one</Key>", "Code"), "");
}

TEST(S3ElementTexts, HaveNoEntities) {
  const auto text = [](const std::string& escaped) {
    return S3ElementText("<Key>" + escaped + "</Key>", "Key");
  };
  EXPECT_EQ(text("a&amp;b&lt;c&gt;&quot;d&quot;&apos;"), "a&b<c>\"d\"'");
  EXPECT_EQ(text("&#39;&#x27;&#x2f;&#10;"), "''/\n");
  EXPECT_EQ(text("&amp;lt;"), "&lt;") << "once";
  EXPECT_EQ(text("a & b; c &"), "a & b; c &");
  EXPECT_EQ(text("&nbsp;&#233;&#x1F600;&#;&#x;&;"), "&nbsp;&#233;&#x1F600;&#;&#x;&;");
  EXPECT_EQ(text("é=1;"), "é=1;");
}

TEST(S3TextOf, HasTheWordsThatArrowUses) {
  EXPECT_EQ(S3TextOf(Answer(403,
                            "<Error><Code>AccessDenied</Code><Message>No &amp; no.</Message>"
                            "</Error>")),
            "AWS Error AccessDenied (HTTP status 403): No & no.");
  EXPECT_EQ(S3TextOf(Answer(502, "<html>Bad gateway</html>")),
            "AWS Error UNKNOWN (HTTP status 502): ");
  EXPECT_EQ(S3TextOf(HttpFailure{HttpFailure::Kind::kTimeout, false, "no answer"}),
            "AWS Error NETWORK_CONNECTION: no answer");
}

TEST(CanDeleteInBatch, IsSoForWhatXmlCanSay) {
  EXPECT_TRUE(CanDeleteInBatch("t/data/a&b <c> é %20.parquet"));
  EXPECT_FALSE(CanDeleteInBatch("t/a\nb"));
  EXPECT_FALSE(CanDeleteInBatch(std::string("t/a\0b", 5)));
}

}  // namespace
}  // namespace floe::testing
