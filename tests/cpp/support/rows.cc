#include "support/rows.h"

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/scan/plan.h"
#include "floe/scan/read.h"
#include "floe/table/table.h"

namespace floe::testing {

std::shared_ptr<arrow::RecordBatch> BatchOf(const std::shared_ptr<arrow::Schema>& schema,
                                            const std::string& json) {
  const auto rows =
      arrow::json::ArrayFromJSONString(arrow::struct_(schema->fields()), json).ValueOrDie();
  auto batch = arrow::RecordBatch::FromStructArray(rows).ValueOrDie();
  return batch->ReplaceSchemaMetadata(schema->metadata());
}

std::shared_ptr<arrow::RecordBatchReader> RowsOf(const std::shared_ptr<arrow::Schema>& schema,
                                                 const std::vector<std::string>& batches) {
  arrow::RecordBatchVector made;
  for (const std::string& json : batches) {
    made.push_back(BatchOf(schema, json));
  }
  return arrow::RecordBatchReader::Make(std::move(made), schema).ValueOrDie();
}

std::shared_ptr<arrow::RecordBatchReader> StreamOf(
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches) {
  auto schema = batches.at(0)->schema();
  return arrow::RecordBatchReader::Make(std::move(batches), std::move(schema)).ValueOrDie();
}

std::vector<std::string> TextsOf(const arrow::Table& rows) {
  std::vector<std::string> texts(static_cast<size_t>(rows.num_rows()));
  for (int c = 0; c < rows.num_columns(); ++c) {
    size_t row = 0;
    for (const auto& chunk : rows.column(c)->chunks()) {
      for (int64_t i = 0; i < chunk->length(); ++i, ++row) {
        texts[row] += c == 0 ? "" : "|";
        texts[row] += chunk->GetScalar(i).ValueOrDie()->ToString();
      }
    }
  }
  return texts;
}

std::vector<std::string> ReadRows(const Table& table, ScanOptions options) {
  return Sorted(TextsOf(*ReadTable(TableScan(table, std::move(options)))));
}

std::vector<std::string> Sorted(std::vector<std::string> rows) {
  std::ranges::sort(rows);
  return rows;
}

}  // namespace floe::testing
