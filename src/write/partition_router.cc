#include "write/partition_router.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "parquet/arrow_status.h"
#include "parquet/buffer_pool.h"
#include "write/partition_codes.h"

namespace floe::inline v0 {
namespace {

/// The rows of `batch` in the order of `indices`.
std::shared_ptr<arrow::RecordBatch> Gather(const arrow::RecordBatch& batch,
                                           const std::shared_ptr<arrow::Buffer>& indices,
                                           const ParallelOptions& parallel) {
  const arrow::UInt32Array index_array(batch.num_rows(), indices);
  arrow::ArrayVector columns(static_cast<size_t>(batch.num_columns()));
  ParallelFor(
      columns.size(),
      [&](size_t i) {
        columns[i] = ValueOrThrow(
            arrow::compute::Take(*batch.column(static_cast<int>(i)), index_array,
                                 arrow::compute::TakeOptions::NoBoundsCheck(), BufferContext()),
            ArrowContext::Internal("sorting rows into partitions"));
      },
      parallel);
  return arrow::RecordBatch::Make(batch.schema(), batch.num_rows(), std::move(columns));
}

}  // namespace

size_t PartitionRouter::HashCodes::operator()(const std::vector<int64_t>& codes) const {
  uint64_t hash = 0x9E3779B97F4A7C15U;
  for (const int64_t code : codes) {
    hash = (hash ^ static_cast<uint64_t>(code)) * 0xFF51AFD7ED558CCDU;
    hash ^= hash >> 32U;
  }
  return hash;
}

PartitionRouter::PartitionRouter(const PartitionSpec& spec, SchemaPtr schema)
    : schema_(std::move(schema)) {
  CheckWritable(spec, *schema_, PartitionType(spec, *schema_));
  for (const PartitionField& field : spec.fields()) {
    source_ids_.push_back(field.source_id);
    const Schema::Place* source = schema_->Find(field.source_id);
    // The source of a void field may have been dropped.
    fields_.emplace_back(field,
                         source == nullptr ? Type::Of(TypeId::kInt) : source->field->type);
  }
}

uint32_t PartitionRouter::NumberOf(const std::vector<int64_t>& codes) {
  const auto [entry, is_new] =
      number_of_.try_emplace(codes, static_cast<uint32_t>(values_.size()));
  if (is_new) {
    PartitionValues values;
    auto code = codes.begin();
    for (const PartitionCodes& field : fields_) {
      const int64_t value = *code++;
      const bool is_null = field.is_wide() ? *code++ != 0 : value == PartitionCodes::kNull;
      values.push_back(is_null ? std::nullopt : std::optional(field.ValueOf(value)));
    }
    values_.push_back(std::move(values));
  }
  return entry->second;
}

/// The codes of each field, followed by whether rows are null where codes don't tell.
std::vector<std::vector<int64_t>> PartitionRouter::CodeColumns(
    const arrow::RecordBatch& batch) {
  std::vector<std::vector<int64_t>> codes;
  for (size_t f = 0; f < fields_.size(); ++f) {
    const auto rows = static_cast<size_t>(batch.num_rows());
    if (schema_->Find(source_ids_[f]) == nullptr) {
      codes.emplace_back(rows, PartitionCodes::kNull);
      continue;
    }
    const auto column = SourceColumn(*schema_, source_ids_[f], batch);
    codes.push_back(fields_[f].Compute(*column));
    if (fields_[f].is_wide()) {
      std::vector<int64_t>& nulls = codes.emplace_back(rows, 0);
      for (size_t row = 0; column->null_count() > 0 && row < rows; ++row) {
        nulls[row] = column->IsNull(static_cast<int64_t>(row)) ? 1 : 0;
      }
    }
  }
  return codes;
}

std::vector<uint32_t> PartitionRouter::NumberRows(const arrow::RecordBatch& batch) {
  const auto rows = static_cast<size_t>(batch.num_rows());
  const std::vector<std::vector<int64_t>> codes = CodeColumns(batch);
  std::vector<uint32_t> numbers(rows);
  std::vector<int64_t> tuple(codes.size());
  std::unordered_map<int64_t, uint32_t> single;  // most specs have one field
  for (size_t row = 0; row < rows; ++row) {
    const auto same_as_last = [&] {
      return row > 0 && std::ranges::all_of(codes, [&](const std::vector<int64_t>& field) {
               return field[row] == field[row - 1];
             });
    };
    if (same_as_last()) {
      numbers[row] = numbers[row - 1];
      continue;
    }
    for (size_t f = 0; f < codes.size(); ++f) {
      tuple[f] = codes[f][row];
    }
    if (codes.size() != 1) {
      numbers[row] = NumberOf(tuple);
      continue;
    }
    const auto known = single.find(tuple[0]);
    numbers[row] = known != single.end() ? known->second : (single[tuple[0]] = NumberOf(tuple));
  }
  return numbers;
}

std::vector<PartitionRouter::Part> PartitionRouter::Route(
    const std::shared_ptr<arrow::RecordBatch>& batch, const ParallelOptions& parallel) {
  if (batch->num_rows() == 0) {
    return {};
  }
  const std::vector<uint32_t> numbers = NumberRows(*batch);
  std::vector<int64_t> counts(values_.size(), 0);
  for (const uint32_t number : numbers) {
    ++counts[number];
  }
  if (counts[numbers[0]] == batch->num_rows()) {
    return {{numbers[0], batch}};
  }
  std::vector<int64_t> next(counts.size(), 0);
  std::exclusive_scan(counts.begin(), counts.end(), next.begin(), int64_t{0});
  const std::vector<int64_t> starts = next;
  const std::shared_ptr<arrow::Buffer> indices = ValueOrThrow(
      arrow::AllocateBuffer(batch->num_rows() * static_cast<int64_t>(sizeof(uint32_t)),
                            BufferPool()),
      ArrowContext::Internal("sorting rows into partitions"));
  auto* out = reinterpret_cast<uint32_t*>(indices->mutable_data());
  for (size_t row = 0; row < numbers.size(); ++row) {
    out[next[numbers[row]]++] = static_cast<uint32_t>(row);
  }
  const auto sorted = Gather(*batch, indices, parallel);
  std::vector<Part> parts;
  for (size_t p = 0; p < counts.size(); ++p) {
    if (counts[p] > 0) {
      parts.push_back({p, sorted->Slice(starts[p], counts[p])});
    }
  }
  return parts;
}

}  // namespace floe::inline v0
