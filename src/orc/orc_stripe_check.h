#pragma once

#include <arrow/io/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "orc/orc_layout.h"

namespace floe::inline v0 {

/// Checks a file's stripes before Arrow's adapter decodes them, which trusts what they say of
/// sizes: lengths of strings, lists and maps make it ask for any amount of memory and end the
/// process, and scales of decimals keep it busy for hours.
///
/// Only streams of sizes, scales and nulls are decoded. Values are not: the adapter refuses
/// those that it can't decode. Thread-safe.
class OrcStripeCheck {
 public:
  /// `tail` is what ORCFileReader::GetSerializedFileTail() gives. Throws CorruptFileError.
  OrcStripeCheck(std::shared_ptr<arrow::io::RandomAccessFile> file, std::string_view tail,
                 std::string location);

  /// Throws CorruptFileError naming the file and the column's number in it if the stripe has
  /// not enough values for its rows, or one that no writer makes, in one of `columns`, which
  /// are places in the file's schema, in ascending order; IoError. Reads the stripe's footer
  /// and the streams above. Files in a codec that floe can't decompress, such as LZO, pass.
  void Check(size_t stripe, std::span<const int> columns) const;

 private:
  const OrcStripePlace& PlaceOf(size_t stripe, uint64_t file_size) const;

  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  const std::string location_;
  const OrcLayout layout_;
};

}  // namespace floe::inline v0
