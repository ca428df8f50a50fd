#include "floe/table/table_origin.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace floe::inline v0 {
namespace {

// As Iceberg's implementations for S3, GCS and Azure name them; the last goes on with an
// account's name.
constexpr std::array kExpiries = std::to_array<std::string_view>({
    "s3.session-token-expires-at-ms",
    "gcs.oauth2.token-expires-at",
    "adls.sas-token-expires-at-ms.",
});

bool IsExpiry(std::string_view name) {
  return std::ranges::any_of(kExpiries, [&](std::string_view expiry) {
    return expiry.ends_with('.') ? name.starts_with(expiry) : name == expiry;
  });
}

std::optional<int64_t> Earlier(std::optional<int64_t> a, std::optional<int64_t> b) {
  if (a && b) {
    return std::min(*a, *b);
  }
  return a ? a : b;
}

std::optional<int64_t> FirstExpiry(const SecretProperties& config) {
  std::optional<int64_t> first;
  for (const auto& [name, value] : config) {
    const std::string& text = value.Reveal();
    int64_t at_ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), at_ms);
    if (IsExpiry(name) && error == std::errc() && end == text.data() + text.size()) {
      first = Earlier(first, at_ms);
    }
  }
  return first;
}

}  // namespace

std::optional<int64_t> StorageCredential::ExpiresAtMs() const { return FirstExpiry(config); }

std::optional<int64_t> TableOrigin::ExpiresAtMs() const {
  std::optional<int64_t> first = FirstExpiry(config);
  for (const StorageCredential& credential : storage_credentials) {
    first = Earlier(first, credential.ExpiresAtMs());
  }
  return first;
}

const StorageCredential* FindCredential(const std::vector<StorageCredential>& credentials,
                                        std::string_view location) {
  const StorageCredential* found = nullptr;
  for (const StorageCredential& credential : credentials) {
    if (location.starts_with(credential.prefix) &&
        (found == nullptr || credential.prefix.size() > found->prefix.size())) {
      found = &credential;
    }
  }
  return found;
}

}  // namespace floe::inline v0
