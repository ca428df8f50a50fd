#include "floe/object_io/object_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/lent_credentials.h"
#include "object_io/location_file_io.h"
#include "object_io/object_stores.h"
#include "object_io/s3_settings.h"
#include "object_io/store_properties.h"

namespace floe::inline v0 {
namespace {

/// Whether no layer says that what is lent is not to be renewed.
bool IsRenewed(const std::vector<const StorageProperties*>& layers) {
  constexpr std::array<std::string_view, 2> kNames = {"adls.refresh-credentials-enabled",
                                                      "gcs.oauth2.refresh-credentials-enabled"};
  const LayeredProperties properties(layers, {});
  return ParseS3Settings(layers).renews_credentials &&
         std::ranges::all_of(kNames, [&](std::string_view name) {
           return properties.Boolean(name).value_or(true);
         });
}

/// `make`, which a caller's properties alone let work: what is wrong now, the catalog said.
template <class Make>
auto OfCatalog(const Make& make) {
  try {
    return make();
  } catch (const InvalidArgumentError& error) {
    throw CatalogConnectionError(
        fmt::format("what the catalog's server says of a table's storage can't be: {}; this is "
                    "a setting of the server's",
                    error.message()),
        error.details());
  }
}

class ObjectStorage final : public Storage {
 public:
  explicit ObjectStorage(ObjectStorageOptions options)
      : local_(MakeLocalFileIO(options.local)), properties_(std::move(options.properties)) {
    CheckObjectStoreProperties(properties_);
  }

  std::shared_ptr<FileIO> FileIOFor(const TableStorage& table) override {
    const bool is_renewed = OfCatalog(
        [&] { return IsRenewed({&table.defaults, &properties_, &table.lent.overrides}); });
    return MakeLocationFileIO(
        {.local = local_,
         .is_object = [](const std::string& location) { return IsObjectLocation(location); },
         .make_stores =
             [defaults = table.defaults, properties = properties_,
              clients = clients_](const LentProperties& lent) {
               std::vector<StorePart> parts;
               parts.push_back({"", OfCatalog([&] {
                                  return MakeObjectStores({&defaults, &properties}, lent,
                                                          clients);
                                })});
               return parts;
             },
         .lent = std::make_shared<LentCredentials>(table.lent,
                                                   is_renewed ? table.lender : nullptr)});
  }

 private:
  const std::shared_ptr<FileIO> local_;
  const StorageProperties properties_;
  const StoreClients clients_;
};

}  // namespace

std::shared_ptr<Storage> MakeObjectStorage(ObjectStorageOptions options) {
  return std::make_shared<ObjectStorage>(std::move(options));
}

}  // namespace floe::inline v0
