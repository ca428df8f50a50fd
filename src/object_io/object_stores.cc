#include "object_io/object_stores.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/azure_file_io.h"
#include "object_io/azure_settings.h"
#include "object_io/delete_by_store.h"
#include "object_io/gcs_file_io.h"
#include "object_io/gcs_settings.h"
#include "object_io/location_file_io.h"
#include "object_io/s3_file_io.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"
#include "object_io/unfinished_writes.h"

namespace floe::inline v0 {
namespace {

using Layers = std::vector<const StorageProperties*>;

/// One kind of store.
struct Kind {
  std::function<bool(std::string_view location)> has;
  /// What prefixes are compared by.
  std::function<std::string(const std::string& location)> comparable;
  std::function<std::unique_ptr<FileIO>(const Layers& layers)> make;
};

/// Some stores have several names for their scheme.
std::string BucketAndKey(const std::string& location) {
  return std::string(WithoutScheme(location));
}

bool HasS3Key(const StorageProperties* layer) {
  return std::ranges::any_of(*layer, [](const auto& property) {
    const auto& [name, value] = property;
    return (name == "s3.access-key-id" || name == "client.access-key-id") && !value.empty();
  });
}

/// The first `own_count` of the layers that it makes an S3 of are not lent.
std::unique_ptr<FileIO> MakeS3(const Layers& layers, size_t own_count,
                               const std::shared_ptr<S3FileSystems>& file_systems) {
  S3Settings settings = ParseS3Settings(layers);
  settings.is_lent = std::ranges::any_of(layers | std::views::drop(own_count), HasS3Key);
  return MakeS3FileIO(std::move(settings), file_systems);
}

std::vector<Kind> KindsOf(const Layers& layers, size_t own_count, const StoreClients& clients) {
  return {
      {&IsS3Location, &BucketAndKey,
       [own_count, s3 = clients.s3](const Layers& own) { return MakeS3(own, own_count, s3); }},
      {&IsGcsLocation, &BucketAndKey,
       [gcs = clients.gcs](const Layers& own) {
         return MakeGcsFileIO(ParseGcsSettings(own), gcs);
       }},
      {&IsAzureLocation,
       [settings = ParseAzureSettings(layers)](const std::string& location) {
         return AzurePrefix(location, settings);
       },
       [azure = clients.azure](const Layers& own) {
         return MakeAzureFileIO(ParseAzureSettings(own), azure);
       }},
  };
}

/// A store for the locations that begin with `prefix`.
struct Part {
  std::string prefix;
  std::unique_ptr<FileIO> io;
};

struct Store {
  Kind kind;
  std::vector<Part> parts;  // the longest prefixes first, and one for all at the end
};

class ObjectStores final : public FileIO, public UnfinishedWrites {
 public:
  explicit ObjectStores(std::vector<Store> stores) : stores_(std::move(stores)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    return For(location).OpenInput(location);
  }
  std::unique_ptr<InputFile> OpenHinted(const std::string& location,
                                        const OpenHint& hint) override {
    return For(location).OpenHinted(location, hint);
  }
  std::string ReadAll(const std::string& location, std::optional<int64_t> size_hint) override {
    return For(location).ReadAll(location, size_hint);
  }
  bool IsFar(const std::string& /*location*/) const override { return true; }
  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    return For(location).Create(location);
  }
  std::unique_ptr<OutputFile> CreateUnique(const std::string& location) override {
    return For(location).CreateUnique(location);
  }
  void Delete(const std::string& location) override { For(location).Delete(location); }
  bool Exists(const std::string& location) override { return For(location).Exists(location); }

  std::vector<UndeletedFile> DeleteAll(std::span<const std::string> locations) override {
    return DeleteAllByStore(
        locations, [&](const std::string& location) -> FileIO& { return For(location); });
  }

  void Abandon(const std::string& location) noexcept override {
    if (auto* const writes = dynamic_cast<UnfinishedWrites*>(&For(location))) {
      writes->Abandon(location);
    }
  }

  void Sync(std::span<const std::string> /*locations*/) override {}

 private:
  FileIO& For(const std::string& location) {
    const auto store =
        std::ranges::find_if(stores_, [&](const Store& one) { return one.kind.has(location); });
    Check(store != stores_.end(), "a location of a store");
    const std::string comparable = store->kind.comparable(location);
    const auto part = std::ranges::find_if(
        store->parts, [&](const Part& one) { return comparable.starts_with(one.prefix); });
    return *part->io;
  }

  const std::vector<Store> stores_;
};

}  // namespace

bool IsObjectLocation(std::string_view location) {
  return IsS3Location(location) || IsGcsLocation(location) || IsAzureLocation(location);
}

void CheckObjectStoreProperties(const StorageProperties& properties) {
  StorageProperties others;
  std::ranges::copy_if(properties, std::back_inserter(others), [](const auto& property) {
    const std::string& name = property.first;
    return !name.starts_with("gcs.") && !name.starts_with("gcp.") && !name.starts_with("adls.");
  });
  CheckStorageProperties(others);
  CheckGcsProperties(properties);
  CheckAzureProperties(properties);
  static_cast<void>(ParseS3Settings({&properties}));
  static_cast<void>(ParseGcsSettings({&properties}));
  static_cast<void>(ParseAzureSettings({&properties}));
}

std::unique_ptr<FileIO> MakeObjectStores(const Layers& own, const LentProperties& lent,
                                         const StoreClients& clients) {
  Layers layers = own;
  layers.push_back(&lent.overrides);
  std::vector<Store> stores;
  for (Kind& kind : KindsOf(layers, own.size(), clients)) {
    std::vector<Part> parts;
    for (const PrefixProperties& credential : lent.credentials) {
      if (kind.has(credential.prefix)) {
        Layers with_it = layers;
        with_it.push_back(&credential.properties);
        parts.push_back({kind.comparable(credential.prefix), kind.make(with_it)});
      }
    }
    std::ranges::stable_sort(parts, std::ranges::greater(),
                             [](const Part& part) { return part.prefix.size(); });
    parts.push_back({"", kind.make(layers)});
    stores.push_back({std::move(kind), std::move(parts)});
  }
  return std::make_unique<ObjectStores>(std::move(stores));
}

}  // namespace floe::inline v0
