#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "floe/partition/spec.h"
#include "floe/schema/schema.h"

namespace floe::inline v0 {

/// Computes one partition field for whole columns: an integer for each row that stands for
/// the partition value (equal exactly if the values are) and its way back to a literal. Keeps
/// a dictionary of texts, so it is one thread at a time.
class PartitionCodes {
 public:
  /// Code of null. The smallest value has it, too, where the field is wide.
  static constexpr int64_t kNull = INT64_MIN;

  PartitionCodes(const PartitionField& field, const Type& source_type);

  /// The codes of `column`, which has the source type in any layout that writing accepts.
  std::vector<int64_t> Compute(const arrow::Array& column);
  /// True if every code stands for a value, so that it takes the column to tell null.
  bool is_wide() const;
  /// The partition value of a code that Compute() gave a row that is not null.
  Literal ValueOf(int64_t code) const;

 private:
  void ComputeIntegers(const arrow::Array& column, std::vector<int64_t>* codes) const;
  void ComputeTexts(const arrow::Array& column, std::vector<int64_t>* codes);
  int64_t Intern(const Literal& value);

  Transform transform_;
  Type source_type_;
  Type result_type_;
  /// Distinct values that are not integers, by code.
  std::vector<Literal> values_;
  std::unordered_map<std::string, int64_t> code_of_;
};

/// The column that a partition field is made from, with the nulls of structs above it.
std::shared_ptr<arrow::Array> SourceColumn(const Schema& schema, int32_t source_id,
                                           const arrow::RecordBatch& batch);

}  // namespace floe::inline v0
