#include "object_io/object_stores.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
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
#include "object_io/gcs_file_io.h"
#include "object_io/gcs_settings.h"
#include "object_io/location_file_io.h"
#include "object_io/s3_file_io.h"
#include "object_io/s3_settings.h"

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

std::vector<Kind> KindsOf(const Layers& layers, const StoreClients& clients) {
  return {
      {&IsS3Location, &BucketAndKey,
       [s3 = clients.s3](const Layers& own) { return MakeS3FileIO(ParseS3Settings(own), s3); }},
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

class ObjectStores final : public FileIO {
 public:
  explicit ObjectStores(std::vector<Store> stores) : stores_(std::move(stores)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    return For(location).OpenInput(location);
  }
  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    return For(location).Create(location);
  }
  void Delete(const std::string& location) override { For(location).Delete(location); }
  bool Exists(const std::string& location) override { return For(location).Exists(location); }
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

std::unique_ptr<FileIO> MakeObjectStores(const Layers& layers,
                                         const std::vector<PrefixProperties>& credentials,
                                         const StoreClients& clients) {
  std::vector<Store> stores;
  for (Kind& kind : KindsOf(layers, clients)) {
    std::vector<Part> parts;
    for (const PrefixProperties& credential : credentials) {
      if (kind.has(credential.prefix)) {
        Layers own = layers;
        own.push_back(&credential.properties);
        parts.push_back({kind.comparable(credential.prefix), kind.make(own)});
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
