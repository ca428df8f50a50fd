#include "scan/open_data_file.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "avro_data/avro_data_reader.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "orc/orc_data_reader.h"
#include "parquet/data_file_reader.h"
#include "parquet/parquet_data_reader.h"

namespace floe::inline v0 {

namespace {

std::unique_ptr<DataFileReader> Open(FileIO& io, const std::string& location, FileFormat format,
                                     const DataFileReadOptions& options) {
  switch (format) {
    case FileFormat::kParquet:
      return std::make_unique<ParquetDataReader>(io, location, options);
    case FileFormat::kOrc:
      return std::make_unique<OrcDataReader>(io, location, options);
    case FileFormat::kAvro:
      return std::make_unique<AvroDataReader>(io, location, options);
    case FileFormat::kPuffin:
      break;
  }
  throw UnsupportedError(fmt::format("data file {} is of format {}, which holds no rows",
                                     location, FileFormatName(format)),
                         {.path = location});
}

}  // namespace

std::unique_ptr<DataFileReader> OpenDataFile(FileIO& io, const std::string& location,
                                             FileFormat format,
                                             const DataFileReadOptions& options) {
  if (options.file_size && io.IsFar(location)) {
    try {
      return Open(io, location, format, options);
    } catch (const CorruptFileError&) {  // NOLINT(bugprone-empty-catch): its size may be wrong
    }
  }
  DataFileReadOptions unsized = options;
  unsized.file_size.reset();
  return Open(io, location, format, unsized);
}

}  // namespace floe::inline v0
