// The database file of the SQLite catalog: made, shared with others, locked, damaged.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "floe/base/error.h"
#include "floe/catalog/sqlite_catalog.h"
#include "floe/dml/write_rows.h"
#include "floe/io/file_io.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "support/contest.h"
#include "support/rows.h"
#include "support/temporary_folder.h"
#include "support/thrown.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A plain connection to a database, as another program has it.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) {
      throw std::runtime_error("can't open " + path);
    }
  }
  ~OtherProgram() { sqlite3_close_v2(handle_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  /// Runs statements; returns the values of all rows, `|` between columns.
  std::vector<std::string> Run(const std::string& sql) {
    std::vector<std::string> rows;
    const auto on_row = [](void* out, int count, char** values, char** /*names*/) {
      std::string row;
      for (int i = 0; i < count; ++i) {
        row += (i == 0 ? "" : "|") + std::string(values[i] == nullptr ? "NULL" : values[i]);
      }
      static_cast<std::vector<std::string>*>(out)->push_back(row);
      return 0;
    };
    char* message = nullptr;
    if (sqlite3_exec(handle_, sql.c_str(), on_row, &rows, &message) != SQLITE_OK) {
      throw std::runtime_error(message);
    }
    return rows;
  }

 private:
  sqlite3* handle_ = nullptr;
};

std::shared_ptr<Catalog> Open(const std::string& path, int busy_timeout_ms = 50) {
  return OpenSqliteCatalog({.name = "test",
                            .database_path = path,
                            .warehouse = path + ".tables",
                            .busy_timeout_ms = busy_timeout_ms},
                           UnsyncedFileIO());
}

TEST(SqliteFile, NewFileHasAWriteAheadLogAndTheTablesOfJdbcCatalogs) {
  const TemporaryFolder folder;
  const std::string path = folder.File("some/new/folder/c.db");
  const auto catalog = Open(path);
  OtherProgram other(path);
  EXPECT_THAT(other.Run("PRAGMA journal_mode"), ElementsAre("wal"));
  EXPECT_THAT(other.Run("SELECT name FROM pragma_table_info('iceberg_tables')"),
              ElementsAre("catalog_name", "table_namespace", "table_name", "metadata_location",
                          "previous_metadata_location", "iceberg_type"));
  EXPECT_THAT(other.Run("SELECT name FROM pragma_table_info('iceberg_namespace_properties')"),
              ElementsAre("catalog_name", "namespace", "property_key", "property_value"));
}

TEST(SqliteFile, JournalModeOfAnExistingFileStays) {
  const TemporaryFolder folder;
  const std::string path = folder.File("c.db");
  OtherProgram(path).Run("PRAGMA journal_mode = DELETE; CREATE TABLE mine (x)");
  Open(path)->CreateNamespace({"db"}, {});
  OtherProgram other(path);
  EXPECT_THAT(other.Run("PRAGMA journal_mode"), ElementsAre("delete"));
  EXPECT_THAT(other.Run("SELECT count(*) FROM mine"), ElementsAre("0"));
}

/// A file as older catalogs make it, without types of its entries.
class OldSchemaFile : public ::testing::Test {
 protected:
  OldSchemaFile() {
    OtherProgram(path_).Run(
        "CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, "
        "table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, "
        "metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), "
        "PRIMARY KEY (catalog_name, table_namespace, table_name))");
  }
  TemporaryFolder folder_;
  std::string path_ = folder_.File("c.db");
};

TEST_F(OldSchemaFile, IsUsedAsItIs) {
  const auto catalog = Open(path_);
  catalog->CreateNamespace({"db"}, {});
  const Table created = catalog->CreateTable(
      {.identifier = {{"db"}, "t"},
       .schema =
           Schema({Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString)}),
       .spec = {},
       .location = std::nullopt,
       .properties = {}});
  const Table after = AppendRows(created, *ContestRows(R"([[1, "a"]])"));
  OtherProgram other(path_);
  EXPECT_THAT(other.Run("SELECT * FROM iceberg_tables"),
              ElementsAre("test|db|t|" + after.metadata_location() + "|" +
                          created.metadata_location()));
  EXPECT_THAT(ReadRows(catalog->LoadTable({{"db"}, "t"})), ElementsAre("1|a"));
  EXPECT_THAT(catalog->ListTables({"db"}), ElementsAre(TableIdentifier{{"db"}, "t"}));
  catalog->DropTable({{"db"}, "t"});
  EXPECT_THAT(other.Run("SELECT * FROM iceberg_tables"), IsEmpty());
}

