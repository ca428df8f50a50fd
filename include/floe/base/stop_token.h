#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

namespace floe::inline v0 {

/// Asks running work to end early. Options structs of long operations carry one; they throw
/// CancelledError within a fraction of a second of the request and leave nothing committed.
///
/// A default-made token never stops anything. Copies share the request. Thread-safe.
class StopToken {
 public:
  StopToken() = default;
  /// A token that can be stopped. `poll`, if given, is called now and then by engine calls on
  /// the thread that makes the token (and only there) and stops the work by returning true; it
  /// may throw nothing. This is how a signal handler of the caller is consulted.
  static StopToken Make(std::function<bool()> poll = nullptr);

  void RequestStop() const noexcept;
  bool stop_requested() const noexcept {
    return state_ != nullptr && state_->stopped.load(std::memory_order_relaxed);
  }
  /// The token of the innermost StopScope on this thread; without one, it never stops anything.
  static StopToken Current();
  /// Consults the poll function; does nothing on other threads than the one that made the
  /// token.
  void Poll() const;
  /// Throws CancelledError if a stop was requested.
  void ThrowIfStopped() const;

 private:
  struct State {
    std::atomic<bool> stopped{false};
    std::function<bool()> poll;
    std::thread::id owner = std::this_thread::get_id();
  };
  std::shared_ptr<State> state_;
};

/// Makes a token the current one of this thread while it lives: what waits for a server heeds
/// it, without an argument in every call that leads there.
class StopScope {
 public:
  explicit StopScope(StopToken token);
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  StopToken outer_;
};

}  // namespace floe::inline v0
