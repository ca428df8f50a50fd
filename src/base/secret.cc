#include "floe/base/secret.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace floe::inline v0 {

std::string Secret::RedactIn(std::string_view text) const {
  constexpr size_t kShortest = 4;
  std::string redacted;
  size_t from = 0;
  while (text_.size() >= kShortest) {
    const size_t at = text.find(text_, from);
    if (at == std::string_view::npos) {
      break;
    }
    redacted.append(text.substr(from, at - from)).append("***");
    from = at + text_.size();
  }
  return redacted.append(text.substr(from));
}

}  // namespace floe::inline v0
