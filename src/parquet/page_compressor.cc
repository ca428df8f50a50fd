#include "parquet/page_compressor.h"

#include <arrow/buffer.h>
#include <arrow/util/compression.h>
#include <parquet/column_writer.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "floe/base/error.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"

namespace floe::inline v0 {
namespace {

int ZstdLevel(const parquet::WriterProperties& properties,
              const parquet::ColumnDescriptor& column) {
  const auto options = properties.codec_options(column.path());
  if (options != nullptr &&
      options->compression_level != arrow::util::kUseDefaultCompressionLevel) {
    return options->compression_level;
  }
  return ValueOrThrow(arrow::util::Codec::DefaultCompressionLevel(arrow::Compression::ZSTD),
                      {});
}

}  // namespace

void PageCompressor::FreeZstd::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

PageCompressor::PageCompressor(const parquet::WriterProperties& properties,
                               const parquet::ColumnDescriptor& column,
                               parquet::PageWriter* pages)
    : pages_(*pages),
      compressed_(ValueOrThrow(arrow::AllocateResizableBuffer(0, BufferPool()), {})) {
  if (properties.compression(column.path()) == arrow::Compression::ZSTD) {
    zstd_.reset(ZSTD_createCCtx());
    if (zstd_ == nullptr) {
      throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, ZstdLevel(properties, column));
  }
}

std::shared_ptr<arrow::Buffer> PageCompressor::Compress(
    const std::shared_ptr<arrow::Buffer>& page) {
  if (!pages_.has_compressor()) {
    return page;
  }
  if (zstd_ == nullptr) {
    pages_.Compress(*page, compressed_.get());
    return compressed_;
  }
  const auto size = static_cast<size_t>(page->size());
  const auto bound = static_cast<int64_t>(ZSTD_compressBound(size));
  ThrowIfNotOk(compressed_->Resize(bound, /*shrink_to_fit=*/false), {});
  const size_t got =
      ZSTD_compress2(zstd_.get(), compressed_->mutable_data(),
                     static_cast<size_t>(compressed_->size()), page->data(), size);
  Check(ZSTD_isError(got) == 0, "zstd failed within its bound");
  ThrowIfNotOk(compressed_->Resize(static_cast<int64_t>(got), /*shrink_to_fit=*/false), {});
  return compressed_;
}

}  // namespace floe::inline v0
