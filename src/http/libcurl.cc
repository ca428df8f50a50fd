#include "http/libcurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <string>

#include "floe/base/error.h"

namespace floe::inline v0 {
namespace {

constexpr unsigned kMinVersion = 0x075500;  // 7.85 has CURLOPT_PROTOCOLS_STR
static_assert(LIBCURL_VERSION_NUM >= kMinVersion);

template <class Function>
void Find(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  Check(*function != nullptr, "libcurl lacks a function");
}

[[noreturn]] void FailWithoutLibcurl(const std::string& why) {
  throw UnsupportedError(
      fmt::format("REST catalogs need libcurl 7.85 or newer (libcurl3-gnutls on Debian, "
                  "libcurl3t64-gnutls on Ubuntu): {}",
                  why));
}

Libcurl Load() {
  // Never closed: its threads and sessions have no end that could be waited for.
  void* library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr) {
    FailWithoutLibcurl(dlerror());  // NOLINT(concurrency-mt-unsafe): of this thread in glibc
  }
  Libcurl curl{};
  Find(library, "curl_easy_init", &curl.easy_init);
  Find(library, "curl_easy_cleanup", &curl.easy_cleanup);
  Find(library, "curl_easy_reset", &curl.easy_reset);
  Find(library, "curl_easy_setopt", &curl.easy_setopt);
  Find(library, "curl_easy_getinfo", &curl.easy_getinfo);
  Find(library, "curl_easy_perform", &curl.easy_perform);
  Find(library, "curl_easy_strerror", &curl.easy_strerror);
  Find(library, "curl_slist_append", &curl.slist_append);
  Find(library, "curl_slist_free_all", &curl.slist_free_all);
  Find(library, "curl_getdate", &curl.getdate);
  Find(library, "curl_version_info", &curl.version_info);
  const curl_version_info_data& found = *curl.version_info(CURLVERSION_NOW);
  if (found.version_num < kMinVersion) {
    FailWithoutLibcurl(fmt::format("this machine has {}", found.version));
  }
  decltype(&curl_global_init) start = nullptr;
  Find(library, "curl_global_init", &start);
  Check(start(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl could not be started");
  return curl;
}

}  // namespace

const Libcurl& Curl() {
  static const Libcurl curl = Load();
  return curl;
}

}  // namespace floe::inline v0
