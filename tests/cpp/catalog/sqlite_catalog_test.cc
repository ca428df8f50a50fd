// Namespaces and tables of the SQLite catalog, by name.

#include "floe/catalog/sqlite_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "support/table_audit.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class SqliteCatalogTest : public ::testing::Test {
 protected:
  CreateTableRequest Request(const Namespace& levels, const std::string& name) {
    return {.identifier = {levels, name},
            .schema = Schema({Optional(1, "id", TypeId::kLong)}),
            .spec = PartitionSpec(),
            .location = std::nullopt,
            .properties = {}};
  }
  Table Create(const std::string& name) { return catalog_.CreateTable(Request({"db"}, name)); }
  std::set<std::string> Files() { return FilesIn(warehouse_.path() / "tables"); }

  Warehouse warehouse_;
  Catalog& catalog_ = warehouse_.catalog();
};

TEST_F(SqliteCatalogTest, NamespacesAreListedLevelByLevel) {
  catalog_.CreateNamespace({"a", "b", "c"}, {});
  catalog_.CreateNamespace({"a_b"}, {});
  catalog_.CreateNamespace({"aXb"}, {});
  EXPECT_THAT(catalog_.ListNamespaces({}),
              ElementsAre(Namespace{"a"}, Namespace{"aXb"}, Namespace{"a_b"}, Namespace{"db"}));
  EXPECT_THAT(catalog_.ListNamespaces({"a"}), ElementsAre(Namespace{"a", "b"}));
  EXPECT_THAT(catalog_.ListNamespaces({"a", "b", "c"}), IsEmpty());
  EXPECT_TRUE(catalog_.NamespaceExists({"a", "b"}));
  EXPECT_FALSE(catalog_.NamespaceExists({"b"}));
  EXPECT_THROW(catalog_.ListNamespaces({"b"}), NoSuchNamespaceError);
}

TEST_F(SqliteCatalogTest, NamespacePropertiesAreKept) {
  const Properties properties = {{"location", "/somewhere"}, {"owner's", "\"me\"; --"}};
  catalog_.CreateNamespace({"p"}, properties);
  EXPECT_EQ(catalog_.LoadNamespaceProperties({"p"}), properties);
  EXPECT_THROW(catalog_.CreateNamespace({"p"}, {}), NamespaceAlreadyExistsError);
  EXPECT_THROW(catalog_.LoadNamespaceProperties({"q"}), NoSuchNamespaceError);
}

TEST_F(SqliteCatalogTest, OnlyEmptyNamespacesAreDropped) {
  catalog_.CreateNamespace({"a"}, {{"x", "1"}, {"y", "2"}});
  catalog_.CreateNamespace({"a", "b"}, {});
  EXPECT_THROW(catalog_.DropNamespace({"a"}), NamespaceNotEmptyError);
  catalog_.CreateTable(Request({"a", "b"}, "t"));
  EXPECT_THROW(catalog_.DropNamespace({"a", "b"}), NamespaceNotEmptyError);
  catalog_.DropTable({{"a", "b"}, "t"});
  catalog_.DropNamespace({"a", "b"});
  catalog_.DropNamespace({"a"});
  EXPECT_FALSE(catalog_.NamespaceExists({"a"}));
  EXPECT_THROW(catalog_.DropNamespace({"a"}), NoSuchNamespaceError);
}

TEST_F(SqliteCatalogTest, TablesAreListedOfTheirNamespaceOnly) {
  Create("b");
  Create("a");
  catalog_.CreateNamespace({"db", "sub"}, {});
  catalog_.CreateTable(Request({"db", "sub"}, "c"));
  EXPECT_THAT(catalog_.ListTables({"db"}),
              ElementsAre(TableIdentifier{{"db"}, "a"}, TableIdentifier{{"db"}, "b"}));
  EXPECT_THROW(catalog_.ListTables({"nowhere"}), NoSuchNamespaceError);
  EXPECT_TRUE(catalog_.TableExists({{"db"}, "a"}));
  EXPECT_FALSE(catalog_.TableExists({{"db"}, "A"}));
}

TEST_F(SqliteCatalogTest, ErrorsNameTheTable) {
  Create("t");
  try {
    Create("t");
    ADD_FAILURE();
  } catch (const TableAlreadyExistsError& error) {
    EXPECT_EQ(error.details().table, "db.t");
    EXPECT_THAT(error.what(), HasSubstr("catalog 'test'"));
  }
  EXPECT_THROW(catalog_.LoadTable({{"db"}, "u"}), NoSuchTableError);
  EXPECT_THROW(catalog_.DropTable({{"db"}, "u"}), NoSuchTableError);
  EXPECT_EQ(catalog_.TryLoadTable({{"db"}, "u"}, {}), std::nullopt);
  EXPECT_THROW(catalog_.CreateTable(Request({"nowhere"}, "t")), NoSuchNamespaceError);
}

TEST_F(SqliteCatalogTest, NamesMayHaveAnythingButDotsAndSlashes) {
  for (const char* name : {"Ünïcode 表", "a'b\"c`d", "x; DROP TABLE iceberg_tables; --", "%_",
                           " ", "a\\b", "CON", "#?&"}) {
    SCOPED_TRACE(name);
    catalog_.CreateNamespace({name}, {});
    const Table table = catalog_.CreateTable(Request({name}, name));
    EXPECT_THAT(catalog_.ListTables({name}), ElementsAre(TableIdentifier{{name}, name}));
    EXPECT_EQ(catalog_.LoadTable({{name}, name}).metadata().table_uuid,
              table.metadata().table_uuid);
    EXPECT_TRUE(catalog_.NamespaceExists({name}));
    catalog_.DropTable({{name}, name});
    catalog_.DropNamespace({name});
  }
  for (const std::string& name : {std::string(), std::string("a.b"), std::string("a/b"),
                                  std::string(".."), std::string("a\0b", 3)}) {
    SCOPED_TRACE(name);
    EXPECT_THROW(catalog_.CreateNamespace({name}, {}), InvalidArgumentError);
    EXPECT_THROW(catalog_.CreateTable(Request({"db"}, name)), InvalidArgumentError);
  }
  EXPECT_THROW(catalog_.CreateNamespace({}, {}), InvalidArgumentError);
}

