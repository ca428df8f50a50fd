#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"

namespace floe::inline v0 {

std::string ReadFile(FileIO& io, const std::string& location) {
  const std::unique_ptr<InputFile> file = io.OpenInput(location);
  // Room that parsers ask for beyond the end, so that they need not copy.
  constexpr size_t kPadding = 64;
  std::string content;
  content.reserve(static_cast<size_t>(file->size()) + kPadding);
  content.resize(static_cast<size_t>(file->size()));
  const size_t got =
      file->ReadAt(0, {reinterpret_cast<std::byte*>(content.data()), content.size()});
  if (got != content.size()) {
    throw IoError(fmt::format("read only {} of {} bytes of {}", got, content.size(), location),
                  {.path = location});
  }
  return content;
}

void WriteFile(FileIO& io, const std::string& location, std::string_view content) {
  const std::unique_ptr<OutputFile> file = io.Create(location);
  try {
    file->Write(AsBytes(content));
    file->Close();
  } catch (...) {
    file->Abort();
    throw;
  }
}

}  // namespace floe::inline v0
