#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace floe::inline v0 {

/// A text that must not be shown: a password, a token, a key. It has no way into a message but
/// Reveal(), which only those call that send it to where it belongs. A value.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// The text. Never to be put into a message, a log or a file.
  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

  /// `text` with every occurrence of the secret replaced by `***`: for what others sent, who
  /// may repeat what they were sent. Secrets of less than 4 bytes stay: they are in any text.
  std::string RedactIn(std::string_view text) const;

 private:
  std::string text_;
};

}  // namespace floe::inline v0
