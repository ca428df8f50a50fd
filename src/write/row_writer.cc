#include "floe/write/row_writer.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/properties.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/base/parallel.h"
#include "floe/expr/bound.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"
#include "io/parallel_requests.h"
#include "parquet/arrow_status.h"
#include "parquet/data_file_writer.h"
#include "parquet/poor_dictionaries.h"
#include "parquet/row_filter.h"
#include "schema/reserved_ids.h"
#include "write/input_converter.h"
#include "write/partition_buffer.h"
#include "write/partition_router.h"
#include "write/write_settings.h"

namespace floe::inline v0 {
namespace {

/// Rows that are routed and buffered at once.
constexpr int64_t kMinRoutedRows = 1024;
constexpr int64_t kMaxRoutedRows = int64_t{1} << 19U;
/// Encoded bytes for each byte in memory, until it is known: as it often is, and at worst.
constexpr double kFirstEncodedRatio = 0.25;
constexpr double kWorstEncodedRatio = 1;
/// Files that are open at a time.
constexpr size_t kMaxOpenFiles = 64;
/// Files that are encoded and sent to a store at once; each takes an encoder's memory.
constexpr int kMostSentFiles = 16;

int64_t RowsOf(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  return std::transform_reduce(batches.begin(), batches.end(), int64_t{0}, std::plus(),
                               [](const auto& batch) { return batch->num_rows(); });
}

SchemaPtr SchemaOfFiles(const Table& table, const RowWriterOptions& options) {
  const SchemaPtr& schema = table.metadata().schema();
  if (!options.keeps_row_lineage) {
    return schema;
  }
  std::vector<Field> fields = schema->fields();
  const Type type = Type::Of(TypeId::kLong);
  fields.push_back({.id = kRowIdColumnId, .name = "_row_id", .type = type});
  fields.push_back(
      {.id = kLastUpdatedColumnId, .name = "_last_updated_sequence_number", .type = type});
  return std::make_shared<const Schema>(std::move(fields), schema->schema_id());
}

}  // namespace

struct RowWriter::State {
  State(const Table& target, const std::shared_ptr<arrow::Schema>& input,
        RowWriterOptions wanted)
      : table(target),
        options(std::move(wanted)),
        schema(SchemaOfFiles(target, options)),
        spec(target.metadata().spec()),
        settings(WriteSettings::Of(target.metadata().properties, *schema)),
        converter(input, schema, /*keeps_views=*/spec->is_unpartitioned()),
        router(*spec, schema),
        write_uuid(MakeUuid(*target.environment().random)),
        next_options(settings.file) {
    if (options.required_filter) {
      required = Bind(*options.required_filter, *schema, options.case_sensitive);
    }
  }

  int64_t RoutedRows(const arrow::RecordBatch& batch, int64_t bytes) const;
  void CheckRequired(const arrow::RecordBatch& batch);
  void Buffer(const std::shared_ptr<arrow::RecordBatch>& batch,
              const HeldMemory::Token& held_by_caller);
  void FreeHeldMemory(int64_t held_by_caller);
  bool IsFull(const PartitionBuffer& buffer) const;
  void EncodeFull();
  void EncodeAll();
  void Encode(std::vector<size_t> partitions);
  void EncodeSome(std::span<const size_t> partitions);
  void CloseFilesBeside(std::span<const size_t> partitions);
  void EncodeOne(size_t partition, const ParallelOptions& parallel);
  void CloseFile(size_t partition);
  void Open(size_t partition, const std::vector<std::shared_ptr<arrow::RecordBatch>>& first,
            const ParallelOptions& parallel);
  void DropDictionaries(const std::vector<std::string>& paths);
  void DiscardFiles() noexcept;

  const Table table;
  const RowWriterOptions options;
  const SchemaPtr schema;
  const PartitionSpecPtr spec;
  const WriteSettings settings;
  const InputConverter converter;
  PartitionRouter router;
  const std::string write_uuid;
  BoundExpressionPtr required;

  HeldMemory memory;                     // behind the rows in `buffers`
  std::vector<PartitionBuffer> buffers;  // by partition number
  int64_t buffered_bytes = 0;
  int64_t checked_rows = 0;  // against `required`, which all but the last batch met
  bool finishing = false;    // what is buffered is all that comes
  bool finished = false;

