#include "floe/commit/append_files.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "commit/snapshot_writer.h"
#include "floe/commit/change.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_file.h"
#include "floe/manifest/snapshot_manifests.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

AppendFiles::AppendFiles(const Table& table, Properties summary, WriteBranch branch)
    : writer_(std::make_unique<SnapshotWriter>(table, std::move(summary), std::move(branch))) {}

AppendFiles::~AppendFiles() = default;

AppendFiles& AppendFiles::Add(DataFile file) {
  files_.push_back(std::move(file));
  return *this;
}

void AppendFiles::Validate(const Table& base) { writer_->CheckBase(base, files_); }

AppliedChange AppendFiles::Apply(const Table& base) {
  std::vector<ManifestFile> manifests = writer_->AddedManifests(base, files_);
  if (const SnapshotPtr parent = writer_->Parent(base)) {
    std::vector<ManifestFile> before = ReadManifests(*base.io(), *parent);
    std::ranges::move(before, std::back_inserter(manifests));
  }
  SummaryCounts counts;
  for (const DataFile& file : files_) {
    counts.AddFile(file);
  }
  return writer_->MakeSnapshot(base, "append", counts, manifests, files_);
}

bool AppendFiles::IsIn(const TableMetadata& metadata) const { return writer_->IsIn(metadata); }
void AppendFiles::DiscardUnused() noexcept { writer_->DiscardUnused(); }
void AppendFiles::DiscardAll() noexcept { writer_->DiscardAll(); }

}  // namespace floe::inline v0
