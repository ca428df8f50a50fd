// The client of REST catalogs in time: when tokens are renewed, how long it waits, whom it
// leaves alone. The clock is the test's, and moves when the client sleeps.

#include "catalog/rest/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_transport.h"
#include "floe/base/environment.h"
#include "floe/base/stop_token.h"
#include "floe/metadata/snapshot.h"
#include "http/http_client.h"
#include "support/fixed_environment.h"
#include "support/http_server.h"
#include "support/thrown.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kHourMs = 3'600'000;

class RestClientTest : public ::testing::Test {
 protected:
  /// Tokens come from /v1/oauth/tokens as numbers, and live for an hour; all else has the
  /// answer of `say_`.
  HttpServer::Answer Answer(const HttpServer::Request& request) {
    const std::lock_guard lock(mutex_);
    if (!request.head.starts_with("POST /v1/oauth/tokens")) {
      return say_(request);
    }
    const bool is_exchange = request.body.find("token-exchange") != std::string::npos;
    on_token_();
    grants_.emplace_back(is_exchange ? "exchange" : "credentials");
    if (is_exchange ? !exchanges_ : !gives_) {
      return {.status = 400, .body = R"({"error": "unsupported_grant_type"})"};
    }
    return {.body = R"({"expires_in": 3600, "access_token": "token-)" +
                    std::to_string(grants_.size()) + R"("})"};
  }

  void Open(Properties properties) {
    properties.emplace_back("uri", server_.uri());
    client_ =
        std::make_unique<RestClient>(ParseRestSettings("test", properties),
                                     Environment{clock_, std::make_shared<SeededRandom>(1)});
  }

  int Get() { return StatusOf(client_->Send({.url = server_.uri() + "/v1/x"}).result); }

  int Post() {
    return StatusOf(client_
                        ->Send({.method = HttpMethod::kPost,
                                .url = server_.uri() + "/v1/x",
                                .body = "{}",
                                .is_repeatable = false})
                        .result);
  }

  std::vector<std::string> Grants() {
    const std::lock_guard lock(mutex_);
    return grants_;
  }

  std::string LastHead() { return server_.requests().back().head; }

  const std::shared_ptr<FixedClock> clock_ = std::make_shared<FixedClock>();
  std::mutex mutex_;  // guards what follows, once the server runs
  std::function<HttpServer::Answer(const HttpServer::Request&)> say_ =
      [](const HttpServer::Request&) { return HttpServer::Answer{}; };
  std::function<void()> on_token_ = [] {};
  std::vector<std::string> grants_;
  std::atomic<bool> exchanges_ = true;
  std::atomic<bool> gives_ = true;
  std::atomic<bool> has_ended_ = false;
  HttpServer server_{[this](const HttpServer::Request& request) { return Answer(request); }};
  std::unique_ptr<RestClient> client_;
};

