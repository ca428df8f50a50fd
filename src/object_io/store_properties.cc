#include "object_io/store_properties.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "floe/base/error.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {
namespace {

using Use = StoreProperty::Use;

bool Matches(std::string_view name, std::string_view pattern) {
  return pattern.ends_with('.') ? name.starts_with(pattern) && name.size() > pattern.size()
                                : name == pattern;
}

bool AsksForNothing(const StoreProperty& property, std::string_view value) {
  return property.use == Use::kRead ||
         (!property.harmless.empty() && ToLower(value) == property.harmless);
}

/// The whole of a text as a number.
std::optional<int64_t> ToInteger(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

void ThrowWrongProperty(std::string_view name, std::string_view problem) {
  throw InvalidArgumentError(fmt::format("storage property {} is {}", name, problem));
}

void CheckStoreProperties(const StorageProperties& properties, std::string_view prefix,
                          std::span<const StoreProperty> known) {
  for (const auto& [name, value] : properties) {
    if (!name.starts_with(prefix)) {
      continue;
    }
    const auto found = std::ranges::find_if(
        known, [&](const StoreProperty& property) { return Matches(name, property.name); });
    if (found == known.end()) {
      std::vector<std::string_view> read;
      for (const StoreProperty& property : known) {
        if (property.use == Use::kRead) {
          read.push_back(property.name);
        }
      }
      throw InvalidArgumentError(fmt::format("unknown storage property {}; known are {}", name,
                                             fmt::join(read, ", ")));
    }
    if (!AsksForNothing(*found, value)) {
      throw UnsupportedError(fmt::format(
          "storage property {} is known to other engines, but this version of floe can't do "
          "what it says; leave it out{}{}",
          name, found->harmless.empty() ? "" : ", or say ", found->harmless));
    }
  }
}

LayeredProperties::LayeredProperties(const std::vector<const StorageProperties*>& layers,
                                     std::span<const std::string_view> credentials) {
  const auto is_credential = [&](const auto& property) {
    return std::ranges::any_of(credentials, [&](std::string_view pattern) {
      return Matches(property.first, pattern);
    });
  };
  const auto says_who = [&](const auto& property) {
    return is_credential(property) && !property.second.empty() &&
           ToLower(property.second) != "false";
  };
  for (const StorageProperties* layer : layers) {
    if (std::ranges::any_of(*layer, says_who)) {
      std::erase_if(all_, is_credential);
    }
    for (const auto& property : *layer) {
      if (!property.second.empty() || !is_credential(property)) {
        all_[property.first] = property.second;
      }
    }
  }
}

std::string LayeredProperties::Text(std::string_view name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? "" : found->second;
}

std::string LayeredProperties::TextOfFirst(std::span<const std::string_view> names) const {
  for (const std::string_view name : names) {
    if (std::string text = Text(name); !text.empty()) {
      return text;
    }
  }
  return "";
}

std::optional<bool> LayeredProperties::Boolean(std::string_view name) const {
  const std::string text = Text(name);
  const std::string word = ToLower(text);
  if (word.empty()) {
    return std::nullopt;
  }
  if (word != "true" && word != "false") {
    ThrowWrongProperty(name, fmt::format("'{}'; expected true or false", text));
  }
  return word == "true";
}

std::optional<double> LayeredProperties::Seconds(std::string_view name) const {
  constexpr double kLongest = 86'400;
  const std::string text = Text(name);
  if (text.empty()) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Written so that NaN is refused.
  const bool is_good = error == std::errc() && end == text.data() + text.size() && value > 0 &&
                       value <= kLongest;
  if (!is_good) {
    ThrowWrongProperty(name, fmt::format("'{}'; expected seconds, up to {}", text, kLongest));
  }
  return value;
}

int64_t LayeredProperties::Integer(std::string_view name, int64_t otherwise, int64_t least,
                                   int64_t most) const {
  const std::string text = Text(name);
  if (text.empty()) {
    return otherwise;
  }
  const std::optional<int64_t> value = ToInteger(text);
  if (!value || *value < least || *value > most) {
    ThrowWrongProperty(name,
                       fmt::format("'{}'; expected a number from {} to {}", text, least, most));
  }
  return *value;
}

std::optional<int64_t> LayeredProperties::Milliseconds(std::string_view name) const {
  const std::string text = Text(name);
  if (text.empty()) {
    return std::nullopt;
  }
  const std::optional<int64_t> value = ToInteger(text);
  if (!value || *value < 0) {
    ThrowWrongProperty(name, fmt::format("'{}'; expected milliseconds since 1970", text));
  }
  // Clocks count to 2262.
  constexpr int64_t kYear2200 = 7'258'118'400'000;
  return std::min(*value, kYear2200);
}

std::vector<std::pair<std::string, std::string>> LayeredProperties::WithPrefix(
    std::string_view prefix) const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : all_) {
    if (name.starts_with(prefix)) {
      found.emplace_back(name.substr(prefix.size()), value);
    }
  }
  return found;
}

std::string LayeredProperties::FirstRefused(std::span<const StoreProperty> known) const {
  for (const auto& [name, value] : all_) {
    const auto found = std::ranges::find_if(
        known, [&](const StoreProperty& property) { return Matches(name, property.name); });
    if (found != known.end() && found->use == Use::kRefused && !AsksForNothing(*found, value)) {
      return name;
    }
  }
  return "";
}

}  // namespace floe::inline v0
