# floe_warnings: what our own code is compiled with. Third-party headers are SYSTEM.
add_library(floe_warnings INTERFACE)
target_compile_options(
  floe_warnings
  INTERFACE
    -Wall
    -Wextra
    -Wconversion
    -Wshadow
    -Wnon-virtual-dtor
    # g++ 12 reports copies of std::string in optimised code that are not there.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    # Designated initialisers leave out members that have defaults.
    -Wno-missing-field-initializers
    $<$<BOOL:${FLOE_WERROR}>:-Werror>
)
if(FLOE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 with sanitizers takes a test for an empty std::optional for a read of its value.
  target_compile_options(floe_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
