#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>

#include "floe/base/environment.h"
#include "floe/base/error.h"
#include "floe/io/storage.h"

namespace floe::inline v0 {

/// The storage says that the credentials which it got have ended, or knows them no more. New
/// ones help, where there are any. Outside of this folder it is a StorageAccessError.
class ExpiredCredentialsError : public StorageAccessError {
 public:
  using StorageAccessError::StorageAccessError;
};

/// What a catalog lends for the files of a table, renewed while it is in use. Thread-safe.
///
/// One thread asks for all: others go on with what they have while it is good, and wait for the
/// answer when it is not; they heed the current StopToken. If the catalog can't be asked, what
/// is lent serves until its end, and from then on its error is thrown.
class LentCredentials {
 public:
  using Ptr = std::shared_ptr<const LentProperties>;

  /// `lender` may be null: `first` is for ever then.
  LentCredentials(LentProperties first, std::shared_ptr<Lender> lender,
                  Environment environment = Environment::System());

  /// Whether there is anybody to ask for new ones.
  bool is_renewed() const { return lender_ != nullptr; }

  /// What there is, without asking.
  Ptr Newest();

  /// What to begin a request with. Asks for new ones a third of their life, and no more than
  /// five minutes, before they end; what is said to have ended when it comes, after some
  /// seconds: it is the clocks that differ. Throws the lender's errors.
  Ptr Current();

  /// What to try again with after the storage has refused `refused` as expired: others, which
  /// were lent meanwhile or are asked for now; null if there is nobody to ask. Throws the
  /// lender's errors.
  Ptr After(const Ptr& refused);

 private:
  void Keep(LentProperties lent);
  bool IsAsking() const;
  void WaitForOther(std::unique_lock<std::mutex>* lock);
  void Ask(std::unique_lock<std::mutex>* lock, bool is_good);

  const std::shared_ptr<Lender> lender_;
  const Environment environment_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  Ptr lent_;
  int64_t renew_at_ms_ = 0;
  int64_t ends_at_ms_ = 0;
  bool is_asking_ = false;
  pid_t asker_ = 0;             ///< its process
  uint64_t round_ = 0;          ///< requests that have ended
  std::exception_ptr failure_;  ///< of the last one
};

}  // namespace floe::inline v0
