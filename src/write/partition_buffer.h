#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "parquet/data_file_writer.h"

namespace floe::inline v0 {

/// Bytes of the rows of `batch`, of what a slice sees only.
int64_t BytesOf(const arrow::RecordBatch& batch);

/// Counts memory that slices keep alive, however little of it they see. Thread-safe.
class HeldMemory {
 public:
  using Token = std::shared_ptr<void>;
  /// Counts `bytes` for as long as a copy of the token lives.
  Token Hold(int64_t bytes) const {
    bytes_->fetch_add(bytes);
    return {nullptr, [counter = bytes_, bytes](void*) { counter->fetch_sub(bytes); }};
  }
  int64_t bytes() const { return bytes_->load(); }

 private:
  std::shared_ptr<std::atomic<int64_t>> bytes_ = std::make_shared<std::atomic<int64_t>>(0);
};

/// Rows of one partition on their way into its files. One thread at a time.
class PartitionBuffer {
 public:
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }

  /// `held` stands for the memory that `batch` is a part of. Returns the bytes added.
  int64_t Add(std::shared_ptr<arrow::RecordBatch> batch, HeldMemory::Token held);
  /// Takes the first `count` rows, or all.
  std::vector<std::shared_ptr<arrow::RecordBatch>> Take(int64_t count);
  /// Copies the rows into memory of their own.
  void Compact(const HeldMemory& memory);

  /// The file that the partition's rows go to; null until there are some for it.
  std::unique_ptr<ParquetDataWriter> file;

 private:
  struct Waiting {
    std::shared_ptr<arrow::RecordBatch> batch;
    HeldMemory::Token held;
  };
  std::vector<Waiting> waiting_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace floe::inline v0
