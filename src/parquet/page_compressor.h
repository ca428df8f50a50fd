#pragma once

#include <arrow/type_fwd.h>
#include <parquet/column_writer.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>

struct ZSTD_CCtx_s;

namespace floe::inline v0 {

/// Compresses the pages of a column as a file's properties say. Zstandard's tables are made
/// once for all of them; other codecs are Arrow's. One thread at a time.
class PageCompressor {
 public:
  /// `pages` must outlive it. Throws std::bad_alloc.
  PageCompressor(const parquet::WriterProperties& properties,
                 const parquet::ColumnDescriptor& column, parquet::PageWriter* pages);

  /// The page to be stored; holds until the next call, and no longer than `page`.
  std::shared_ptr<arrow::Buffer> Compress(const std::shared_ptr<arrow::Buffer>& page);

 private:
  struct FreeZstd {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  parquet::PageWriter& pages_;
  std::unique_ptr<ZSTD_CCtx_s, FreeZstd> zstd_;  // null: another codec, or none
  std::shared_ptr<arrow::ResizableBuffer> compressed_;
};

}  // namespace floe::inline v0
