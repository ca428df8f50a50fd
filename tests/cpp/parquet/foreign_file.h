#pragma once

#include <arrow/io/memory.h>
#include <parquet/column_writer.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "parquet/data_files.h"
#include "support/memory_file_io.h"

namespace floe::testing {

/// A Parquet file of one row group whose schema and levels are made by hand, as no writer of
/// today would.
class ForeignFile {
 public:
  explicit ForeignFile(const parquet::schema::NodeVector& columns,
                       std::shared_ptr<parquet::WriterProperties> properties =
                           parquet::default_writer_properties())
      : stream_(arrow::io::BufferOutputStream::Create().ValueOrDie()),
        writer_(parquet::ParquetFileWriter::Open(
            stream_,
            std::static_pointer_cast<parquet::schema::GroupNode>(
                parquet::schema::GroupNode::Make("root", parquet::Repetition::REQUIRED,
                                                 columns)),
            std::move(properties))),
        group_(writer_->AppendRowGroup()) {}

  /// The next leaf column: its values that are not null, and levels where it has any.
  template <class PhysicalType>
  ForeignFile& Column(const std::vector<typename PhysicalType::c_type>& values,
                      const std::vector<int16_t>& def_levels = {},
                      const std::vector<int16_t>& rep_levels = {}) {
    auto* column = static_cast<parquet::TypedColumnWriter<PhysicalType>*>(group_->NextColumn());
    const auto count =
        static_cast<int64_t>(def_levels.empty() ? values.size() : def_levels.size());
    column->WriteBatch(count, def_levels.empty() ? nullptr : def_levels.data(),
                       rep_levels.empty() ? nullptr : rep_levels.data(), values.data());
    return *this;
  }

  /// Puts the file at kFilePath.
  void Put(MemoryFileIO& io) {
    writer_->Close();
    io.Put(kFilePath, stream_->Finish().ValueOrDie()->ToString());
  }

 private:
  std::shared_ptr<arrow::io::BufferOutputStream> stream_;
  std::unique_ptr<parquet::ParquetFileWriter> writer_;
  parquet::RowGroupWriter* group_;
};

/// A primitive column.
inline parquet::schema::NodePtr Leaf(
    int id, const std::string& name, parquet::Type::type type,
    std::shared_ptr<const parquet::LogicalType> logical = parquet::LogicalType::None(),
    parquet::Repetition::type repetition = parquet::Repetition::OPTIONAL, int length = -1) {
  return parquet::schema::PrimitiveNode::Make(name, repetition, std::move(logical), type,
                                              length, id);
}

/// The same with a legacy annotation, or none.
// NOLINTNEXTLINE(readability-function-size): the parameters of Parquet
inline parquet::schema::NodePtr LegacyLeaf(
    int id, const std::string& name, parquet::Type::type type,
    parquet::ConvertedType::type annotation = parquet::ConvertedType::NONE,
    parquet::Repetition::type repetition = parquet::Repetition::OPTIONAL, int length = -1,
    int precision = -1, int scale = -1) {
  return parquet::schema::PrimitiveNode::Make(name, repetition, type, annotation, length,
                                              precision, scale, id);
}

/// A group with a legacy annotation, or none.
inline parquet::schema::NodePtr Group(
    int id, const std::string& name, parquet::Repetition::type repetition,
    const parquet::schema::NodeVector& fields,
    parquet::ConvertedType::type annotation = parquet::ConvertedType::NONE) {
  return parquet::schema::GroupNode::Make(name, repetition, fields, annotation, id);
}

}  // namespace floe::testing
