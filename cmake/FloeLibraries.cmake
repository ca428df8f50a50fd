# floe_libraries: the small libraries that the engine stands on, from the distribution
# (docs/development/libraries.md lists them).
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_library(LIBDEFLATE_LIBRARY deflate REQUIRED)

add_library(floe_libraries INTERFACE)
target_include_directories(floe_libraries SYSTEM INTERFACE "${LIBDEFLATE_INCLUDE_DIR}")
target_link_libraries(
  floe_libraries
  INTERFACE fmt::fmt simdjson::simdjson SQLite::SQLite3 "${LIBDEFLATE_LIBRARY}" Threads::Threads
)
