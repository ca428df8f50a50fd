#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "floe/io/file_io.h"
#include "floe/table/catalog.h"
#include "support/fault_point.h"

namespace floe::testing {

/// Another catalog, whose calls pass a fault point. Tables it hands out belong to it.
class FaultyCatalog final : public Catalog {
 public:
  /// How a commit whose answer is lost shows it.
  enum class Lost : uint8_t { kUnknownOutcome, kForeignException };
  /// What becomes of the next commit.
  enum class NextCommit : uint8_t { kNormal, kDoneAndLost, kLost };

  FaultyCatalog(std::shared_ptr<Catalog> inner, std::shared_ptr<FaultPoint> faults)
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  /// Called before each commit, with its number from 1 on: someone else comes first.
  void BeforeCommit(std::function<void(int)> hook) { before_commit_ = std::move(hook); }
  /// Decides about the next commit, beside the fault point.
  void Next(NextCommit next) { next_ = next; }
  /// Called after each commit that was made.
  void AfterCommit(std::function<void()> hook) { after_commit_ = std::move(hook); }
  void LoseAnswersAs(Lost lost) { lost_ = lost; }
  int commit_calls() const { return commit_calls_; }

  const std::string& name() const override { return inner_->name(); }
  std::vector<Namespace> ListNamespaces(const Namespace& parent) override;
  void CreateNamespace(const Namespace& levels, const Properties& properties) override;
  bool NamespaceExists(const Namespace& levels) override;
  Properties LoadNamespaceProperties(const Namespace& levels) override;
  PropertiesUpdate UpdateNamespaceProperties(const Namespace& levels, const Properties& updates,
                                             const std::vector<std::string>& removals) override;
  void DropNamespace(const Namespace& levels) override;
  std::vector<TableIdentifier> ListTables(const Namespace& levels) override;
  Table CreateTable(const CreateTableRequest& request) override;
  bool TableExists(const TableIdentifier& identifier) override;
  Table StageTable(const CreateTableRequest& request) override;
  std::optional<Table> TryLoadTable(const TableIdentifier& identifier,
                                    const LoadTableOptions& options) override;
  void DropTable(const TableIdentifier& identifier) override;
  void PurgeTable(const TableIdentifier& identifier) override;
  void RenameTable(const TableIdentifier& from, const TableIdentifier& to) override;
  Table RegisterTable(const TableIdentifier& identifier,
                      const std::string& metadata_location) override;
  CommitResult CommitTable(const Table& base, const CommitRequest& request) override;
  CommitResult CommitTables(const std::vector<TableCommit>& commits) override;

 private:
  void Pass(const char* operation, const std::function<void()>& work);
  Table Adopt(const Table& table);
  CommitResult PassCommit(const std::function<CommitResult()>& commit);
  CommitResult LoseAnswer(const std::string& reason) const;

  const std::shared_ptr<Catalog> inner_;
  const std::shared_ptr<FaultPoint> faults_;
  std::function<void(int)> before_commit_;
  std::function<void()> after_commit_;
  Lost lost_ = Lost::kUnknownOutcome;
  NextCommit next_ = NextCommit::kNormal;
  int commit_calls_ = 0;
};

}  // namespace floe::testing
