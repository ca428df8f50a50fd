#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"

namespace floe::inline v0 {

/// Types of blobs that the specification names. Others are carried as they are.
inline constexpr std::string_view kThetaSketchBlob = "apache-datasketches-theta-v1";
inline constexpr std::string_view kDeletionVectorBlob = "deletion-vector-v1";

/// Names and texts, in the order of the file.
using PuffinProperties = std::vector<std::pair<std::string, std::string>>;

/// A blob as the footer of a Puffin file describes it.
struct PuffinBlob {
  std::string type;
  std::vector<int32_t> fields;  ///< ids of the columns it was computed for
  int64_t snapshot_id = -1;
  int64_t sequence_number = -1;
  int64_t offset = 0;                            ///< in the file
  int64_t length = 0;                            ///< in the file: after compression
  std::optional<std::string> compression_codec;  ///< nothing: not compressed
  PuffinProperties properties;
  /// Members that floe does not know: name and raw JSON.
  std::vector<std::pair<std::string, std::string>> extras;

  /// nullptr if it has no such property.
  const std::string* FindProperty(std::string_view name) const;
};

/// The footer of a Puffin file.
struct PuffinFooter {
  std::vector<PuffinBlob> blobs;
  PuffinProperties properties;
  std::vector<std::pair<std::string, std::string>> extras;
};

/// Reads the footer, compressed or not. Every blob it returns lies within the file and
/// overlaps no other. Throws CorruptFileError naming file and place, IoError, UnsupportedError
/// for a flag or codec that the specification does not have.
PuffinFooter ReadPuffinFooter(InputFile& file);

/// Reads the content of a blob and decompresses it. Throws like ReadPuffinFooter().
std::string ReadPuffinBlob(InputFile& file, const PuffinBlob& blob);

/// Builds a Puffin file in memory. Not thread-safe.
class PuffinWriter {
 public:
  PuffinWriter();
  /// Adds a blob. Of `blob` all but offset and length are written; `content` is compressed
  /// with its codec, `zstd` or `lz4`. Returns the blob as the footer will have it. Throws
  /// InvalidArgumentError for another codec.
  PuffinBlob Add(PuffinBlob blob, std::string_view content);
  /// The file's bytes.
  std::string Finish(const PuffinProperties& properties, bool compress_footer = false) &&;

 private:
  std::string file_;
  PuffinFooter footer_;
};

}  // namespace floe::inline v0
