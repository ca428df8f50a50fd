// Answers of REST catalogs: configurations, tokens, lists, namespaces, tables, views, storage
// credentials, errors. The first byte says which kind it is.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "catalog/rest/idempotency.h"
#include "catalog/rest/rest_endpoints.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_paths.h"
#include "catalog/rest/rest_settings.h"
#include "catalog/rest/rest_wire.h"
#include "floe/base/secret.h"
#include "fuzz_target.h"
#include "http/http_client.h"

namespace floe::fuzz {
namespace {

/// What no message may have.
constexpr std::string_view kSecret = "marked-secret";

RestSettings& Settings() {
  static RestSettings settings = ParseRestSettings(
      "fuzz", {{"uri", "http://127.0.0.1:9"}, {"credential", "ada:" + std::string(kSecret)}});
  return settings;
}

RestOperation Operation(uint8_t subject) {
  RestOperation operation{.settings = Settings(), .words = "ask"};
  if (subject == 0) {
    operation.table = "db.t";
  } else if (subject == 1) {
    operation.namespace_name = "db";
  } else if (subject == 2) {
    operation.is_token_request = true;
  }
  return operation;
}

void ReadConfig(const std::string& text) {
  const ConfigResponse config = ParseConfigResponse(text, Operation(3));
  const RestSettings merged = MergeRestSettings(Settings(), config.defaults,
                                                {{"uri", Settings().uri}}, config.overrides);
  Expect(merged.auth.token_uri == Settings().auth.token_uri,
         "a server decides where secrets go");
  Expect(RestPaths(merged).Table({{"a", "b"}, "c"}).starts_with(merged.uri + "/v1/"),
         "a path is not below its catalog");
  if (RestEndpoints(config.endpoints).Lists(RestEndpoint::kLoadTable)) {
    Expect(!config.endpoints.empty(), "an endpoint that nobody said");
  }
  if (const auto life_ms = ParseKeyLifetimeMs(config.idempotency_key_lifetime)) {
    Expect(*life_ms >= 0, "a life of keys that ends before it begins");
  }
}

/// Each error is one of the tree, and none shows a secret.
void ReadErrorOf(uint8_t kind, const std::string& text) {
  constexpr int kStatuses = 300;
  constexpr int kSubjects = 4;
  const HttpResponse response{.status = 300 + kind * 7 % kStatuses, .body = text};
  try {
    ThrowRestError(Operation(kind % kSubjects), response);
  } catch (const Error& error) {
    Expect(error.message().find(kSecret) == std::string::npos, "an error shows a secret");
    Expect(error.message().find('\n') == std::string::npos, "an error has lines");
    throw;
  }
}

void Read(uint8_t kind, const std::string& text) {
  constexpr uint8_t kKinds = 10;
  Settings().learned = std::make_shared<LearnedSecrets>();  // nothing of earlier inputs
  const RestOperation operation = Operation(3);
  switch (kind % kKinds) {
    case 0:
      ReadConfig(text);
      break;
    case 1:
      Expect(!ParseTokenResponse(text, operation).access_token.empty(), "a token without one");
      break;
    case 2:
      ParseNamespacesPage(text, operation);
      break;
    case 3:
      ParseTablesPage(text, operation);
      break;
    case 4:
      ParseNamespaceResponse(text, operation);
      break;
    case 5:
      ParsePropertiesUpdate(text, operation);
      break;
    case 6:
      ParseTableResponse(text, operation);
      break;
    case 8:
      ParseViewResponse(text, operation);
      break;
    case 9:
      ParseCredentialsResponse(text, operation);
      break;
    default:
      ReadErrorOf(kind, text);
  }
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string text(floe::fuzz::TextOf(data + 1, size - 1));
  return floe::fuzz::Survive([&] { floe::fuzz::Read(data[0], text); });
}
