#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "io/read_padding.h"

namespace floe::inline v0 {

std::string FileIO::ReadAll(const std::string& location, std::optional<int64_t> /*size_hint*/) {
  const std::unique_ptr<InputFile> file = OpenInput(location);
  std::string content;
  content.reserve(static_cast<size_t>(file->size()) + kReadPadding);
  content.resize(static_cast<size_t>(file->size()));
  const size_t got = file->ReadAt(0, std::as_writable_bytes(std::span(content)));
  if (got != content.size()) {
    throw IoError(fmt::format("read only {} of {} bytes of {}", got, content.size(), location),
                  {.path = location});
  }
  return content;
}

std::string ReadFile(FileIO& io, const std::string& location,
                     std::optional<int64_t> size_hint) {
  return io.ReadAll(location, size_hint);
}

namespace {

void WriteAndClose(std::unique_ptr<OutputFile> file, std::string_view content) {
  try {
    file->Write(AsBytes(content));
    file->Close();
  } catch (...) {
    file->Abort();
    throw;
  }
}

}  // namespace

void WriteFile(FileIO& io, const std::string& location, std::string_view content) {
  WriteAndClose(io.Create(location), content);
}

void WriteUniqueFile(FileIO& io, const std::string& location, std::string_view content) {
  WriteAndClose(io.CreateUnique(location), content);
}

}  // namespace floe::inline v0