TEST_F(SqliteCatalogTest, DropKeepsTheFilesAndTheNameIsFree) {
  const Table first = Create("t");
  catalog_.DropTable({{"db"}, "t"});
  EXPECT_THAT(Files(), ElementsAre(first.metadata_location()));
  const Table second = Create("t");
  EXPECT_NE(first.metadata().table_uuid, second.metadata().table_uuid);
  EXPECT_THROW(first.catalog().LoadTable({{"db"}, "u"}), NoSuchTableError);
}

TEST_F(SqliteCatalogTest, LocationIsTheRequestsOrTheNamespacesOrTheWarehouses) {
  EXPECT_EQ(Create("t").metadata().location, warehouse_.location() + "/db/t");
  const std::string elsewhere = warehouse_.path() / "elsewhere";
  catalog_.CreateNamespace({"moved"}, {{"location", elsewhere}});
  EXPECT_EQ(catalog_.CreateTable(Request({"moved"}, "t")).metadata().location,
            "file://" + elsewhere + "/t");
  CreateTableRequest request = Request({"db"}, "placed");
  request.location = elsewhere + "/x/../placed/";
  EXPECT_EQ(catalog_.CreateTable(request).metadata().location,
            "file://" + elsewhere + "/placed");
}

TEST_F(SqliteCatalogTest, WithoutAnyLocationThereIsNoTable) {
  const auto catalog =
      OpenSqliteCatalog({.name = "bare", .database_path = ""}, UnsyncedFileIO());
  catalog->CreateNamespace({"db"}, {});
  EXPECT_THROW(catalog->CreateTable(Request({"db"}, "t")), InvalidArgumentError);
  EXPECT_THAT(catalog->ListTables({"db"}), IsEmpty());
}

TEST_F(SqliteCatalogTest, RefusedTableLeavesNothing) {
  CreateTableRequest request = Request({"db"}, "t");
  request.properties = {{"format-version", "4"}};
  EXPECT_THROW(catalog_.CreateTable(request), UnsupportedError);
  request.properties = {{"format-version", "two"}};
  EXPECT_THROW(catalog_.CreateTable(request), InvalidArgumentError);
  request.properties = {{"write.target-file-size-bytes", "many"}};
  EXPECT_THROW(catalog_.CreateTable(request), InvalidArgumentError);
  request.properties = {};
  request.spec = PartitionSpec(0, {PartitionBy(1, "id", "month")});
  EXPECT_THROW(catalog_.CreateTable(request), InvalidArgumentError);
  request.spec = PartitionSpec();
  request.location = "s3://bucket/t";
  EXPECT_THROW(catalog_.CreateTable(request), UnsupportedError);
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_FALSE(catalog_.TableExists({{"db"}, "t"}));
}

TEST_F(SqliteCatalogTest, CreatedTableHasFreshIdsAndNoFormatVersionProperty) {
  CreateTableRequest request = Request({"db"}, "t");
  request.schema = Schema({Required(70, "b", TypeId::kInt), Optional(7, "a", TypeId::kDate)});
  request.spec = PartitionSpec(0, {PartitionBy(7, "a", "month")});
  request.properties = {{"format-version", "2"}, {"x", "y"}};
  const TableMetadata metadata = catalog_.CreateTable(request).metadata();
  EXPECT_EQ(metadata.schema()->Find("b")->field->id, 1);
  EXPECT_EQ(metadata.schema()->Find("a")->field->id, 2);
  EXPECT_EQ(metadata.spec()->fields()[0].source_id, 2);
  EXPECT_EQ(metadata.spec()->fields()[0].field_id, 1000);
  EXPECT_THAT(metadata.properties, ElementsAre(std::pair<std::string, std::string>("x", "y")));
  EXPECT_EQ(metadata.last_column_id, 2);
}

TEST_F(SqliteCatalogTest, CatalogsOfOneFileDoNotSeeEachOther) {
  Create("t");
  const auto other = OpenSqliteCatalog({.name = "other",
                                        .database_path = warehouse_.database_path(),
                                        .warehouse = warehouse_.path() / "other"},
                                       UnsyncedFileIO());
  EXPECT_THAT(other->ListNamespaces({}), IsEmpty());
  other->CreateNamespace({"db"}, {});
  EXPECT_FALSE(other->TableExists({{"db"}, "t"}));
  other->CreateTable(Request({"db"}, "t"));
  other->DropTable({{"db"}, "t"});
  other->DropNamespace({"db"});
  EXPECT_TRUE(catalog_.TableExists({{"db"}, "t"}));
}

TEST_F(SqliteCatalogTest, ConnectionsSeeEachOthersChanges) {
  const auto other = warehouse_.Open();
  Create("t");
  EXPECT_TRUE(other->TableExists({{"db"}, "t"}));
  other->DropTable({{"db"}, "t"});
  EXPECT_FALSE(catalog_.TableExists({{"db"}, "t"}));
}

}  // namespace
}  // namespace floe::testing
