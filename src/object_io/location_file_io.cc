#include "object_io/location_file_io.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/delete_by_store.h"
#include "object_io/kept_bytes.h"
#include "object_io/lent_credentials.h"
#include "object_io/unfinished_writes.h"

namespace floe::inline v0 {
namespace {

/// What was made with one loan.
struct Stores {
  LentCredentials::Ptr lent;
  std::vector<StorePart> parts;  // the longest prefixes first

  FileIO& For(std::string_view location) const {
    const auto found = std::ranges::find_if(parts, [&](const StorePart& part) {
      return WithoutScheme(location).starts_with(part.prefix);
    });
    Check(found != parts.end(), "a store for every location");
    return *found->io;
  }

  std::vector<UndeletedFile> DeleteAll(std::span<const std::string> locations) const {
    return DeleteAllByStore(
        locations, [&](const std::string& location) -> FileIO& { return For(location); });
  }
};
using StoresPtr = std::shared_ptr<const Stores>;

/// The stores of the newest loan. Thread-safe.
class Shelf {
 public:
  Shelf(std::function<std::vector<StorePart>(const LentProperties&)> make,
        std::shared_ptr<LentCredentials> lent)
      : make_(std::move(make)), lent_(std::move(lent)) {
    stores_ = Make(lent_->Newest());
  }

  StoresPtr Current() { return Of(lent_->Current()); }

  /// Those after `refused`; null if there are none.
  StoresPtr After(const Stores& refused) {
    LentCredentials::Ptr lent = lent_->After(refused.lent);
    return lent == nullptr ? nullptr : Of(std::move(lent));
  }

 private:
  StoresPtr Of(LentCredentials::Ptr lent) {
    const std::lock_guard lock(mutex_);
    if (stores_->lent != lent) {
      stores_ = Make(std::move(lent));
    }
    return stores_;
  }

  StoresPtr Make(LentCredentials::Ptr lent) const {
    auto stores = std::make_shared<Stores>();
    stores->parts = make_(*lent);
    stores->lent = std::move(lent);
    std::ranges::stable_sort(stores->parts, std::ranges::greater(),
                             [](const StorePart& part) { return part.prefix.size(); });
    return stores;
  }

  const std::function<std::vector<StorePart>(const LentProperties&)> make_;
  const std::shared_ptr<LentCredentials> lent_;
  std::mutex mutex_;
  StoresPtr stores_;  // guarded by mutex_
};

/// `action` with the stores, and once more with newer ones if they are refused as expired.
template <class Action>
auto WithStores(Shelf& shelf, StoresPtr stores, const Action& action) {
  try {
    return action(stores);
  } catch (const ExpiredCredentialsError&) {
    stores = shelf.After(*stores);
    if (stores == nullptr) {
      throw;
    }
  }
  return action(stores);
}

class RenewedInput final : public InputFile {
 public:
  RenewedInput(std::shared_ptr<Shelf> shelf, StoresPtr stores, std::shared_ptr<InputFile> file)
      : location_(file->location()),
        size_(file->size()),
        shelf_(std::move(shelf)),
        stores_(std::move(stores)),
        file_(std::move(file)) {}

  const std::string& location() const override { return location_; }
  int64_t size() const override { return size_; }

  size_t ReadAt(int64_t offset, std::span<std::byte> out) override {
    return WithStores(*shelf_, shelf_->Current(), [&](const StoresPtr& stores) {
      return FileOf(stores)->ReadAt(offset, out);
    });
  }

 private:
  std::shared_ptr<InputFile> FileOf(const StoresPtr& stores) {
    const std::lock_guard lock(mutex_);
    if (stores_ != stores) {
      file_ = stores->For(location_).OpenInput(location_);
      stores_ = stores;
    }
    return file_;
  }

  const std::string location_;
  const int64_t size_;
  const std::shared_ptr<Shelf> shelf_;
  std::mutex mutex_;                 // guards what follows
  StoresPtr stores_;                 ///< what file_ was opened with
  std::shared_ptr<InputFile> file_;  ///< shared with reads that are under way
};

/// Keeps what it writes, to send it again with other credentials.
class RenewedOutput final : public OutputFile {
 public:
  RenewedOutput(std::shared_ptr<Shelf> shelf, StoresPtr stores,
                std::unique_ptr<OutputFile> file)
      : shelf_(std::move(shelf)), stores_(std::move(stores)), file_(std::move(file)) {}

  const std::string& location() const override { return file_->location(); }
  int64_t position() const override { return file_->position(); }

  void Write(std::span<const std::byte> data) override {
    kept_.Append(data);
    try {
      file_->Write(data);
    } catch (const ExpiredCredentialsError&) {
      BeginAgainOrRethrow();
    }
  }

  void Close() override {
    if (IsUnsent()) {
      if (StoresPtr current = shelf_->Current(); current != stores_) {
        BeginAgain(std::move(current));
      }
    }
    try {
      file_->Close();
    } catch (const ExpiredCredentialsError&) {
      BeginAgainOrRethrow();
      file_->Close();
    }
  }

  void Abort() noexcept override { file_->Abort(); }

 private:
  /// Whether nothing was sent yet, as an object so small is sent when it is closed.
  bool IsUnsent() const {
    constexpr int64_t kMostUnsentBytes = int64_t{4} << 20;
    return kept_.IsWhole() && kept_.size() <= kMostUnsentBytes;
  }

