#pragma once

#include <memory>
#include <string>

#include "catalog/rest/rest_session.h"
#include "floe/table/identifier.h"
#include "floe/table/metrics_reporter.h"

namespace floe::inline v0 {

/// Sends reports to a server, one after the other on a thread of its own, which begins with the
/// first. Of many at once some are left out; none is sent twice. A forked child sends none.
class RestMetrics final : public MetricsReporter {
 public:
  explicit RestMetrics(std::shared_ptr<RestSession> session);
  /// Gives what is under way a moment.
  ~RestMetrics() override;
  RestMetrics(const RestMetrics&) = delete;
  RestMetrics& operator=(const RestMetrics&) = delete;

  void Report(const TableIdentifier& table, std::string report) noexcept override;

 private:
  struct State;
  static void SendAll(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace floe::inline v0
