#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/base/environment.h"
#include "floe/io/file_io.h"
#include "floe/table/catalog.h"
#include "floe/table/table.h"
#include "support/fixed_environment.h"
#include "support/temporary_folder.h"

namespace floe::testing {

/// A folder with an SQLite catalog `catalog.db`, which has a namespace `db`, and its tables.
/// Nothing in it is synced.
class Warehouse {
 public:
  Warehouse();

  const std::filesystem::path& path() const { return folder_.path(); }
  std::string database_path() const { return folder_.File("catalog.db"); }
  std::string location() const { return "file://" + folder_.File("tables"); }

  /// One more connection to the catalog. Each has random numbers of its own.
  std::shared_ptr<Catalog> Open(std::shared_ptr<FileIO> io = nullptr);
  /// The connection that is there from the first use.
  Catalog& catalog();
  FixedClock& clock() { return *clock_; }

  /// Creates `db.<name>`, in the catalog's first connection.
  Table Create(const std::string& name, std::vector<Field> columns,
               std::vector<PartitionField> partition_fields = {}, Properties properties = {});
  Table Load(const std::string& name);

 private:
  TemporaryFolder folder_;
  std::shared_ptr<FixedClock> clock_ = std::make_shared<FixedClock>();
  uint64_t seed_ = 0;
  std::shared_ptr<Catalog> catalog_;
};

/// A FileIO of this machine that syncs nothing.
std::shared_ptr<FileIO> UnsyncedFileIO();

Field Optional(int32_t id, const std::string& name, TypeId type);
Field Required(int32_t id, const std::string& name, TypeId type);
/// A partition field named `<column>_<transform>`, or `<column>` if it is the identity.
PartitionField PartitionBy(int32_t column_id, const std::string& name,
                           const std::string& transform = "identity");

}  // namespace floe::testing
