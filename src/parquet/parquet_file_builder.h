#pragma once

#include <arrow/io/interfaces.h>
#include <parquet/bloom_filter.h>
#include <parquet/bloom_filter_writer.h>
#include <parquet/column_writer.h>
#include <parquet/metadata.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace floe::inline v0 {

/// Puts a Parquet file together of column chunks that are encoded elsewhere: row groups, page
/// indexes, Bloom filters and the footer. One thread at a time; throws Parquet's exceptions.
/// Destroyed before Close(), it writes nothing more.
class ParquetFileBuilder {
 public:
  ParquetFileBuilder(std::shared_ptr<arrow::io::OutputStream> sink,
                     const std::shared_ptr<parquet::schema::GroupNode>& schema,
                     std::shared_ptr<parquet::WriterProperties> properties);

  /// Where a column of a row group goes. Its pages are kept in memory until they are closed.
  struct Chunk {
    parquet::ColumnChunkMetaDataBuilder* metadata;
    std::unique_ptr<parquet::PageWriter> pages;
    parquet::BloomFilter* filter;  ///< null if it has none
  };
  /// Of all columns of a new row group, in order. Their pages must be closed in this order.
  std::vector<Chunk> BeginRowGroup();
  /// `bytes`: of all its pages, before compression.
  void EndRowGroup(int64_t rows, int64_t bytes);

  /// Writes what comes after the row groups; returns the footer.
  std::unique_ptr<parquet::FileMetaData> Close();

  const parquet::SchemaDescriptor& schema() const { return schema_; }
  const parquet::WriterProperties& properties() const { return *properties_; }

 private:
  const std::shared_ptr<arrow::io::OutputStream> sink_;
  const std::shared_ptr<parquet::WriterProperties> properties_;
  parquet::SchemaDescriptor schema_;
  std::unique_ptr<parquet::FileMetaDataBuilder> metadata_;
  std::unique_ptr<parquet::PageIndexBuilder> page_indexes_;
  std::unique_ptr<parquet::BloomFilterBuilder> filters_;
  parquet::RowGroupMetaDataBuilder* row_group_ = nullptr;
  int16_t row_group_count_ = 0;
};

}  // namespace floe::inline v0
