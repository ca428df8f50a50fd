#pragma once

#include <arrow/io/interfaces.h>

#include <memory>

#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// `file` as Arrow reads files. Thread-safe, as InputFile is.
std::shared_ptr<arrow::io::RandomAccessFile> MakeArrowInput(std::shared_ptr<InputFile> file);

/// `file` as Arrow writes files. Closing the stream does not close `file`, which must outlive
/// it.
std::shared_ptr<arrow::io::OutputStream> MakeArrowOutput(OutputFile& file);

}  // namespace floe::inline v0
