#pragma once

#include <memory>
#include <string>

#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "parquet/data_file_reader.h"

namespace floe::inline v0 {

/// Opens a data or delete file with the reader for its format, and plans. Throws IoError,
/// CorruptFileError naming the file, UnsupportedError for a format that can't be read.
std::unique_ptr<DataFileReader> OpenDataFile(FileIO& io, const std::string& location,
                                             FileFormat format,
                                             const DataFileReadOptions& options);

}  // namespace floe::inline v0
