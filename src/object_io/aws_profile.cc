#include "object_io/aws_profile.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "floe/base/error.h"
#include "floe/base/secret.h"

namespace floe::inline v0 {
namespace {

using Section = std::map<std::string, std::string, std::less<>>;

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// `[profile a]` and `[a]` without brackets, blanks and the word.
std::string_view NameOf(std::string_view header) {
  constexpr std::string_view kWord = "profile ";
  std::string_view name = Trimmed(header.substr(1, header.find(']') - 1));
  return name.starts_with(kWord) ? Trimmed(name.substr(kWord.size())) : name;
}

std::optional<Section> FindSection(const std::string& text, std::string_view name) {
  std::optional<Section> found;
  bool is_in = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view trimmed = Trimmed(line);
    if (trimmed.starts_with('[')) {
      is_in = NameOf(trimmed) == name;
      if (is_in && !found) {
        found.emplace();
      }
      continue;
    }
    // What is indented belongs to the setting above it.
    const size_t equals = trimmed.find('=');
    if (is_in && equals != std::string_view::npos && !line.starts_with(' ') &&
        !trimmed.starts_with('#') && !trimmed.starts_with(';')) {
      found->insert_or_assign(std::string(Trimmed(trimmed.substr(0, equals))),
                              std::string(Trimmed(trimmed.substr(equals + 1))));
    }
  }
  return found;
}

std::string PathOf(const char* variable, std::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe) floe sets no variables
  if (const char* given = std::getenv(variable); given != nullptr && *given != '\0') {
    return given;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe) floe sets no variables
  const char* home = std::getenv("HOME");
  return fmt::format("{}/.aws/{}", home == nullptr ? "" : home, name);
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

AwsProfile ParseAwsProfile(const std::string& name, const std::string& credentials,
                           const std::string& configuration, const std::string& where) {
  std::optional<Section> found = FindSection(credentials, name);
  std::optional<Section> below = FindSection(configuration, name);
  if (!found && !below) {
    throw InvalidArgumentError(
        fmt::format("storage property s3.profile-name is '{}', of which there is nothing in {}",
                    name, where));
  }
  Section all = below.value_or(Section());
  for (const auto& [key, value] : found.value_or(Section())) {
    all.insert_or_assign(key, value);
  }
  const auto text = [&](std::string_view key) {
    const auto at = all.find(key);
    return at == all.end() ? std::string() : at->second;
  };
  AwsProfile profile{.access_key_id = text("aws_access_key_id"),
                     .secret_access_key = Secret(text("aws_secret_access_key")),
                     .session_token = Secret(text("aws_session_token")),
                     .region = text("region")};
  if (profile.access_key_id.empty() || profile.secret_access_key.empty()) {
    throw UnsupportedError(fmt::format(
        "profile '{}' in {} has no aws_access_key_id with an aws_secret_access_key, and floe "
        "does not follow a profile to roles, SSO or processes; with the variable AWS_PROFILE, "
        "and without s3.profile-name, AWS's SDK does",
        name, where));
  }
  return profile;
}

AwsProfile ReadAwsProfile(const std::string& name) {
  const std::string credentials = PathOf("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  const std::string configuration = PathOf("AWS_CONFIG_FILE", "config");
  return ParseAwsProfile(name, ContentOf(credentials), ContentOf(configuration),
                         credentials + " and " + configuration);
}

}  // namespace floe::inline v0