TEST_F(RestClientTest, RenewsATokenAheadOfItsEnd) {
  Open({{"credential", "ada:secret"}});
  Get();
  clock_->SleepMs(kHourMs - 60'001);
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-1"));
  clock_->SleepMs(1);
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-2"));
  EXPECT_THAT(Grants(), ElementsAre("credentials", "credentials"));
}

TEST_F(RestClientTest, ExchangesATokenAheadOfItsEnd) {
  Open({{"credential", "ada:secret"}, {"token-exchange-enabled", "true"}, {"scope", "a b"}});
  Get();
  clock_->SleepMs(kHourMs - 60'000);
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-2"));
  EXPECT_THAT(Grants(), ElementsAre("credentials", "exchange"));
  const HttpServer::Request exchange = server_.requests()[2];
  EXPECT_THAT(exchange.head, HasSubstr("Authorization: Bearer token-1"));
  EXPECT_EQ(exchange.body,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
            "&subject_token=token-1"
            "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
            "&scope=a%20b");
}

TEST_F(RestClientTest, ExchangesATokenThatHasEndedAsTheClientItIs) {
  Open({{"credential", "a da:se+cret"}, {"token-exchange-enabled", "true"}});
  Get();
  clock_->SleepMs(kHourMs);
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-2"));
  EXPECT_THAT(Grants(), ElementsAre("credentials", "exchange"));
  const HttpServer::Request exchange = server_.requests()[2];
  // "a%20da:se%2Bcret"
  EXPECT_THAT(exchange.head, HasSubstr("Authorization: Basic YSUyMGRhOnNlJTJCY3JldA==\r\n"));
  EXPECT_THAT(exchange.body, HasSubstr("subject_token=token-1&"));
  EXPECT_THAT(exchange.body, Not(HasSubstr("cret")));
}

TEST_F(RestClientTest, TakesTheSecretWhereATokenThatHasEndedIsNotExchanged) {
  Open({{"credential", "ada:secret"}, {"token-exchange-enabled", "true"}});
  exchanges_ = false;
  for (int i = 0; i < 3; ++i) {
    Get();
    clock_->SleepMs(kHourMs);
  }
  EXPECT_THAT(Grants(), ElementsAre("credentials", "exchange", "credentials", "credentials"));
  exchanges_ = true;  // one that is still good is another matter
  clock_->SleepMs(-30'000);
  Get();
  EXPECT_THAT(Grants(),
              ElementsAre("credentials", "exchange", "credentials", "credentials", "exchange"));
  // Without the client's id there is nobody to be.
  Open({{"credential", "secret"}, {"token-exchange-enabled", "true"}});
  Get();
  clock_->SleepMs(kHourMs);
  Get();
  EXPECT_EQ(Grants().back(), "credentials");
}

TEST_F(RestClientTest, TakesNoLongerThanTheWholeMay) {
  say_ = [](const HttpServer::Request&) -> HttpServer::Answer {
    return {.status = 429, .headers = "Retry-After: 7\r\n"};
  };
  const int64_t start_ms = clock_->NowMs();
  Open({{"rest.client.max-retries", "9"},
        {"rest.client.retry.min-wait-ms", "0"},
        {"rest.client.total-timeout-ms", "20000"}});
  EXPECT_EQ(Get(), 429);
  EXPECT_EQ(server_.requests().size(), 3U) << "at 0, 7 and 14 seconds";
  EXPECT_EQ(clock_->NowMs(), start_ms + 14'000);
  Get();
  EXPECT_EQ(server_.requests().size(), 6U) << "the next call has its own time";
}

TEST_F(RestClientTest, GettingATokenIsPartOfTheWhole) {
  const auto ask = [&] {
    client_->Ask({.settings = client_->settings(), .words = "look"},
                 {.url = server_.uri() + "/v1/x"});
  };
  on_token_ = [&] { clock_->SleepMs(20'000); };
  Open({{"credential", "ada:secret"}, {"rest.client.total-timeout-ms", "20000"}});
  const Thrown thrown = WhatThrows(ask);
  EXPECT_EQ(thrown.class_name, "CatalogConnectionError");
  EXPECT_THAT(thrown.message, HasSubstr("its time was over before it could be sent; see "));
  EXPECT_THAT(thrown.message, HasSubstr("rest.client.total-timeout-ms"));
  EXPECT_EQ(server_.requests().size(), 1U) << "the token's";
  ask();
  EXPECT_THAT(Grants(), ElementsAre("credentials"));
}

TEST_F(RestClientTest, TakesTheSecretWhereExchangeFails) {
  exchanges_ = false;
  Open({{"credential", "ada:secret"}, {"token-exchange-enabled", "true"}});
  for (int i = 0; i < 3; ++i) {
    Get();
    clock_->SleepMs(kHourMs - 30'000);
  }
  EXPECT_THAT(Grants(), ElementsAre("credentials", "exchange", "credentials", "credentials"));
}

TEST_F(RestClientTest, KeepsATokenThatIsStillGoodWhereNoneIsGiven) {
  Open({{"credential", "ada:secret"}});
  Get();
  gives_ = false;
  clock_->SleepMs(kHourMs - 30'000);
  Get();
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-1"));
  EXPECT_THAT(Grants(), ElementsAre("credentials", "credentials"));
  clock_->SleepMs(5'000);
  gives_ = true;
  Get();
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-3"));
  gives_ = false;
  clock_->SleepMs(kHourMs);
  EXPECT_EQ(WhatThrows([&] { Get(); }).class_name, "CatalogAuthenticationError");
}

TEST_F(RestClientTest, AsksForOneTokenWhateverTheThreads) {
  Open({{"credential", "ada:secret"}});
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(Get(), 200); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(Grants(), ElementsAre("credentials"));
}

TEST_F(RestClientTest, ExchangesATokenWithoutASecretIfItSaysItsEnd) {
  // {"exp": 1700003600}
  const std::string token = "e30.eyJleHAiOiAxNzAwMDAzNjAwfQ.c2ln";
  Open({{"token", token}});
  Get();
  EXPECT_THAT(Grants(), IsEmpty());
  clock_->SleepMs(kHourMs - 30'000);
  Get();
  EXPECT_THAT(Grants(), ElementsAre("exchange"));
  EXPECT_THAT(LastHead(), HasSubstr("Bearer token-1"));
  Open({{"token", token}, {"token-exchange-enabled", "false"}});
  Get();
  EXPECT_THAT(Grants(), ElementsAre("exchange"));
}

TEST_F(RestClientTest, WaitsAsLongAsTheServerSays) {
  const int64_t start_ms = clock_->NowMs();
  std::atomic<size_t> calls = 0;
  // The clock is at 2023-11-14T22:13:20Z.
  const std::vector<std::string> waits = {"7",    "Tue, 14 Nov 2023 22:13:38 GMT",
                                          "soon", "100000",
                                          "-5",   "Mon, 13 Nov 2023 00:00:00 GMT"};
  say_ = [&](const HttpServer::Request&) -> HttpServer::Answer {
    return {.status = 429, .headers = "Retry-After: " + waits[calls++ % waits.size()] + "\r\n"};
  };
  Open({{"rest.client.max-retries", "1"}, {"rest.client.retry.min-wait-ms", "0"}});
  std::vector<int64_t> waited_ms;
  for (size_t i = 0; i < waits.size() / 2; ++i) {
    const int64_t before_ms = clock_->NowMs();
    EXPECT_EQ(Get(), 429);
    waited_ms.push_back(clock_->NowMs() - before_ms);
  }
  // Between the two tries of a call only. A date is heeded as of now.
  EXPECT_THAT(waited_ms, ElementsAre(7'000, 0, 0));
  EXPECT_EQ(clock_->NowMs(), start_ms + 7'000);
  calls = 1;
  Get();
  EXPECT_EQ(clock_->NowMs(), start_ms + 18'000);
  calls = 3;
  Get();
  EXPECT_EQ(clock_->NowMs(), start_ms + 48'000) << "no longer than the longest wait";
}

TEST_F(RestClientTest, LeavesAServerAloneThatFails) {
  std::atomic<int> status = 503;
  say_ = [&](const HttpServer::Request&) -> HttpServer::Answer { return {.status = status}; };
  Open({{"rest.client.circuit-breaker.threshold", "2"}, {"rest.client.max-retries", "1"}});
  EXPECT_EQ(Get(), 503);
  EXPECT_EQ(Get(), 503);
  EXPECT_EQ(server_.requests().size(), 4U);
  const auto ask = [&] {
    client_->Ask({.settings = client_->settings(), .words = "look"},
                 {.url = server_.uri() + "/v1/x"});
  };
  const Thrown thrown = WhatThrows(ask);
  EXPECT_EQ(thrown.class_name, "CircuitOpenError");
  EXPECT_THAT(thrown.message, HasSubstr("can't look of catalog 'test'"));
  EXPECT_EQ(server_.requests().size(), 4U);
  clock_->SleepMs(30'000);
  EXPECT_EQ(Get(), 503) << "one try, without another";
  EXPECT_EQ(server_.requests().size(), 5U);
  EXPECT_EQ(WhatThrows(ask).class_name, "CircuitOpenError");
  clock_->SleepMs(30'000);
  status = 200;
  EXPECT_EQ(Get(), 200);
  EXPECT_EQ(Get(), 200);
}

TEST_F(RestClientTest, DoesNotTakeBusinessForFailure) {
  say_ = [](const HttpServer::Request& request) -> HttpServer::Answer {
    return {.status = request.head.starts_with("POST") ? 500 : 429};
  };
  Open({{"rest.client.circuit-breaker.threshold", "1"}, {"rest.client.max-retries", "0"}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get(), 429);
    EXPECT_EQ(Post(), 500);
  }
}

TEST_F(RestClientTest, IsEndedByAStop) {
  Open({{"credential", "ada:secret"}});
  const StopToken stop = StopToken::Make();
  const StopScope scope(stop);
  stop.RequestStop();
  EXPECT_EQ(WhatThrows([&] { Get(); }).class_name, "CancelledError");
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(RestClientTest, IsEndedByAStopWhileTheServerThinks) {
  const StopToken stop = StopToken::Make();
  say_ = [&](const HttpServer::Request&) -> HttpServer::Answer {
    stop.RequestStop();
    // Longer than the client may need to see it; it does not wait that long.
    while (!has_ended_) {
      std::this_thread::yield();
    }
    return {};
  };
  Open({});
  {
    const StopScope scope(stop);
    const RestOutcome outcome = client_->Send({.url = server_.uri() + "/v1/x"});
    has_ended_ = true;
    const auto* failure = std::get_if<HttpFailure>(&outcome.result);
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->kind, HttpFailure::Kind::kCancelled);
    EXPECT_TRUE(failure->may_have_arrived);
  }
}

TEST_F(RestClientTest, SaysNoTokenThatTheServerRepeats) {
  say_ = [](const HttpServer::Request&) -> HttpServer::Answer {
    return {.status = 400,
            .body = R"({"error": {"message": "what is token-1?", "type": "X"}})"};
  };
  Open({{"credential", "ada:secret"}});
  const Thrown thrown = WhatThrows([&] {
    client_->Ask({.settings = client_->settings(), .words = "look"},
                 {.url = server_.uri() + "/v1/x"});
  });
  EXPECT_THAT(thrown.message, HasSubstr("what is ***?"));
  EXPECT_THAT(thrown.message, Not(HasSubstr("token-1")));
}

}  // namespace
}  // namespace floe::testing
