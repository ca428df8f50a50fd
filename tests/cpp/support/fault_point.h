#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace floe::testing {

/// What becomes of the operation that a fault meets.
enum class FaultMode : uint8_t {
  kOnce,        ///< it fails; the next ones work
  kForever,     ///< it fails, and so does everything after it
  kLostAnswer,  ///< it is done, but its caller is told that it failed
};

/// Where operations of files and catalogs pass, one of which meets a fault. Thread-safe.
class FaultPoint {
 public:
  /// From now on, operation number `at` (1 is the next one) meets a fault.
  void Arm(int64_t at, FaultMode mode);
  /// From now on, `action` is called after operation number `at`.
  void ArmAction(int64_t at, std::function<void()> action);
  /// From now on, operations whose name has `text` meet a fault: the next one, or all.
  void ArmOn(const std::string& text, FaultMode mode);
  /// `action` is called, once, before the next operation whose name has `text`.
  void BeforeNext(const std::string& text, std::function<void()> action);
  /// No more faults.
  void Disarm();

  /// Counts an operation. Runs `work` and then, or instead, calls `fail`, which throws.
  void Pass(const std::string& operation, const std::function<void()>& work,
            const std::function<void()>& fail);

  /// Whether a fault was met.
  bool met() const;
  /// Operations that passed since it was armed or disarmed.
  std::vector<std::string> log() const;
  /// The operation that met the fault; empty if none did.
  std::string failed() const;

 private:
  enum class Verdict : uint8_t { kWork, kFail, kWorkAndFail };
  Verdict Judge(const std::string& operation);
  bool IsMeant(const std::string& operation) const;
  std::function<void()> action() const;
  void RunBefore(const std::string& operation);

  mutable std::mutex mutex_;
  int64_t at_ = 0;  ///< 0: not by number
  std::string on_;  ///< empty: not by name
  FaultMode mode_ = FaultMode::kOnce;
  std::function<void()> action_;
  std::string before_;  ///< operation that before_action_ is for
  std::function<void()> before_action_;
  std::vector<std::string> log_;
  std::string failed_;
};

}  // namespace floe::testing
