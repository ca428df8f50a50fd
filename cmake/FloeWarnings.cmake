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
