#include "support/warehouse.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/environment.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/io/file_io.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "support/fixed_environment.h"
#include "support/sqlite_faults.h"

namespace floe::testing {

Warehouse::Warehouse() { StopSyncingSqlite(); }

std::shared_ptr<FileIO> UnsyncedFileIO() { return MakeLocalFileIO({.fsync = false}); }

std::shared_ptr<Catalog> Warehouse::Open(std::shared_ptr<FileIO> io) {
  const Environment environment{clock_, std::make_shared<SeededRandom>(++seed_)};
  auto catalog = OpenSqliteCatalog(
      {.name = "test", .database_path = database_path(), .warehouse = location()},
      io != nullptr ? std::move(io) : UnsyncedFileIO(), environment);
  if (!catalog->NamespaceExists({"db"})) {
    catalog->CreateNamespace({"db"}, {});
  }
  return catalog;
}

Catalog& Warehouse::catalog() {
  if (catalog_ == nullptr) {
    catalog_ = Open();
  }
  return *catalog_;
}

Table Warehouse::Create(const std::string& name, std::vector<Field> columns,
                        std::vector<PartitionField> partition_fields, Properties properties) {
  return catalog().CreateTable({.identifier = {{"db"}, name},
                                .schema = Schema(std::move(columns)),
                                .spec = PartitionSpec(0, std::move(partition_fields)),
                                .location = std::nullopt,
                                .properties = std::move(properties)});
}

Table Warehouse::Load(const std::string& name) { return catalog().LoadTable({{"db"}, name}); }

Field Optional(int32_t id, const std::string& name, TypeId type) {
  return {id, name, Type::Of(type), false, "", {}};
}

Field Required(int32_t id, const std::string& name, TypeId type) {
  return {id, name, Type::Of(type), true, "", {}};
}

PartitionField PartitionBy(int32_t column_id, const std::string& name,
                           const std::string& transform) {
  std::string field_name = name;
  if (transform != "identity") {
    field_name += "_" + transform.substr(0, transform.find('['));
  }
  return {column_id, 0, field_name, Transform::Parse(transform), {}};
}

}  // namespace floe::testing
