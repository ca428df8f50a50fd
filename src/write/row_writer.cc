#include "floe/write/row_writer.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/manifest/data_file.h"
#include "floe/partition/spec.h"
#include "floe/table/table.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_writer.h"
#include "parquet/row_filter.h"
#include "write/input_converter.h"
#include "write/partition_router.h"
#include "write/write_settings.h"

namespace floe::inline v0 {
namespace {

/// Rows that are routed and buffered at once.
constexpr int64_t kMinRoutedRows = 1024;
constexpr int64_t kMaxRoutedRows = int64_t{1} << 19U;
/// Encoded bytes for each byte in memory, until it is known.
constexpr double kFirstEncodedRatio = 0.25;
/// Files that are open between two row groups of their partitions.
constexpr size_t kMaxOpenFiles = 64;

/// Bytes of the rows of `batch`, of what a slice sees only.
int64_t BytesOf(const arrow::RecordBatch& batch) {
  int64_t bytes = 0;
  for (const auto& column : batch.columns()) {
    if (!arrow::is_binary_view_like(*column->type())) {
      bytes += ValueOrThrow(arrow::util::ReferencedBufferSize(*column),
                            ArrowContext::Internal("measuring rows"));
      continue;
    }
    // Arrow counts all of the buffers that the views point into.
    const auto* views = column->data()->GetValues<arrow::BinaryViewType::c_type>(1);
    for (int64_t row = 0; row < column->length(); ++row) {
      bytes += views[row].is_inline() ? 16 : 16 + views[row].size();
    }
  }
  return bytes;
}

}  // namespace

/// Rows of one partition on their way into its files.
struct PartitionBuffer {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t rows = 0;
  int64_t bytes = 0;
  std::unique_ptr<ParquetDataWriter> file;

  void Add(std::shared_ptr<arrow::RecordBatch> batch) {
    rows += batch->num_rows();
    bytes += BytesOf(*batch);
    batches.push_back(std::move(batch));
  }

  /// Takes the first `count` rows, or all.
  std::vector<std::shared_ptr<arrow::RecordBatch>> Take(int64_t count) {
    if (count >= rows) {
      rows = 0;
      bytes = 0;
      return std::exchange(batches, {});
    }
    std::vector<std::shared_ptr<arrow::RecordBatch>> taken;
    size_t whole = 0;
    for (int64_t left = count; left > 0; ++whole) {
      taken.push_back(batches[whole]->Slice(0, left));
      left -= taken.back()->num_rows();
    }
    if (const int64_t used = taken.back()->num_rows(); used < batches[whole - 1]->num_rows()) {
      batches[whole - 1] = batches[whole - 1]->Slice(used);
      --whole;
    }
    batches.erase(batches.begin(), batches.begin() + static_cast<std::ptrdiff_t>(whole));
    rows -= count;
    bytes = 0;
    for (const auto& batch : batches) {
      bytes += BytesOf(*batch);
    }
    return taken;
  }
};

struct RowWriter::State {
  State(const Table& target, const std::shared_ptr<arrow::Schema>& input,
        RowWriterOptions wanted)
      : table(target),
        schema(target.metadata().schema()),
        spec(target.metadata().spec()),
        options(std::move(wanted)),
        settings(WriteSettings::Of(target.metadata().properties, *schema)),
        converter(input, schema, /*keeps_views=*/spec->is_unpartitioned()),
        router(*spec, schema),
        write_uuid(MakeUuid(*target.environment().random)),
        next_options(settings.file) {
    if (options.required_filter) {
      required = Bind(*options.required_filter, *schema, options.case_sensitive);
    }
  }

  int64_t RoutedRows(const arrow::RecordBatch& batch) const;
  void CheckRequired(const arrow::RecordBatch& batch);
  void Buffer(const std::shared_ptr<arrow::RecordBatch>& batch);
  bool IsFull(const PartitionBuffer& buffer) const;
  void EncodeFull();
  void EncodeAll();
  void Encode(std::vector<size_t> partitions);
  void EncodeOne(size_t partition, const ParallelOptions& parallel);
  void CloseFile(size_t partition);
  void Open(size_t partition);
  void DiscardFiles() noexcept;

  const Table table;
  const SchemaPtr schema;
  const PartitionSpecPtr spec;
  const RowWriterOptions options;
  const WriteSettings settings;
  const InputConverter converter;
  PartitionRouter router;
  const std::string write_uuid;
  BoundExpressionPtr required;

  std::vector<PartitionBuffer> buffers;  // by partition number
  int64_t buffered_bytes = 0;
  int64_t checked_rows = 0;  // against `required`, which all but the last batch met
  bool finishing = false;    // what is buffered is all that comes
  bool finished = false;

