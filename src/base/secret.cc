#include "floe/base/secret.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace floe::inline v0 {

std::string Secret::RedactIn(std::string_view text) const {
  constexpr size_t kShortest = 4;
  std::string redacted(text);
  if (text_.size() < kShortest) {
    return redacted;
  }
  constexpr std::string_view kStars = "***";
  for (size_t at = redacted.find(text_); at != std::string::npos;
       at = redacted.find(text_, at + kStars.size())) {
    redacted.replace(at, text_.size(), kStars);
  }
  return redacted;
}

}  // namespace floe::inline v0
