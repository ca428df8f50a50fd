#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "floe/base/parallel.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "write/partition_codes.h"

namespace floe::inline v0 {

/// Sorts rows into partitions. Partitions are numbered as they appear. One thread at a time.
class PartitionRouter {
 public:
  PartitionRouter(const PartitionSpec& spec, SchemaPtr schema);

  struct Part {
    size_t partition;  ///< number
    std::shared_ptr<arrow::RecordBatch> rows;
  };
  /// Cuts a batch into its partitions' rows, each in the order of the batch. A batch of one
  /// partition is handed through.
  std::vector<Part> Route(const std::shared_ptr<arrow::RecordBatch>& batch,
                          const ParallelOptions& parallel);

  const PartitionValues& ValuesOf(size_t partition) const { return values_[partition]; }
  size_t partition_count() const { return values_.size(); }

 private:
  std::vector<std::vector<int64_t>> CodeColumns(const arrow::RecordBatch& batch);
  std::vector<uint32_t> NumberRows(const arrow::RecordBatch& batch);
  uint32_t NumberOf(const std::vector<int64_t>& codes);

  struct HashCodes {
    size_t operator()(const std::vector<int64_t>& codes) const;
  };

  SchemaPtr schema_;
  std::vector<int32_t> source_ids_;
  std::vector<PartitionCodes> fields_;
  std::unordered_map<std::vector<int64_t>, uint32_t, HashCodes> number_of_;
  std::vector<PartitionValues> values_;
};

}  // namespace floe::inline v0
