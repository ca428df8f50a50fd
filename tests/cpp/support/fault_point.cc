#include "support/fault_point.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace floe::testing {

void FaultPoint::Arm(int64_t at, FaultMode mode) {
  const std::lock_guard lock(mutex_);
  at_ = at;
  on_.clear();
  mode_ = mode;
  action_ = nullptr;
  log_.clear();
  failed_.clear();
}

void FaultPoint::ArmAction(int64_t at, std::function<void()> action) {
  Arm(at, FaultMode::kLostAnswer);
  const std::lock_guard lock(mutex_);
  action_ = std::move(action);
}

void FaultPoint::ArmOn(const std::string& text, FaultMode mode) {
  Arm(0, mode);
  const std::lock_guard lock(mutex_);
  on_ = text;
}

void FaultPoint::BeforeNext(const std::string& text, std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  before_ = text;
  before_action_ = std::move(action);
}

void FaultPoint::RunBefore(const std::string& operation) {
  std::function<void()> action;
  {
    const std::lock_guard lock(mutex_);
    if (before_action_ && operation.find(before_) != std::string::npos) {
      action = std::exchange(before_action_, nullptr);
    }
  }
  if (action) {
    action();
  }
}

void FaultPoint::Disarm() {
  const std::lock_guard lock(mutex_);
  at_ = 0;
  on_.clear();
}

bool FaultPoint::IsMeant(const std::string& operation) const {
  if (mode_ != FaultMode::kForever && !failed_.empty()) {
    return false;
  }
  if (!on_.empty()) {
    return operation.find(on_) != std::string::npos;
  }
  const auto number = static_cast<int64_t>(log_.size());
  return at_ > 0 && (number == at_ || (mode_ == FaultMode::kForever && number > at_));
}

FaultPoint::Verdict FaultPoint::Judge(const std::string& operation) {
  const std::lock_guard lock(mutex_);
  log_.push_back(operation);
  if (!IsMeant(operation)) {
    return Verdict::kWork;
  }
  if (failed_.empty()) {
    failed_ = operation;
  }
  return mode_ == FaultMode::kLostAnswer ? Verdict::kWorkAndFail : Verdict::kFail;
}

void FaultPoint::Pass(const std::string& operation, const std::function<void()>& work,
                      const std::function<void()>& fail) {
  RunBefore(operation);
  const Verdict verdict = Judge(operation);
  if (verdict != Verdict::kFail) {
    work();
  }
  if (verdict != Verdict::kWork) {
    const std::function<void()> action = this->action();
    action ? action() : fail();
  }
}

std::function<void()> FaultPoint::action() const {
  const std::lock_guard lock(mutex_);
  return action_;
}

bool FaultPoint::met() const {
  const std::lock_guard lock(mutex_);
  return !failed_.empty();
}

std::vector<std::string> FaultPoint::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::string FaultPoint::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

}  // namespace floe::testing
