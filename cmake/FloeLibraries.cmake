# floe_libraries: the small libraries that the engine stands on, from the distribution
# (docs/development/libraries.md lists them).
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
set(sqlite SQLite3::SQLite3)
if(NOT TARGET SQLite3::SQLite3) # CMake before 4.3
  set(sqlite SQLite::SQLite3)
endif()
# Headers only: the library is loaded apart (docs/decisions/014-http-by-libcurl-with-gnutls.md).
find_path(CURL_HEADERS curl/curl.h REQUIRED)
find_package(Threads REQUIRED)
find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_library(LIBDEFLATE_LIBRARY deflate REQUIRED)
find_path(LZ4_INCLUDE_DIR lz4frame.h REQUIRED)
find_library(LZ4_LIBRARY lz4 REQUIRED)
find_path(NETTLE_INCLUDE_DIR nettle/hmac.h REQUIRED)
find_library(NETTLE_LIBRARY nettle REQUIRED)
find_path(SNAPPY_INCLUDE_DIR snappy-c.h REQUIRED)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
find_library(ZSTD_LIBRARY zstd REQUIRED)

add_library(floe_libraries INTERFACE)
target_include_directories(
  floe_libraries
  SYSTEM INTERFACE
    "${CURL_HEADERS}" "${LIBDEFLATE_INCLUDE_DIR}" "${LZ4_INCLUDE_DIR}" "${NETTLE_INCLUDE_DIR}" "${SNAPPY_INCLUDE_DIR}" "${ZSTD_INCLUDE_DIR}"
)
target_link_libraries(
  floe_libraries
  INTERFACE fmt::fmt simdjson::simdjson ${sqlite} "${LIBDEFLATE_LIBRARY}" "${LZ4_LIBRARY}" "${NETTLE_LIBRARY}"
            "${SNAPPY_LIBRARY}" "${ZSTD_LIBRARY}" Threads::Threads ${CMAKE_DL_LIBS}
)