  /// Called while an ExpiredCredentialsError is handled.
  void BeginAgainOrRethrow() {
    StoresPtr newer = kept_.IsWhole() ? shelf_->After(*stores_) : nullptr;
    if (newer == nullptr) {
      throw;
    }
    BeginAgain(std::move(newer));
  }

  void BeginAgain(StoresPtr stores) {
    const std::string location = file_->location();
    file_->Abort();
    // What that could not delete, without credentials.
    if (auto* const writes = dynamic_cast<UnfinishedWrites*>(&stores->For(location))) {
      writes->Abandon(location);
    }
    stores->For(location).Delete(location);
    file_ = stores->For(location).CreateUnique(location);
    stores_ = std::move(stores);
    kept_.Replay([&](std::span<const std::byte> data) { file_->Write(data); });
  }

  const std::shared_ptr<Shelf> shelf_;
  StoresPtr stores_;  ///< what file_ was created with
  std::unique_ptr<OutputFile> file_;
  KeptBytes kept_;
};

class LocationFileIO final : public FileIO {
 private:
  /// `action` with what the location is in: the local files, without stores, or a store.
  template <class Action>
  auto With(const std::string& location, const Action& action) {
    if (!is_object_(location)) {
      return action(*local_, StoresPtr());
    }
    return WithStores(*shelf_, shelf_->Current(), [&](const StoresPtr& stores) {
      return action(stores->For(location), stores);
    });
  }

  template <class Opening>
  std::unique_ptr<InputFile> Open(const std::string& location, const Opening& open) {
    using Made = std::unique_ptr<InputFile>;
    return With(location, [&](FileIO& io, const StoresPtr& stores) -> Made {
      Made file = open(io);
      if (stores == nullptr || !is_renewed_) {
        return file;
      }
      return std::make_unique<RenewedInput>(shelf_, stores, std::move(file));
    });
  }

  template <class Creating>
  std::unique_ptr<OutputFile> Begin(const std::string& location, const Creating& create) {
    using Made = std::unique_ptr<OutputFile>;
    return With(location, [&](FileIO& io, const StoresPtr& stores) -> Made {
      Made file = create(io);
      if (stores == nullptr || !is_renewed_) {
        return file;
      }
      return std::make_unique<RenewedOutput>(shelf_, stores, std::move(file));
    });
  }

 public:
  explicit LocationFileIO(LocationFileIOOptions options)
      : local_(std::move(options.local)),
        is_object_(std::move(options.is_object)),
        is_renewed_(options.lent->is_renewed()),
        shelf_(
            std::make_shared<Shelf>(std::move(options.make_stores), std::move(options.lent))) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    return Open(location, [&](FileIO& io) { return io.OpenInput(location); });
  }

  std::unique_ptr<InputFile> OpenHinted(const std::string& location,
                                        const OpenHint& hint) override {
    return Open(location, [&](FileIO& io) { return io.OpenHinted(location, hint); });
  }

  std::string ReadAll(const std::string& location, std::optional<int64_t> size_hint) override {
    return With(location,
                [&](FileIO& io, const StoresPtr&) { return io.ReadAll(location, size_hint); });
  }

  bool IsFar(const std::string& location) const override { return is_object_(location); }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    return Begin(location, [&](FileIO& io) { return io.Create(location); });
  }

  std::unique_ptr<OutputFile> CreateUnique(const std::string& location) override {
    return Begin(location, [&](FileIO& io) { return io.CreateUnique(location); });
  }

  void Delete(const std::string& location) override {
    With(location, [&](FileIO& io, const StoresPtr&) { io.Delete(location); });
  }

  std::vector<UndeletedFile> DeleteAll(std::span<const std::string> locations) override {
    std::vector<std::string> local;
    std::vector<std::string> objects;
    std::ranges::partition_copy(locations, std::back_inserter(objects),
                                std::back_inserter(local), is_object_);
    std::vector<UndeletedFile> left = local_->DeleteAll(local);
    if (!objects.empty()) {
      std::vector<UndeletedFile> there =
          WithStores(*shelf_, shelf_->Current(),
                     [&](const StoresPtr& stores) { return stores->DeleteAll(objects); });
      std::ranges::move(there, std::back_inserter(left));
    }
    return left;
  }

  bool Exists(const std::string& location) override {
    return With(location, [&](FileIO& io, const StoresPtr&) { return io.Exists(location); });
  }

  void Sync(std::span<const std::string> locations) override {
    std::vector<std::string> local;
    std::ranges::copy_if(locations, std::back_inserter(local),
                         [&](const std::string& location) { return !is_object_(location); });
    if (!local.empty()) {
      local_->Sync(local);
    }
  }

 private:
  const std::shared_ptr<FileIO> local_;
  const std::function<bool(const std::string&)> is_object_;
  const bool is_renewed_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace

std::string_view WithoutScheme(std::string_view location) {
  const size_t end = location.find("://");
  return end == std::string_view::npos ? location : location.substr(end + 3);
}

std::shared_ptr<FileIO> MakeLocationFileIO(LocationFileIOOptions options) {
  return std::make_shared<LocationFileIO>(std::move(options));
}

}  // namespace floe::inline v0
