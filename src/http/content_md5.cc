#include "http/content_md5.h"

#include <nettle/md5.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/base64.h"

namespace floe::inline v0 {

std::string ContentMd5(std::string_view body) {
  md5_ctx context{};
  md5_init(&context);
  md5_update(&context, body.size(), reinterpret_cast<const uint8_t*>(body.data()));
  std::array<uint8_t, MD5_DIGEST_SIZE> digest{};
  md5_digest(&context, digest.size(), digest.data());
  return ToBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace floe::inline v0