  std::mutex mutex;  // guards what follows, while partitions are encoded in parallel
  ParquetWriteOptions next_options;  // of the next file: it learns from those before it
  bool dictionaries_are_judged = false;
  double encoded_ratio = kFirstEncodedRatio;
  bool ratio_is_known = false;
  int file_count = 0;
  std::multimap<size_t, DataFile> files;  // by partition number, those of each in their order
};

/// Rows to take at once: many, but few enough for row groups and files to end near their
/// limits.
int64_t RowWriter::State::RoutedRows(const arrow::RecordBatch& batch, int64_t bytes) const {
  if (batch.num_rows() == 0) {
    return kMaxRoutedRows;
  }
  const double encoded_row_bytes = std::max(
      1e-3, static_cast<double>(bytes) * encoded_ratio / static_cast<double>(batch.num_rows()));
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

/// `held_by_caller` stands for the batch that `batch` may be a slice of.
void RowWriter::State::Buffer(const std::shared_ptr<arrow::RecordBatch>& batch,
                              const HeldMemory::Token& held_by_caller) {
  if (spec->is_unpartitioned()) {
    router.Route(batch->Slice(0, std::min<int64_t>(1, batch->num_rows())), options.parallel);
    buffers.resize(std::max<size_t>(buffers.size(), 1));
    buffered_bytes += buffers[0].Add(batch, held_by_caller);
    return;
  }
  std::vector<PartitionRouter::Part> parts = router.Route(batch, options.parallel);
  const bool is_copy = parts.size() > 1;
  const HeldMemory::Token held = is_copy ? memory.Hold(BytesOf(*batch)) : held_by_caller;
  for (PartitionRouter::Part& part : parts) {
    if (buffers.size() <= part.partition) {
      buffers.resize(part.partition + 1);
    }
    buffered_bytes += buffers[part.partition].Add(std::move(part.rows), held);
  }
}

/// Rows that wait are slices. Where most of what they are slices of has been encoded, they
/// are copied, so that it can go. Each such copy follows at least as many bytes encoded.
void RowWriter::State::FreeHeldMemory(int64_t held_by_caller) {
  const int64_t held = memory.bytes() - held_by_caller;
  // Rows of one partition leave in the order they came: they hold one batch too many at most.
  if (spec->is_unpartitioned() || held <= options.memory_bytes || held <= 2 * buffered_bytes) {
    return;
  }
  buffered_bytes = 0;
  for (PartitionBuffer& buffer : buffers) {
    buffer.Compact(memory);
    buffered_bytes += buffer.bytes();
  }
}

/// Whether a buffer makes a row group, or as much as its file still takes.
bool RowWriter::State::IsFull(const PartitionBuffer& buffer) const {
  const auto bytes = static_cast<double>(buffer.bytes());
  const auto encoded = static_cast<int64_t>(bytes * encoded_ratio);
  // A row group too many does less harm than a file twice its size.
  const auto in_file =
      static_cast<int64_t>(ratio_is_known ? bytes * encoded_ratio : bytes * kWorstEncodedRatio);
  const int64_t before = buffer.file == nullptr ? 0 : buffer.file->position();
  return buffer.rows() >= settings.row_group_rows || encoded >= settings.row_group_bytes ||
         before + in_file >= settings.target_file_bytes;
}

/// `mutex` is held.
void RowWriter::State::DropDictionaries(const std::vector<std::string>& paths) {
  if (!paths.empty()) {
    parquet::WriterProperties::Builder properties(*next_options.properties);
    for (const std::string& path : paths) {
      properties.disable_dictionary(path);
    }
    next_options.properties = properties.build();
  }
}

/// `first` are the rows that the file begins with.
void RowWriter::State::Open(size_t partition,
                            const std::vector<std::shared_ptr<arrow::RecordBatch>>& first,
                            const ParallelOptions& parallel) {
  std::string folder = table.data_location();
  if (!spec->fields().empty()) {
    folder += "/" + spec->PathOf(router.ValuesOf(partition));
  }
  int number = 0;
  ParquetWriteOptions file_options;
  {
    const std::lock_guard lock(mutex);
    number = file_count++;
    if (!dictionaries_are_judged && RowsOf(first) >= kLeastRowsToJudge) {
      dictionaries_are_judged = true;
      DropDictionaries(PoorDictionaries(*schema, *next_options.properties, first, parallel));
    }
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
  files.emplace(partition, std::move(file));
  DropDictionaries(written.poor_dictionaries);
}

void RowWriter::State::EncodeOne(size_t partition, const ParallelOptions& parallel) {
  PartitionBuffer& buffer = buffers[partition];
  parallel.stop.ThrowIfStopped();
  const int64_t bytes = buffer.bytes();
  const auto rows = buffer.Take(settings.row_group_rows);
  if (buffer.file == nullptr) {
    Open(partition, rows, parallel);
  }
  const int64_t position = buffer.file->position();
  buffer.file->WriteRowGroup(rows, parallel);
  const int64_t taken = bytes - buffer.bytes();
  {
    const std::lock_guard lock(mutex);
    if (taken > 0) {
      ratio_is_known = true;
      encoded_ratio =
          static_cast<double>(buffer.file->position() - position) / static_cast<double>(taken);
    }
    buffered_bytes -= taken;
  }
  const bool is_last = finishing && buffer.rows() == 0;
  if (is_last || buffer.file->position() >= settings.target_file_bytes) {
    CloseFile(partition);
  }
}

/// Encodes a row group out of the buffer of each of `partitions`, the largest first, so that
/// the last to end is a small one.
void RowWriter::State::Encode(std::vector<size_t> partitions) {
  std::ranges::stable_sort(
      partitions, [&](size_t a, size_t b) { return buffers[a].bytes() > buffers[b].bytes(); });
  for (size_t at = 0; at < partitions.size(); at += kMaxOpenFiles) {
    const auto some =
        std::span(partitions).subspan(at, std::min(kMaxOpenFiles, partitions.size() - at));
    CloseFilesBeside(some);
    EncodeSome(some);
  }
}

/// Side by side if there are enough of them, else one after the other with their columns side
/// by side. Files in a store are sent side by side in any case.
void RowWriter::State::EncodeSome(std::span<const size_t> partitions) {
  ThreadPool& pool =
      options.parallel.pool != nullptr ? *options.parallel.pool : ThreadPool::Shared();
  const bool are_few = partitions.size() < static_cast<size_t>(pool.thread_count());
  const bool are_sent = table.io()->IsFar(table.data_location());
  if (are_few && !are_sent) {
    for (const size_t partition : partitions) {
      EncodeOne(partition, options.parallel);
    }
    return;
  }
  ParallelOptions outer = options.parallel;
  if (are_sent) {
    outer.pool = &ThreadPool::ForRequests();
    outer.max_parallelism = kMostSentFiles;
  }
  ParallelOptions inner = options.parallel;
  inner.max_parallelism = are_few ? inner.max_parallelism : 1;
  ParallelFor(partitions.size(), [&](size_t i) { EncodeOne(partitions[i], inner); }, outer);
}

/// Closes the largest files of other partitions, as far as those of `partitions` need it.
void RowWriter::State::CloseFilesBeside(std::span<const size_t> partitions) {
  std::vector<size_t> others;
  for (size_t p = 0; p < buffers.size(); ++p) {
    if (buffers[p].file != nullptr && std::ranges::find(partitions, p) == partitions.end()) {
      others.push_back(p);
    }
  }
  if (others.size() + partitions.size() <= kMaxOpenFiles) {
    return;
  }
  std::ranges::sort(others, [&](size_t a, size_t b) {
    return buffers[a].file->position() > buffers[b].file->position();
  });
  others.resize(others.size() + partitions.size() - kMaxOpenFiles);
  for (const size_t partition : others) {
    CloseFile(partition);
  }
}

/// Encodes full buffers; then the largest ones, while all together are too large.
void RowWriter::State::EncodeFull() {
  std::vector<size_t> full;
  std::vector<size_t> rest;
  int64_t waiting = buffered_bytes;
  for (size_t p = 0; p < buffers.size(); ++p) {
    if (buffers[p].rows() > 0 && IsFull(buffers[p])) {
      full.push_back(p);
      waiting -= buffers[p].bytes();
    } else if (buffers[p].rows() > 0) {
      rest.push_back(p);
    }
  }
  std::ranges::sort(
      rest, [&](size_t a, size_t b) { return buffers[a].bytes() > buffers[b].bytes(); });
  for (size_t i = 0; i < rest.size() && waiting > options.memory_bytes; ++i) {
    full.push_back(rest[i]);
    waiting -= buffers[rest[i]].bytes();
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
      if (buffers[p].rows() > 0) {
        left.push_back(p);
      }
    }
    return left;
  };
  for (std::vector<size_t> left = waiting(); !left.empty(); left = waiting()) {
    Encode(std::move(left));
  }
  ParallelFor(
      buffers.size(), [&](size_t p) { CloseFile(p); },
      ParallelRequests(*table.io(), table.data_location()));
}

void RowWriter::State::DiscardFiles() noexcept {
  buffers.clear();  // open files remove themselves
  std::vector<std::string> paths;
  for (const auto& [partition, file] : files) {
    paths.push_back(file.file_path);
  }
  DeleteLeftovers(*table.io(), paths);
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
  const int64_t batch_bytes = BytesOf(batch);
  const HeldMemory::Token held = state_->memory.Hold(batch_bytes);
  const int64_t step = state_->RoutedRows(batch, batch_bytes);
  for (int64_t at = 0; at < batch.num_rows(); at += step) {
    state_->options.parallel.stop.Poll();
    state_->options.parallel.stop.ThrowIfStopped();
    const auto rows = state_->converter.Convert(*batch.Slice(at, step));
    state_->CheckRequired(*rows);
    state_->Buffer(rows, held);
    state_->EncodeFull();
    state_->FreeHeldMemory(batch_bytes);
  }
}

std::vector<DataFile> RowWriter::Finish() {
  state_->EncodeAll();
  state_->finished = true;
  std::vector<DataFile> files;
  for (auto& [partition, file] : state_->files) {
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace floe::inline v0
