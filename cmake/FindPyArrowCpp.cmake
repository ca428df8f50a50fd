# Arrow C++ out of the pyarrow wheel: headers, and libraries that carry their version in
# their names and need no symlinks.
#
# In:  Python_EXECUTABLE
# Out: PyArrowCpp_FOUND, PyArrowCpp_VERSION; targets PyArrowCpp::arrow, ::arrow_s3, ::parquet
execute_process(
  COMMAND
    "${Python_EXECUTABLE}" -c
    "import importlib.util as u; s = u.find_spec('pyarrow'); print(s.submodule_search_locations[0] if s else '')"
  OUTPUT_VARIABLE _home
  OUTPUT_STRIP_TRAILING_WHITESPACE
  ERROR_QUIET
)
# Never cached: with build isolation the folder is another one at each build.
set(_config "${_home}/include/arrow/util/config.h")
if(_home AND EXISTS "${_config}")
  file(STRINGS "${_config}" _lines REGEX "#define ARROW_(VERSION_STRING|SO_VERSION) ")
  string(REGEX MATCH "VERSION_STRING \"([0-9.]+)" _ "${_lines}")
  set(PyArrowCpp_VERSION "${CMAKE_MATCH_1}")
  string(REGEX MATCH "SO_VERSION \"([0-9]+)\"" _ "${_lines}")
  set(_so_version "${CMAKE_MATCH_1}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  PyArrowCpp
  REQUIRED_VARS _home _so_version
  VERSION_VAR PyArrowCpp_VERSION
  REASON_FAILURE_MESSAGE "pip install 'pyarrow==26.0.*' for ${Python_EXECUTABLE}"
)

function(_pyarrow_library name)
  add_library(PyArrowCpp::${name} SHARED IMPORTED)
  set_target_properties(
    PyArrowCpp::${name}
    PROPERTIES
      IMPORTED_LOCATION "${_home}/lib${name}.so.${_so_version}"
      IMPORTED_SONAME "lib${name}.so.${_so_version}"
      INTERFACE_INCLUDE_DIRECTORIES "${_home}/include"
      INTERFACE_LINK_OPTIONS "LINKER:-rpath-link,${_home}"
      INTERFACE_LINK_LIBRARIES "${ARGN}"
  )
endfunction()

if(PyArrowCpp_FOUND AND NOT TARGET PyArrowCpp::arrow)
  _pyarrow_library(arrow)
  _pyarrow_library(parquet PyArrowCpp::arrow)
  _pyarrow_library(arrow_s3 PyArrowCpp::arrow)
endif()