TEST(SqliteFile, EntriesThatAreNoTablesAreLeftAlone) {
  Warehouse warehouse;
  const Table table = warehouse.Create("t", {Optional(1, "id", TypeId::kLong)});
  OtherProgram(warehouse.database_path())
      .Run(
          "INSERT INTO iceberg_tables VALUES ('test', 'db', 'v', 'x', NULL, 'VIEW');"
          "UPDATE iceberg_tables SET iceberg_type = NULL WHERE table_name = 't'");
  Catalog& catalog = warehouse.catalog();
  EXPECT_THAT(catalog.ListTables({"db"}), ElementsAre(TableIdentifier{{"db"}, "t"}));
  EXPECT_FALSE(catalog.TableExists({{"db"}, "v"}));
  EXPECT_THROW(catalog.DropTable({{"db"}, "v"}), NoSuchTableError);
  EXPECT_EQ(catalog.LoadTable({{"db"}, "t"}).metadata().table_uuid,
            table.metadata().table_uuid);
  EXPECT_THROW(warehouse.Create("v", {Optional(1, "id", TypeId::kLong)}),
               TableAlreadyExistsError);
  EXPECT_THROW(catalog.DropNamespace({"db"}), NamespaceNotEmptyError);
}

TEST(SqliteFile, WhatIsNoDatabaseIsSaidToBeNone) {
  const TemporaryFolder folder;
  std::ofstream(folder.File("text.db")) << std::string(5'000, 'x');
  const Thrown thrown = WhatThrows([&] { Open(folder.File("text.db")); });
  EXPECT_EQ(thrown.class_name, "CatalogConnectionError");
  EXPECT_THAT(thrown.message,
              AllOf(HasSubstr("text.db"), HasSubstr("not an SQLite database, or damaged")));
  EXPECT_EQ(WhatThrows([&] { Open(folder.path()); }).class_name, "CatalogConnectionError");
  EXPECT_EQ(WhatThrows([&] { Open(folder.File("text.db/c.db")); }).class_name,
            "CatalogConnectionError");
}

TEST(SqliteFile, DamagedFileIsNoBugOfFloe) {
  Warehouse warehouse;
  for (int i = 0; i < 50; ++i) {
    warehouse.Create("t" + std::to_string(i), {Optional(1, "id", TypeId::kLong)});
  }
  OtherProgram(warehouse.database_path()).Run("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto size = std::filesystem::file_size(warehouse.database_path());
  for (std::uintmax_t at = 0; at < size; at += 1'024) {
    SCOPED_TRACE(at);
    const std::string path = warehouse.path() / "damaged.db";
    std::filesystem::copy_file(warehouse.database_path(), path,
                               std::filesystem::copy_options::overwrite_existing);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(512, '\xFF');
    file.close();
    const Thrown thrown = WhatThrows([&] {
      const auto catalog = Open(path);
      catalog->ListNamespaces({});
      catalog->ListTables({"db"});
      catalog->TableExists({{"db"}, "t7"});
      catalog->CreateNamespace({"x"}, {});
    });
    EXPECT_TRUE(thrown.class_name.empty() || thrown.is_expected()) << thrown;
  }
}

TEST(SqliteFile, LockedFileIsSaidToBeHeldByAnother) {
  Contest contest;
  contest.RivalAppends(R"([[1, "a"]])");
  const auto catalog = Open(contest.warehouse().database_path());
  const Table table = catalog->LoadTable({{"db"}, "t"});
  OtherProgram other(contest.warehouse().database_path());
  other.Run("BEGIN IMMEDIATE");
  EXPECT_EQ(ReadRows(catalog->LoadTable({{"db"}, "t"})), (std::vector<std::string>{"1|a"}))
      << "a write-ahead log lets readers go on";
  for (const auto& work : std::vector<std::function<void()>>{
           [&] { AppendRows(table, *ContestRows(R"([[2, "b"]])")); },
           [&] { catalog->CreateNamespace({"x"}, {}); },
           [&] { catalog->DropTable({{"db"}, "t"}); }}) {
    const Thrown thrown = WhatThrows(work);
    EXPECT_EQ(thrown.class_name, "CatalogConnectionError") << thrown;
    EXPECT_THAT(thrown.message, HasSubstr("another process holds it"));
  }
  other.Run("ROLLBACK");
  contest.Expect({"1|a"});
  AppendRows(table, *ContestRows(R"([[2, "b"]])"));
  contest.Expect({"1|a", "2|b"});
}

TEST(SqliteFile, MissingMetadataFileIsSaidToBeMissing) {
  Contest contest;
  const Table table = contest.Rivals();
  std::filesystem::remove(*LocalPath(table.metadata_location()));
  const Thrown thrown = WhatThrows([&] { contest.Rivals(); });
  EXPECT_EQ(thrown.class_name, "IoError");
  EXPECT_EQ(thrown.details.path, table.metadata_location());
  EXPECT_THAT(thrown.message, HasSubstr("the catalog points to metadata file"));
}

}  // namespace
}  // namespace floe::testing