  std::mutex mutex;  // guards what follows, while partitions are encoded in parallel
  ParquetWriteOptions next_options;  // of the next file: it learns from those before it
  double encoded_ratio = kFirstEncodedRatio;
  int file_count = 0;
  std::vector<DataFile> files;
};

/// Rows to take at once: many, but few enough for row groups and files to end near their
/// limits.
int64_t RowWriter::State::RoutedRows(const arrow::RecordBatch& batch) const {
  if (batch.num_rows() == 0) {
    return kMaxRoutedRows;
  }
  const double encoded_row_bytes =
      std::max(1e-3, static_cast<double>(BytesOf(batch)) * encoded_ratio /
                         static_cast<double>(batch.num_rows()));
  const auto limit =
      static_cast<double>(std::min(settings.target_file_bytes, settings.row_group_bytes));
  const double quarter = std::min(limit / encoded_row_bytes / 4, 1e9);
  const int64_t most = std::min(kMaxRoutedRows, settings.row_group_rows);
  return std::clamp(static_cast<int64_t>(quarter), std::min(kMinRoutedRows, most), most);
}

/// Rows outside a partition that is being written are a mistake of the caller's.
void RowWriter::State::CheckRequired(const arrow::RecordBatch& batch) {
  if (!required) {
    return;
  }
  checked_rows += batch.num_rows();
  const RowMask mask =
      EvaluateRows(*required, batch.num_rows(), ColumnsOfBatch(*schema, batch));
  const int64_t outside = batch.num_rows() - CountRows(mask);
  if (outside > 0) {
    throw InvalidArgumentError(
        fmt::format("{} of the first {} rows are outside of what this write is for: {}; "
                    "nothing was written",
                    outside, checked_rows, options.required_filter->ToString()));
  }
}

void RowWriter::State::Buffer(const std::shared_ptr<arrow::RecordBatch>& batch) {
  if (spec->is_unpartitioned()) {
    router.Route(batch->Slice(0, std::min<int64_t>(1, batch->num_rows())), options.parallel);
    buffers.resize(std::max<size_t>(buffers.size(), 1));
    buffers[0].Add(batch);
    buffered_bytes += BytesOf(*batch);
    return;
  }
  for (PartitionRouter::Part& part : router.Route(batch, options.parallel)) {
    if (buffers.size() <= part.partition) {
      buffers.resize(part.partition + 1);
    }
    PartitionBuffer& buffer = buffers[part.partition];
    const int64_t before = buffer.bytes;
    buffer.Add(std::move(part.rows));
    buffered_bytes += buffer.bytes - before;
  }
}

/// Whether a buffer makes a row group, or as much as its file still takes.
bool RowWriter::State::IsFull(const PartitionBuffer& buffer) const {
  const auto encoded = static_cast<int64_t>(static_cast<double>(buffer.bytes) * encoded_ratio);
  const int64_t in_file = buffer.file == nullptr ? 0 : buffer.file->position();
  return buffer.rows >= settings.row_group_rows || encoded >= settings.row_group_bytes ||
         in_file + encoded >= settings.target_file_bytes;
}

void RowWriter::State::Open(size_t partition) {
  std::string folder = table.data_location();
  if (!spec->fields().empty()) {
    folder += "/" + spec->PathOf(router.ValuesOf(partition));
  }
  int number = 0;
  ParquetWriteOptions file_options;
  {
    const std::lock_guard lock(mutex);
    number = file_count++;
    file_options = next_options;
  }
  buffers[partition].file = std::make_unique<ParquetDataWriter>(
      *table.io(), fmt::format("{}/{:05}-{}.parquet", folder, number, write_uuid), *schema,
      std::move(file_options));
}

void RowWriter::State::CloseFile(size_t partition) {
  PartitionBuffer& buffer = buffers[partition];
  if (buffer.file == nullptr) {
    return;
  }
  DataFile file;
  file.file_path = buffer.file->location();
  ParquetDataWriter::Written written = buffer.file->Close();
  buffer.file = nullptr;
  file.spec_id = spec->spec_id();
  file.partition = router.ValuesOf(partition);
  file.record_count = written.row_count;
  file.file_size_in_bytes = written.size_bytes;
  file.metrics = std::move(written.metrics);
  file.split_offsets = std::move(written.split_offsets);
  file.sort_order_id = 0;
  const std::lock_guard lock(mutex);
  files.push_back(std::move(file));
  if (!written.poor_dictionaries.empty()) {
    parquet::WriterProperties::Builder properties(*next_options.properties);
    for (const std::string& path : written.poor_dictionaries) {
      properties.disable_dictionary(path);
    }
    next_options.properties = properties.build();
  }
}

void RowWriter::State::EncodeOne(size_t partition, const ParallelOptions& parallel) {
  PartitionBuffer& buffer = buffers[partition];
  parallel.stop.ThrowIfStopped();
  if (buffer.file == nullptr) {
    Open(partition);
  }
  const int64_t position = buffer.file->position();
  const int64_t bytes = buffer.bytes;
  buffer.file->WriteRowGroup(buffer.Take(settings.row_group_rows), parallel);
  const int64_t taken = bytes - buffer.bytes;
  {
    const std::lock_guard lock(mutex);
    if (taken > 0) {
      encoded_ratio =
          static_cast<double>(buffer.file->position() - position) / static_cast<double>(taken);
    }
    buffered_bytes -= taken;
  }
  const bool is_last = finishing && buffer.rows == 0;
  if (is_last || buffer.file->position() >= settings.target_file_bytes) {
    CloseFile(partition);
  }
}

/// Encodes a row group out of the buffer of each of `partitions`: side by side if there are
/// enough of them, else one after the other with their columns side by side.
void RowWriter::State::Encode(std::vector<size_t> partitions) {
  ThreadPool& pool =
      options.parallel.pool != nullptr ? *options.parallel.pool : ThreadPool::Shared();
  if (partitions.size() < static_cast<size_t>(pool.thread_count())) {
    for (const size_t partition : partitions) {
      EncodeOne(partition, options.parallel);
    }
  } else {
    // The largest first, so that the last to end is a small one.
    std::ranges::stable_sort(
        partitions, [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });
    ParallelOptions inner = options.parallel;
    inner.max_parallelism = 1;
    ParallelFor(
        partitions.size(), [&](size_t i) { EncodeOne(partitions[i], inner); },
        options.parallel);
  }
  std::vector<size_t> open;
  for (size_t p = 0; p < buffers.size(); ++p) {
    if (buffers[p].file != nullptr) {
      open.push_back(p);
    }
  }
  if (open.size() > kMaxOpenFiles) {
    std::ranges::sort(open, [&](size_t a, size_t b) {
      return buffers[a].file->position() > buffers[b].file->position();
    });
    for (size_t i = 0; i < open.size() - kMaxOpenFiles; ++i) {
      CloseFile(open[i]);
    }
  }
}

/// Encodes full buffers; then the largest ones, while all together are too large.
void RowWriter::State::EncodeFull() {
  std::vector<size_t> full;
  std::vector<size_t> rest;
  int64_t waiting = buffered_bytes;
  for (size_t p = 0; p < buffers.size(); ++p) {
    if (buffers[p].rows > 0 && IsFull(buffers[p])) {
      full.push_back(p);
      waiting -= buffers[p].bytes;
    } else if (buffers[p].rows > 0) {
      rest.push_back(p);
    }
  }
  std::ranges::sort(rest,
                    [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  for (size_t i = 0; i < rest.size() && waiting > options.memory_bytes; ++i) {
    full.push_back(rest[i]);
    waiting -= buffers[rest[i]].bytes;
  }
  if (!full.empty()) {
    Encode(std::move(full));
  }
}

void RowWriter::State::EncodeAll() {
  finishing = true;
  const auto waiting = [&] {
    std::vector<size_t> left;
    for (size_t p = 0; p < buffers.size(); ++p) {
      if (buffers[p].rows > 0) {
        left.push_back(p);
      }
    }
    return left;
  };
  for (std::vector<size_t> left = waiting(); !left.empty(); left = waiting()) {
    Encode(std::move(left));
  }
  for (size_t p = 0; p < buffers.size(); ++p) {
    CloseFile(p);
  }
}

void RowWriter::State::DiscardFiles() noexcept {
  buffers.clear();  // open files remove themselves
  for (const DataFile& file : files) {
    try {
      table.io()->Delete(file.file_path);
    } catch (...) {
      continue;  // an orphan, which changes nothing in the table
    }
  }
}

RowWriter::RowWriter(const Table& table, const std::shared_ptr<arrow::Schema>& input,
                     RowWriterOptions options)
    : state_(std::make_unique<State>(table, input, std::move(options))) {}

RowWriter::~RowWriter() {
  if (!state_->finished) {
    state_->DiscardFiles();
  }
}

void RowWriter::Write(const arrow::RecordBatch& batch) {
  const int64_t step = state_->RoutedRows(batch);
  for (int64_t at = 0; at < batch.num_rows(); at += step) {
    state_->options.parallel.stop.Poll();
    state_->options.parallel.stop.ThrowIfStopped();
    const auto rows = state_->converter.Convert(*batch.Slice(at, step));
    state_->CheckRequired(*rows);
    state_->Buffer(rows);
    state_->EncodeFull();
  }
}

std::vector<DataFile> RowWriter::Finish() {
  state_->EncodeAll();
  state_->finished = true;
  return std::move(state_->files);
}

}  // namespace floe::inline v0
