#include "scan/scan_report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "floe/expr/expression.h"
#include "floe/expr/expression_json.h"
#include "floe/scan/plan.h"
#include "floe/schema/type.h"
#include "floe/table/table.h"

namespace floe::inline v0 {
namespace {

void WriteCounter(std::string_view name, std::string_view unit, int64_t value,
                  JsonWriter* writer) {
  writer->Key(name).BeginObject().Member("unit", unit).Member("value", value).EndObject();
}

}  // namespace

std::string MakeScanReport(const TableScan& scan, const ScanCounts& counts) {
  constexpr int64_t kNanosecondsOfMs = 1'000'000;
  JsonWriter writer;
  writer.BeginObject().Member("report-type", "scan-report");
  writer.Member("table-name", scan.table().identifier().ToString());
  writer.Member("snapshot-id", scan.snapshot()->snapshot_id).Key("filter");
  const ExpressionPtr& filter = scan.options().row_filter;
  writer.Raw(filter == nullptr ? "true" : ExpressionToJsonWithoutValues(*filter));
  writer.Member("schema-id", scan.schema()->schema_id());
  writer.Key("projected-field-ids").BeginArray();
  for (const Field& field : scan.projection()->fields()) {
    writer.Int(field.id);
  }
  writer.EndArray().Key("projected-field-names").BeginArray();
  for (const Field& field : scan.projection()->fields()) {
    writer.String(field.name);
  }
  writer.EndArray().Key("metrics").BeginObject().Key("total-planning-duration").BeginObject();
  writer.Member("count", 1).Member("time-unit", "nanoseconds");
  writer.Member("total-duration", counts.planning_ms * kNanosecondsOfMs).EndObject();
  WriteCounter("result-data-files", "count", counts.data_files, &writer);
  WriteCounter("result-delete-files", "count", counts.delete_files, &writer);
  WriteCounter("total-data-manifests", "count", counts.data_manifests, &writer);
  WriteCounter("total-delete-manifests", "count", counts.delete_manifests, &writer);
  WriteCounter("scanned-data-manifests", "count", counts.scanned_data_manifests, &writer);
  WriteCounter("skipped-data-manifests", "count",
               counts.data_manifests - counts.scanned_data_manifests, &writer);
  WriteCounter("total-file-size-in-bytes", "bytes", counts.data_file_bytes, &writer);
  writer.EndObject().Key("metadata").BeginObject().Member("engine-name", "floe").EndObject();
  writer.EndObject();
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
