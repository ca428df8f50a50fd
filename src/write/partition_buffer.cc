#include "write/partition_buffer.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"

namespace floe::inline v0 {
namespace {

/// Arrow's strings of one array end at 2 GiB.
constexpr int64_t kMostCompactedBytes = int64_t{1} << 30U;

}  // namespace

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

int64_t PartitionBuffer::Add(std::shared_ptr<arrow::RecordBatch> batch,
                             HeldMemory::Token held) {
  const int64_t added = BytesOf(*batch);
  rows_ += batch->num_rows();
  bytes_ += added;
  waiting_.push_back({std::move(batch), std::move(held)});
  return added;
}

std::vector<std::shared_ptr<arrow::RecordBatch>> PartitionBuffer::Take(int64_t count) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> taken;
  size_t whole = 0;
  for (int64_t left = std::min(count, rows_); left > 0; ++whole) {
    taken.push_back(waiting_[whole].batch->Slice(0, left));
    left -= taken.back()->num_rows();
  }
  if (!taken.empty()) {
    auto& last = waiting_[whole - 1].batch;
    if (const int64_t used = taken.back()->num_rows(); used < last->num_rows()) {
      last = last->Slice(used);
      --whole;
    }
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(whole));
  rows_ = 0;
  bytes_ = 0;
  for (const Waiting& rest : waiting_) {
    rows_ += rest.batch->num_rows();
    bytes_ += BytesOf(*rest.batch);
  }
  return taken;
}

void PartitionBuffer::Compact(const HeldMemory& memory) {
  if (rows_ == 0 || bytes_ > kMostCompactedBytes) {
    return;
  }
  const auto context = ArrowContext::Internal("copying rows that wait");
  arrow::ArrayVector columns;
  for (int i = 0; i < waiting_[0].batch->num_columns(); ++i) {
    arrow::ArrayVector chunks;
    for (const Waiting& part : waiting_) {
      chunks.push_back(part.batch->column(i));
    }
    columns.push_back(ValueOrThrow(arrow::Concatenate(chunks, BufferPool()), context));
  }
  auto batch = arrow::RecordBatch::Make(waiting_[0].batch->schema(), rows_, std::move(columns));
  waiting_.clear();
  bytes_ = BytesOf(*batch);
  waiting_.push_back({std::move(batch), memory.Hold(bytes_)});
}

}  // namespace floe::inline v0
