#include "parquet/parquet_file_builder.h"

#include <arrow/io/interfaces.h>
#include <parquet/bloom_filter_writer.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/file_writer.h>
#include <parquet/index_location.h>
#include <parquet/metadata.h>
#include <parquet/page_index.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace floe::inline v0 {
namespace {

constexpr std::string_view kMagic = "PAR1";

}  // namespace

ParquetFileBuilder::ParquetFileBuilder(
    std::shared_ptr<arrow::io::OutputStream> sink,
    const std::shared_ptr<parquet::schema::GroupNode>& schema,
    std::shared_ptr<parquet::WriterProperties> properties)
    : sink_(std::move(sink)), properties_(std::move(properties)) {
  schema_.Init(schema);
  metadata_ = parquet::FileMetaDataBuilder::Make(&schema_, properties_);
  page_indexes_ = parquet::PageIndexBuilder::Make(&schema_);
  filters_ = parquet::BloomFilterBuilder::Make(&schema_, properties_.get());
  PARQUET_THROW_NOT_OK(sink_->Write(kMagic));
}

std::vector<ParquetFileBuilder::Chunk> ParquetFileBuilder::BeginRowGroup() {
  if (row_group_count_ == std::numeric_limits<int16_t>::max()) {
    throw parquet::ParquetException(
        "a Parquet file has at most 32,767 row groups; give them more rows by the table's "
        "properties write.parquet.row-group-limit and write.parquet.row-group-size-bytes");
  }
  row_group_ = metadata_->AppendRowGroup();
  page_indexes_->AppendRowGroup();
  filters_->AppendRowGroup();
  std::vector<Chunk> chunks;
  for (int i = 0; i < schema_.num_columns(); ++i) {
    const auto path = schema_.Column(i)->path();
    const auto codec_options = properties_->codec_options(path);
    parquet::ColumnChunkMetaDataBuilder* const metadata = row_group_->NextColumnChunk();
    chunks.push_back(
        {metadata,
         parquet::PageWriter::Open(
             sink_, properties_->compression(path), metadata, row_group_count_,
             static_cast<int16_t>(i), properties_->memory_pool(),
             /*buffered_row_group=*/true, nullptr, nullptr,
             properties_->page_checksum_enabled(), page_indexes_->GetColumnIndexBuilder(i),
             page_indexes_->GetOffsetIndexBuilder(i),
             codec_options ? *codec_options : parquet::CodecOptions()),
         filters_->CreateBloomFilter(i)});
  }
  return chunks;
}

void ParquetFileBuilder::EndRowGroup(int64_t rows, int64_t bytes) {
  row_group_->set_num_rows(rows);
  row_group_->Finish(bytes, row_group_count_);
  ++row_group_count_;
}

std::unique_ptr<parquet::FileMetaData> ParquetFileBuilder::Close() {
  metadata_->SetIndexLocations(parquet::IndexKind::kBloomFilter,
                               filters_->WriteTo(sink_.get()));
  page_indexes_->Finish();
  const auto indexes = page_indexes_->WriteTo(sink_.get());
  metadata_->SetIndexLocations(parquet::IndexKind::kColumnIndex,
                               indexes.column_index_locations);
  metadata_->SetIndexLocations(parquet::IndexKind::kOffsetIndex,
                               indexes.offset_index_locations);
  std::unique_ptr<parquet::FileMetaData> footer = metadata_->Finish();
  parquet::WriteFileMetaData(*footer, sink_.get());
  return footer;
}

}  // namespace floe::inline v0
