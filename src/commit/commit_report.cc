#include "commit/commit_report.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/json_writer.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/identifier.h"

namespace floe::inline v0 {
namespace {

/// A count of a snapshot's summary, and what it is called in a report.
struct Counted {
  std::string_view in_summary;
  std::string_view in_report;
  std::string_view unit;
};

constexpr std::array kCounted = std::to_array<Counted>({
    {"added-data-files", "added-data-files", "count"},
    {"deleted-data-files", "removed-data-files", "count"},
    {"total-data-files", "total-data-files", "count"},
    {"added-delete-files", "added-delete-files", "count"},
    {"removed-delete-files", "removed-delete-files", "count"},
    {"total-delete-files", "total-delete-files", "count"},
    {"added-records", "added-records", "count"},
    {"deleted-records", "removed-records", "count"},
    {"total-records", "total-records", "count"},
    {"added-files-size", "added-files-size-bytes", "bytes"},
    {"removed-files-size", "removed-files-size-bytes", "bytes"},
    {"total-files-size", "total-files-size-bytes", "bytes"},
});

}  // namespace

std::string MakeCommitReport(const TableIdentifier& table, const Snapshot& snapshot, int tries,
                             int64_t duration_ms) {
  constexpr int64_t kNanosecondsOfMs = 1'000'000;
  JsonWriter writer;
  writer.BeginObject().Member("report-type", "commit-report");
  writer.Member("table-name", table.ToString());
  writer.Member("snapshot-id", snapshot.snapshot_id);
  writer.Member("sequence-number", snapshot.sequence_number);
  writer.Member("operation", snapshot.operation).Key("metrics").BeginObject();
  writer.Key("total-duration").BeginObject().Member("count", 1);
  writer.Member("time-unit", "nanoseconds");
  writer.Member("total-duration", duration_ms * kNanosecondsOfMs).EndObject();
  writer.Key("attempts").BeginObject().Member("unit", "count");
  writer.Member("value", tries).EndObject();
  const Properties summary = snapshot.summary.ToProperties();
  for (const Counted& counted : kCounted) {
    const auto text = FindProperty(summary, counted.in_summary);
    int64_t value = 0;
    if (text &&
        std::from_chars(text->data(), text->data() + text->size(), value).ec == std::errc()) {
      writer.Key(counted.in_report).BeginObject().Member("unit", counted.unit);
      writer.Member("value", value).EndObject();
    }
  }
  writer.EndObject().Key("metadata").BeginObject().Member("engine-name", "floe").EndObject();
  writer.EndObject();
  return std::move(writer).Take();
}

}  // namespace floe::inline v0
