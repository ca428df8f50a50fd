#pragma once

#include <string>

#include "floe/table/identifier.h"

namespace floe::inline v0 {

/// Takes reports of what was read and written. Thread-safe.
class MetricsReporter {
 public:
  virtual ~MetricsReporter() = default;
  /// `report` is a request of the REST specification (`ReportMetricsRequest`) as JSON. Returns
  /// at once; never throws, and it is no error if the report gets lost.
  virtual void Report(const TableIdentifier& table, std::string report) noexcept = 0;
};

}  // namespace floe::inline v0
