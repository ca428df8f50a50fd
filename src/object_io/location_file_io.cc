#include "object_io/location_file_io.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/lent_credentials.h"

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

/// Keeps what it writes while it is little, to send it again with other credentials.
class RenewedOutput final : public OutputFile {
 public:
  RenewedOutput(std::shared_ptr<Shelf> shelf, StoresPtr stores,
                std::unique_ptr<OutputFile> file)
      : shelf_(std::move(shelf)), stores_(std::move(stores)), file_(std::move(file)) {}

  const std::string& location() const override { return file_->location(); }
  int64_t position() const override { return file_->position(); }

  void Write(std::span<const std::byte> data) override {
    file_->Write(data);
    if (is_small_ && kept_.size() + data.size() <= kMostKeptBytes) {
      kept_.insert(kept_.end(), data.begin(), data.end());
    } else {
      is_small_ = false;
      kept_ = {};
    }
  }

  void Close() override {
    if (!is_small_) {
      file_->Close();
      return;
    }
    WithStores(*shelf_, shelf_->Current(), [&](const StoresPtr& stores) {
      if (stores_ != stores) {
        BeginAgain(stores);
      }
      file_->Close();
    });
  }

  void Abort() noexcept override { file_->Abort(); }

 private:
  // Less than what is sent before the object is closed.
  static constexpr size_t kMostKeptBytes = size_t{4} << 20;

  void BeginAgain(const StoresPtr& stores) {
    const std::string location = file_->location();
    file_->Abort();
    // What that could not delete, without credentials.
    stores->For(location).Delete(location);
    file_ = stores->For(location).Create(location);
    file_->Write(kept_);
    stores_ = stores;
  }

  const std::shared_ptr<Shelf> shelf_;
  StoresPtr stores_;  ///< what file_ was created with
  std::unique_ptr<OutputFile> file_;
  std::vector<std::byte> kept_;
  bool is_small_ = true;
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

 public:
  explicit LocationFileIO(LocationFileIOOptions options)
      : local_(std::move(options.local)),
        is_object_(std::move(options.is_object)),
        is_renewed_(options.lent->is_renewed()),
        shelf_(
            std::make_shared<Shelf>(std::move(options.make_stores), std::move(options.lent))) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    using Made = std::unique_ptr<InputFile>;
    return With(location, [&](FileIO& io, const StoresPtr& stores) -> Made {
      Made file = io.OpenInput(location);
      if (stores == nullptr || !is_renewed_) {
        return file;
      }
      return std::make_unique<RenewedInput>(shelf_, stores, std::move(file));
    });
  }

  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    using Made = std::unique_ptr<OutputFile>;
    return With(location, [&](FileIO& io, const StoresPtr& stores) -> Made {
      Made file = io.Create(location);
      if (stores == nullptr || !is_renewed_) {
        return file;
      }
      return std::make_unique<RenewedOutput>(shelf_, stores, std::move(file));
    });
  }

  void Delete(const std::string& location) override {
    With(location, [&](FileIO& io, const StoresPtr&) { io.Delete(location); });
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
