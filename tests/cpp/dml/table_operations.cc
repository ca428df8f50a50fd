#include "dml/table_operations.h"

#include <arrow/type.h>

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "floe/dml/delete_rows.h"
#include "floe/dml/write_rows.h"
#include "floe/expr/expression.h"
#include "floe/metadata/snapshot.h"
#include "floe/partition/spec.h"
#include "floe/schema/schema.h"
#include "floe/schema/type.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"
#include "support/rows.h"
#include "support/warehouse.h"

namespace floe::testing {
namespace {

const TableIdentifier& Identifier() {
  static const TableIdentifier identifier{{"db"}, "t"};
  return identifier;
}

arrow::FieldVector Columns() {
  return {arrow::field("id", arrow::int64()), arrow::field("part", arrow::utf8()),
          arrow::field("value", arrow::float64())};
}

std::shared_ptr<arrow::RecordBatchReader> Rows(const std::string& json) {
  return RowsOf(arrow::schema(Columns()), {json});
}

Table CreateTable(Catalog& catalog, const Properties& properties = {}) {
  return catalog.CreateTable(
      {.identifier = Identifier(),
       .schema = Schema({Optional(1, "id", TypeId::kLong), Optional(2, "part", TypeId::kString),
                         Optional(3, "value", TypeId::kDouble)}),
       .spec = PartitionSpec(0, {PartitionBy(2, "part")}),
       .location = std::nullopt,
       .properties = properties});
}

void AppendEvolving(Catalog& catalog) {
  auto columns = Columns();
  columns.push_back(arrow::field("added", arrow::utf8()));
  const auto rows = RowsOf(arrow::schema(columns), {R"([[40, "a", 1, "x"]])"});
  AppendRows(catalog.LoadTable(Identifier()), *rows, {.evolve_schema = true});
}

void OverwriteOfPartitions(Catalog& catalog) {
  OverwritePartitions(catalog.LoadTable(Identifier()), *Rows(R"([[20, "b", 1]])"));
}

void OverwriteOfTable(Catalog& catalog) {
  OverwriteRows(catalog.LoadTable(Identifier()), Expression::True(),
                *Rows(R"([[30, "a", 1]])"));
}

/// As Delete(), with a row instead.
void OverwriteCutting(Catalog& catalog) {
  OverwriteRows(catalog.LoadTable(Identifier()), ParseExpression("id in (1, 3)"),
                *Rows(R"([[50, "a", 1]])"));
}

/// A file goes as a whole, another is cut.
void Delete(Catalog& catalog) {
  DeleteRows(catalog.LoadTable(Identifier()), ParseExpression("id in (1, 3)"));
}

}  // namespace

const std::vector<TableOperation>& TableOperations() {
  static const std::vector<std::string> before = {"1|a|0.5", "2|b|null", "3|b|1", "4|b|2"};
  static const std::vector<std::string> after_delete = {"2|b|null", "4|b|2"};
  static const std::vector<std::string> after_cut = {"2|b|null", "4|b|2", "50|a|1"};
  static const std::string mode = "write.delete.mode";
  static const std::vector<TableOperation> operations = {
      {"CreateTable", true, {}, {}, [](Catalog& catalog) { CreateTable(catalog); }},
      {"Append",
       false,
       before,
       {"10|a|1", "11|c|2", "1|a|0.5", "2|b|null", "3|b|1", "4|b|2"},
       RunAppend},
      {"AppendEvolving",
       false,
       before,
       {"1|a|0.5", "2|b|null", "3|b|1", "40|a|1", "4|b|2"},
       AppendEvolving},
      {"OverwritePartitions", false, before, {"1|a|0.5", "20|b|1"}, OverwriteOfPartitions},
      {"OverwriteTable", false, before, {"30|a|1"}, OverwriteOfTable},
      {"OverwriteCopyingOnWrite", false, before, after_cut, OverwriteCutting},
      {"OverwriteByVectors",
       false,
       before,
       after_cut,
       OverwriteCutting,
       {{mode, "merge-on-read"}, {"format-version", "3"}}},
      {"DeleteCopyingOnWrite", false, before, after_delete, Delete},
      {"DeleteKeepingRowIds", false, before, after_delete, Delete, {{"format-version", "3"}}},
      {"DeleteByPositions", false, before, after_delete, Delete, {{mode, "merge-on-read"}}},
      {"DeleteByVectors",
       false,
       before,
       after_delete,
       Delete,
       {{mode, "merge-on-read"}, {"format-version", "3"}}},
  };
  return operations;
}

void RunAppend(Catalog& catalog) {
  AppendRows(catalog.LoadTable(Identifier()), *Rows(R"([[10, "a", 1], [11, "c", 2]])"));
}

std::ostream& operator<<(std::ostream& out, const TableOperation& operation) {
  return out << operation.name;
}

void Prepare(const TableOperation& operation, Warehouse& warehouse) {
  if (operation.creates_table) {
    warehouse.catalog();
    return;
  }
  const Table table = CreateTable(warehouse.catalog(), operation.properties);
  const Table first = AppendRows(table, *Rows(R"([[1, "a", 0.5], [2, "b", null]])"));
  AppendRows(first, *Rows(R"([[3, "b", 1], [4, "b", 2]])"));
}

std::vector<std::string> RowsOfTable(const Table& table) {
  return ReadRows(table, {.selected_fields = std::vector<std::string>{"id", "part", "value"}});
}

}  // namespace floe::testing
