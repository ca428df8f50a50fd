#pragma once

#include <memory>
#include <string>
#include <vector>

#include "floe/commit/change.h"
#include "floe/manifest/data_file.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

class SnapshotWriter;

/// Adds data files to a branch (fast append): one new manifest beside those that are there,
/// none of which is read. Without files it still makes a snapshot.
class AppendFiles final : public Change {
 public:
  /// `summary` goes into the snapshot's summary; throws InvalidArgumentError for a property
  /// that the commit sets itself, and for a `branch` that HeadForWriting() refuses.
  AppendFiles(const Table& table, Properties summary,
              WriteBranch branch = std::string(kMainBranch));
  ~AppendFiles() override;

  /// A file whose `partition` follows the spec of its `spec_id`.
  AppendFiles& Add(DataFile file);

  void Validate(const Table& base) override;
  AppliedChange Apply(const Table& base) override;
  bool IsIn(const TableMetadata& metadata) const override;
  void DiscardUnused() noexcept override;
  void DiscardAll() noexcept override;

 private:
  std::unique_ptr<SnapshotWriter> writer_;
  std::vector<DataFile> files_;
};

}  // namespace floe::inline v0
