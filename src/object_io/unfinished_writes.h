#pragma once

#include <string>

namespace floe::inline v0 {

/// A store in which a write that has failed may leave more than an object: parts.
class UnfinishedWrites {
 public:
  virtual ~UnfinishedWrites() = default;

  /// Removes what writing an object has left that is not there, as far as possible.
  virtual void Abandon(const std::string& location) noexcept = 0;
};

}  // namespace floe::inline v0
