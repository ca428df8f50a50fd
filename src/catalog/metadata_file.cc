#include "catalog/metadata_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "base/text.h"
#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"

namespace floe::inline v0 {
namespace {

/// What the JSON parser can hold.
constexpr size_t kMaxMetadataBytes = (size_t{4} << 30U) - 1024;
/// Room that the parser asks for beyond a text.
constexpr size_t kPadding = 64;

}  // namespace

int MetadataVersion(const std::string& location) {
  const std::string_view name = std::string_view(location).substr(location.rfind('/') + 1);
  int version = 0;
  const auto [end, error] = std::from_chars(name.begin(), name.end(), version);
  return error == std::errc() && end != name.end() && *end == '-' ? version : -1;
}

std::string WriteTableMetadata(FileIO& io, const TableMetadata& metadata,
                               const std::string& folder, int version, Random& random) {
  const bool gzip =
      ToLower(TextProperty(metadata.properties, table_properties::kMetadataCodec)) == "gzip";
  std::string location = fmt::format("{}/{:05}-{}{}.metadata.json", folder, version,
                                     MakeUuid(random), gzip ? ".gz" : "");
  const std::string text = TableMetadataToJson(metadata);
  WriteUniqueFile(io, location, gzip ? Gzip(text) : text);
  return location;
}

TableMetadataPtr ReadTableMetadata(FileIO& io, const std::string& location) {
  std::string text;
  try {
    text = ReadFile(io, location);
  } catch (const IoError& error) {
    if (error.details().errno_value != ENOENT) {
      throw;
    }
    throw IoError(
        fmt::format("the catalog points to metadata file {}, which does not exist; restore it, "
                    "or drop the table and register its newest metadata file",
                    location),
        error.details());
  }
  // Names tell it, too, but not those of every engine.
  if (IsGzip(text)) {
    text = Gunzip(text, kMaxMetadataBytes, kPadding, location);
  }
  if (text.size() > kMaxMetadataBytes) {
    throw UnsupportedError(
        fmt::format("metadata file {} has {} bytes; this version of floe reads up to {}",
                    location, text.size(), kMaxMetadataBytes),
        {.path = location});
  }
  return ParseTableMetadata(std::move(text), location);
}

std::vector<std::string> FindOldMetadata(const TableMetadata& base,
                                         const TableMetadata& updated) {
  std::vector<std::string> old_files;
  if (BooleanProperty(updated.properties, table_properties::kMetadataDeleteAfterCommit)) {
    for (const MetadataLogEntry& old : base.metadata_log) {
      if (std::ranges::find(updated.metadata_log, old) == updated.metadata_log.end()) {
        old_files.push_back(old.metadata_file);
      }
    }
  }
  return old_files;
}

}  // namespace floe::inline v0
