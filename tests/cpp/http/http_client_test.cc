#include "http/http_client.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "floe/base/secret.h"
#include "http/libcurl.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(PercentEncode, EncodesAllButUnreserved) {
  EXPECT_EQ(PercentEncode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(PercentEncode("a b+c/d%e;f"), "a%20b%2Bc%2Fd%25e%3Bf");
  EXPECT_EQ(PercentEncode("é\x1f"), "%C3%A9%1F");
  EXPECT_EQ(MakeQuery({{"a", "1&2"}, {"b c", ""}}), "a=1%262&b%20c=");
}

TEST(HttpDate, IsReadInEachForm) {
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(ParseHttpDateMs(text), 784'111'777'000) << text;
  }
  EXPECT_EQ(ParseHttpDateMs("soon"), std::nullopt);
  EXPECT_EQ(ParseHttpDateMs(""), std::nullopt);
}

// In a program, OpenSSL would clash with the one in libparquet.
TEST(HttpClient, HasTlsByGnuTls) {
  EXPECT_THAT(Curl().version_info(CURLVERSION_NOW)->ssl_version, HasSubstr("GnuTLS"));
}

std::string Refused(const std::function<void()>& call) {
  const Thrown thrown = WhatThrows(call);
  EXPECT_EQ(thrown.class_name, "InvalidArgumentError");
  return thrown.message;
}

TEST(HttpClient, RefusesWhatWouldSmuggleLinesIn) {
  HttpClient client({});
  const auto send = [&](const std::string& url, HttpHeaders headers) {
    return [&client, url, headers] { client.Send({.url = url, .headers = headers}); };
  };
  const std::string url = "http://127.0.0.1:9/x";
  EXPECT_THAT(Refused(send(url, {{"X-A", "b\r\nX-C: secret"}})),
              AllOf(HasSubstr("header 'X-A'"), Not(HasSubstr("secret"))));
  EXPECT_THAT(Refused(send(url, {{"X A", "b"}})), HasSubstr("X A"));
  EXPECT_THAT(Refused(send("http://h/\r\nx", {})), HasSubstr("address"));
  EXPECT_THAT(Refused(send("file:///etc/passwd", {})), HasSubstr("file:///etc/passwd"));
  EXPECT_THAT(Refused(send("ftp://u:secret@h/x?secret", {})), Not(HasSubstr("secret")));
}

TEST(HttpClient, SaysThatNobodyListens) {
  HttpClient client({});
  // Port 9 of this machine: nobody discards any more.
  const HttpResult result = client.Send({.url = "http://u:secret@127.0.0.1:9/x?y=secret"});
  const auto* failure = std::get_if<HttpFailure>(&result);
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->kind, HttpFailure::Kind::kUnreachable);
  EXPECT_FALSE(failure->may_have_arrived);
  EXPECT_THAT(failure->message, StartsWith("GET http://127.0.0.1:9/x: "));
  EXPECT_THAT(failure->message, Not(HasSubstr("secret")));
}

TEST(Secret, IsLeftOutOfTexts) {
  const Secret secret("hunter22");
  EXPECT_EQ(secret.RedactIn("a hunter22, and hunter22"), "a ***, and ***");
  EXPECT_EQ(secret.RedactIn("hunter22hunter22hunter2"), "******hunter2");
  EXPECT_EQ(Secret("a").RedactIn("a cat"), "a cat");
  EXPECT_EQ(Secret().RedactIn("a cat"), "a cat");
  static_assert(!std::is_convertible_v<Secret, std::string>);
}

}  // namespace
}  // namespace floe::testing
