#include "floe/table/table.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "floe/base/environment.h"
#include "floe/io/file_io.h"
#include "floe/metadata/table_metadata.h"
#include "floe/metadata/table_properties.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table_origin.h"

namespace floe::inline v0 {
namespace {

std::string FolderOr(const TableMetadata& metadata, const TableProperty& property,
                     std::string_view folder) {
  std::string location = TextProperty(metadata.properties, property);
  if (location.empty()) {
    location = metadata.location;
    while (location.ends_with('/')) {
      location.pop_back();
    }
    return location.append("/").append(folder);
  }
  while (location.size() > 1 && location.ends_with('/')) {
    location.pop_back();
  }
  return location;
}

const std::shared_ptr<const TableOrigin>& NothingSaid() {
  static const auto nothing = std::make_shared<const TableOrigin>();
  return nothing;
}

}  // namespace

Table::Table(TableIdentifier identifier, TableMetadataPtr metadata,
             std::string metadata_location, std::shared_ptr<Catalog> catalog,
             std::shared_ptr<FileIO> io, Environment environment)
    : identifier_(std::move(identifier)),
      metadata_(std::move(metadata)),
      metadata_location_(std::move(metadata_location)),
      catalog_(std::move(catalog)),
      io_(std::move(io)),
      environment_(std::move(environment)),
      origin_(NothingSaid()) {}

const TableOrigin& Table::origin() const { return *origin_; }

Table Table::Refresh() const { return catalog_->LoadTable(identifier_, {.known = this}); }

Table Table::RefreshWithAllSnapshots() const {
  return catalog_->LoadTable(identifier_, {.all_snapshots = true, .known = this});
}

Table Table::WithAllSnapshots() const {
  return origin_->has_all_snapshots ? *this : RefreshWithAllSnapshots();
}

Table Table::With(TableMetadataPtr metadata) const {
  Table other = *this;
  other.metadata_ = std::move(metadata);
  return other;
}

Table Table::With(std::shared_ptr<const TableOrigin> origin) const {
  Table other = *this;
  other.origin_ = std::move(origin);
  return other;
}

std::string Table::data_location() const {
  return FolderOr(*metadata_, table_properties::kDataPath, "data");
}

std::string Table::metadata_folder() const {
  return FolderOr(*metadata_, table_properties::kMetadataPath, "metadata");
}

}  // namespace floe::inline v0
