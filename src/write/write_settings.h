#pragma once

#include <cstdint>

#include "floe/metadata/snapshot.h"
#include "floe/schema/schema.h"
#include "parquet/data_file_writer.h"

namespace floe::inline v0 {

/// How data files of a table are written, from its properties.
struct WriteSettings {
  ParquetWriteOptions file;
  int64_t target_file_bytes;
  int64_t row_group_rows;
  int64_t row_group_bytes;

  /// Throws InvalidArgumentError or UnsupportedError, see CheckTableProperties().
  static WriteSettings Of(const Properties& properties, const Schema& schema);
};

}  // namespace floe::inline v0
