# floe::parquet (Arrow and Parquet) and floe::s3 (Arrow's file system for S3), from the pyarrow wheel or from the system.
set(FLOE_ARROW_PROVIDER "pyarrow" CACHE STRING "pyarrow or system")
set_property(CACHE FLOE_ARROW_PROVIDER PROPERTY STRINGS pyarrow system)
add_library(floe_parquet_libraries INTERFACE)
add_library(floe_s3_libraries INTERFACE)
if(FLOE_ARROW_PROVIDER STREQUAL "pyarrow")
  find_package(PyArrowCpp 26.0 REQUIRED)
  target_link_libraries(floe_parquet_libraries INTERFACE PyArrowCpp::parquet PyArrowCpp::arrow)
  target_link_libraries(floe_s3_libraries INTERFACE PyArrowCpp::arrow_s3 PyArrowCpp::arrow)
elseif(FLOE_ARROW_PROVIDER STREQUAL "system")
  find_package(Arrow CONFIG REQUIRED)
  find_package(Parquet CONFIG REQUIRED)
  find_package(ArrowS3 CONFIG REQUIRED)
  target_link_libraries(
    floe_parquet_libraries
    INTERFACE Parquet::parquet_shared Arrow::arrow_shared
  )
  target_link_libraries(floe_s3_libraries INTERFACE ArrowS3::arrow_s3_shared Arrow::arrow_shared)
else()
  message(FATAL_ERROR "FLOE_ARROW_PROVIDER is pyarrow or system, not ${FLOE_ARROW_PROVIDER}")
endif()
add_library(floe::parquet ALIAS floe_parquet_libraries)
add_library(floe::s3 ALIAS floe_s3_libraries)
