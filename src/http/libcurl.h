#pragma once

#include <curl/curl.h>

namespace floe::inline v0 {

/// The functions of libcurl that floe calls.
///
/// The library is loaded when it is first used, apart from the extension: what it is linked to
/// (by way of libssh2, an OpenSSL) must not see the OpenSSL that libparquet exports, nor be
/// seen by Python's modules with floe's libraries in between.
struct Libcurl {
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_getdate) getdate;
  decltype(&curl_version_info) version_info;
};

/// Loads and starts libcurl on the first call. Throws UnsupportedError if it is not there, or
/// too old; later calls try again.
const Libcurl& Curl();

}  // namespace floe::inline v0
