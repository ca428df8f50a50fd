#include "floe/object_io/object_storage.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/lent_credentials.h"
#include "object_io/location_file_io.h"
#include "object_io/s3_file_io.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

using Layers = std::vector<const StorageProperties*>;

/// One store for each credential, and one for all other locations.
std::vector<StorePart> MakeStores(const Layers& layers,
                                  const std::vector<PrefixProperties>& credentials,
                                  const std::shared_ptr<S3FileSystems>& file_systems) {
  std::vector<StorePart> parts;
  for (const PrefixProperties& credential : credentials) {
    if (IsS3Location(credential.prefix)) {
      Layers own = layers;
      own.push_back(&credential.properties);
      parts.push_back({std::string(WithoutScheme(credential.prefix)),
                       MakeS3FileIO(ParseS3Settings(own), file_systems)});
    }
  }
  parts.push_back({"", MakeS3FileIO(ParseS3Settings(layers), file_systems)});
  return parts;
}

class ObjectStorage final : public Storage {
 public:
  explicit ObjectStorage(ObjectStorageOptions options)
      : local_(MakeLocalFileIO(options.local)),
        properties_(std::move(options.properties)),
        file_systems_(std::make_shared<S3FileSystems>()) {
    CheckStorageProperties(properties_);
    static_cast<void>(ParseS3Settings({&properties_}));
  }

  std::shared_ptr<FileIO> FileIOFor(const TableStorage& table) override {
    const bool is_renewed =
        ParseS3Settings({&table.defaults, &properties_, &table.lent.overrides})
            .renews_credentials;
    return MakeLocationFileIO(
        {.local = local_,
         .is_object = [](const std::string& location) { return IsS3Location(location); },
         .make_stores =
             [defaults = table.defaults, properties = properties_,
              file_systems = file_systems_](const LentProperties& lent) {
               return MakeStores({&defaults, &properties, &lent.overrides}, lent.credentials,
                                 file_systems);
             },
         .lent = std::make_shared<LentCredentials>(table.lent,
                                                   is_renewed ? table.lender : nullptr)});
  }

 private:
  const std::shared_ptr<FileIO> local_;
  const StorageProperties properties_;
  const std::shared_ptr<S3FileSystems> file_systems_;
};

}  // namespace

std::shared_ptr<Storage> MakeObjectStorage(ObjectStorageOptions options) {
  return std::make_shared<ObjectStorage>(std::move(options));
}

}  // namespace floe::inline v0
