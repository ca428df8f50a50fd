#include "floe/object_io/object_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/io/storage.h"
#include "object_io/s3_file_io.h"
#include "object_io/s3_runtime.h"
#include "object_io/s3_settings.h"

namespace floe::inline v0 {
namespace {

/// An S3 for the locations that begin with `prefix`.
struct Part {
  std::string prefix;
  std::unique_ptr<FileIO> io;
};

/// `a://b` without the name of the scheme, of which S3 has several.
std::string_view WithoutScheme(std::string_view location) {
  const size_t end = location.find("://");
  return end == std::string_view::npos ? location : location.substr(end + 3);
}

class LocationFileIO final : public FileIO {
 public:
  /// `parts` has the longest prefixes first, and ends with one for all.
  LocationFileIO(std::shared_ptr<FileIO> local, std::vector<Part> parts)
      : local_(std::move(local)), parts_(std::move(parts)) {}

  std::unique_ptr<InputFile> OpenInput(const std::string& location) override {
    return For(location).OpenInput(location);
  }
  std::unique_ptr<OutputFile> Create(const std::string& location) override {
    return For(location).Create(location);
  }
  void Delete(const std::string& location) override { For(location).Delete(location); }
  bool Exists(const std::string& location) override { return For(location).Exists(location); }

  void Sync(std::span<const std::string> locations) override {
    std::vector<std::string> local;
    std::ranges::copy_if(locations, std::back_inserter(local),
                         [](const std::string& location) { return !IsS3Location(location); });
    if (!local.empty()) {
      local_->Sync(local);
    }
  }

 private:
  FileIO& For(const std::string& location) {
    if (!IsS3Location(location)) {
      return *local_;
    }
    const auto found = std::ranges::find_if(parts_, [&](const Part& part) {
      return WithoutScheme(location).starts_with(part.prefix);
    });
    return *found->io;
  }

  const std::shared_ptr<FileIO> local_;
  const std::vector<Part> parts_;
};

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
    std::vector<Part> parts;
    const std::vector<const StorageProperties*> layers = {&table.defaults, &properties_,
                                                          &table.overrides};
    for (const PrefixProperties& credential : table.credentials) {
      if (IsS3Location(credential.prefix)) {
        std::vector<const StorageProperties*> own = layers;
        own.push_back(&credential.properties);
        parts.push_back({std::string(WithoutScheme(credential.prefix)),
                         MakeS3FileIO(ParseS3Settings(own), file_systems_)});
      }
    }
    std::ranges::stable_sort(parts, std::ranges::greater(),
                             [](const Part& part) { return part.prefix.size(); });
    parts.push_back({"", MakeS3FileIO(ParseS3Settings(layers), file_systems_)});
    return std::make_shared<LocationFileIO>(local_, std::move(parts));
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
