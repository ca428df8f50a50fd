#include "support/faulty_catalog.h"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/catalog.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"

namespace floe::testing {

void FaultyCatalog::Pass(const char* operation, const std::function<void()>& work) {
  faults_->Pass(std::string("catalog: ") + operation, work,
                [] { throw CatalogConnectionError("the catalog does not answer (injected)"); });
}

Table FaultyCatalog::Adopt(const Table& table) {
  return {table.identifier(), table.metadata_ptr(), table.metadata_location(),
          shared_from_this(), table.io(),           table.environment()};
}

std::vector<Namespace> FaultyCatalog::ListNamespaces(const Namespace& parent) {
  std::vector<Namespace> found;
  Pass("list namespaces", [&] { found = inner_->ListNamespaces(parent); });
  return found;
}

void FaultyCatalog::CreateNamespace(const Namespace& levels, const Properties& properties) {
  Pass("create namespace", [&] { inner_->CreateNamespace(levels, properties); });
}

bool FaultyCatalog::NamespaceExists(const Namespace& levels) {
  bool exists = false;
  Pass("look for namespace", [&] { exists = inner_->NamespaceExists(levels); });
  return exists;
}

Properties FaultyCatalog::LoadNamespaceProperties(const Namespace& levels) {
  Properties properties;
  Pass("load namespace", [&] { properties = inner_->LoadNamespaceProperties(levels); });
  return properties;
}

void FaultyCatalog::DropNamespace(const Namespace& levels) {
  Pass("drop namespace", [&] { inner_->DropNamespace(levels); });
}

std::vector<TableIdentifier> FaultyCatalog::ListTables(const Namespace& levels) {
  std::vector<TableIdentifier> tables;
  Pass("list tables", [&] { tables = inner_->ListTables(levels); });
  return tables;
}

Table FaultyCatalog::CreateTable(const CreateTableRequest& request) {
  std::optional<Table> table;
  Pass("create table", [&] { table = inner_->CreateTable(request); });
  return Adopt(*table);
}

bool FaultyCatalog::TableExists(const TableIdentifier& identifier) {
  bool exists = false;
  Pass("look for table", [&] { exists = inner_->TableExists(identifier); });
  return exists;
}

Table FaultyCatalog::StageTable(const CreateTableRequest& request) {
  std::optional<Table> table;
  Pass("stage table", [&] { table = inner_->StageTable(request); });
  return Adopt(*table);
}

std::optional<Table> FaultyCatalog::TryLoadTable(const TableIdentifier& identifier,
                                                 const LoadTableOptions& options) {
  std::optional<Table> table;
  Pass("load table", [&] { table = inner_->TryLoadTable(identifier, options); });
  return table ? std::optional(Adopt(*table)) : std::nullopt;
}

PropertiesUpdate FaultyCatalog::UpdateNamespaceProperties(
    const Namespace& levels, const Properties& updates,
    const std::vector<std::string>& removals) {
  PropertiesUpdate done;
  Pass("update namespace",
       [&] { done = inner_->UpdateNamespaceProperties(levels, updates, removals); });
  return done;
}

void FaultyCatalog::RenameTable(const TableIdentifier& from, const TableIdentifier& to) {
  Pass("rename table", [&] { inner_->RenameTable(from, to); });
}

Table FaultyCatalog::RegisterTable(const TableIdentifier& identifier,
                                   const std::string& metadata_location) {
  std::optional<Table> table;
  Pass("register table",
       [&] { table = Adopt(inner_->RegisterTable(identifier, metadata_location)); });
  return *std::move(table);
}

void FaultyCatalog::DropTable(const TableIdentifier& identifier) {
  Pass("drop table", [&] { inner_->DropTable(identifier); });
}

void FaultyCatalog::PurgeTable(const TableIdentifier& identifier) {
  Pass("purge table", [&] { inner_->PurgeTable(identifier); });
}

CommitResult FaultyCatalog::LoseAnswer(const std::string& reason) const {
  if (lost_ == Lost::kForeignException) {
    throw std::runtime_error(reason);
  }
  return {CommitResult::Outcome::kUnknown, std::nullopt, reason};
}

CommitResult FaultyCatalog::CommitTable(const Table& base, const CommitRequest& request) {
  return PassCommit([&] { return inner_->CommitTable(base, request); });
}

CommitResult FaultyCatalog::CommitTables(const std::vector<TableCommit>& commits) {
  return PassCommit([&] { return inner_->CommitTables(commits); });
}

CommitResult FaultyCatalog::PassCommit(const std::function<CommitResult()>& commit) {
  ++commit_calls_;
  if (before_commit_) {
    before_commit_(commit_calls_);
  }
  const NextCommit next = std::exchange(next_, NextCommit::kNormal);
  if (next == NextCommit::kLost) {
    return LoseAnswer("the request is lost (injected)");
  }
  std::optional<CommitResult> result;
  try {
    Pass("commit", [&] {
      result = commit();
      if (after_commit_ && result->outcome == CommitResult::Outcome::kCommitted) {
        after_commit_();
      }
    });
  } catch (const CatalogConnectionError& error) {
    if (!result) {
      throw;  // nothing was done
    }
    return LoseAnswer(error.message());
  }
  if (next == NextCommit::kDoneAndLost) {
    return LoseAnswer("the answer is lost (injected)");
  }
  if (result->table) {
    result->table = Adopt(*result->table);
  }
  return *result;
}

}  // namespace floe::testing
