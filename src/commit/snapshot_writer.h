#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floe/commit/change.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/metadata/ref_editor.h"
#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

/// Says of an overwrite that it replaced whole partitions ("Optional Snapshot Summary Fields").
inline constexpr std::string_view kReplacePartitions = "replace-partitions";

/// Moves a branch, which may be new, to a snapshot.
void MoveBranch(const TableMetadata& metadata, const std::string& branch, int64_t snapshot_id,
                AppliedChange* applied);

/// What a manifest's rewrite depends on: format version and schema of its base, and what its
/// entries inherit there. One that an earlier change of the transaction wrote has another
/// sequence number on each base, and row ids may be assigned between two.
std::string KeyOf(const Table& base, const ManifestFile& manifest);

/// Counts what a snapshot adds and removes, for its summary.
class SummaryCounts {
 public:
  void AddFile(const DataFile& file) { Count(file, &added_); }
  void DeleteFile(const DataFile& file) { Count(file, &deleted_); }
  /// What is deleted are all files of the partitions that files are added to.
  void MarkPartitionsReplaced() { replaces_partitions_ = true; }
  void Merge(const SummaryCounts& other);
  /// The summary of a snapshot after `previous` (null: the first): these counts, totals where
  /// the previous ones are known, and `extra`.
  Properties Build(const Snapshot* previous, const Properties& extra) const;

 private:
  struct Counts {
    int64_t data_files = 0;
    int64_t records = 0;
    int64_t bytes = 0;  ///< of delete files, too
    int64_t position_delete_files = 0;
    int64_t deletion_vectors = 0;
    int64_t equality_delete_files = 0;
    int64_t position_deletes = 0;
    int64_t equality_deletes = 0;

    int64_t delete_files() const {
      return position_delete_files + deletion_vectors + equality_delete_files;
    }
    void Add(const Counts& other);
  };
  static void PutDeletes(const Counts& counts, std::string_view did, Properties* summary);
  void Count(const DataFile& file, Counts* counts);

  Counts added_;
  Counts deleted_;
  std::set<std::string> partitions_;
  bool replaces_partitions_ = false;
};

/// What changes that make a snapshot share: its id, the manifests and lists they write, and
/// the accounts of those files. One thread at a time, but for WriteManifest().
class SnapshotWriter {
 public:
  using EntryPredicate = std::function<bool(const ManifestEntries& entries, size_t index)>;

  /// Throws InvalidArgumentError for a `summary` that CheckSummaryProperties() refuses, and for
  /// a `branch` that HeadForWriting() does.
  SnapshotWriter(const Table& table, Properties summary, WriteBranch branch);

  int64_t snapshot_id() const { return snapshot_id_; }
  /// What the snapshot follows in `base`; nullptr if it is the first.
  SnapshotPtr Parent(const Table& base) const {
    return HeadForWriting(base.metadata(), branch_);
  }

  /// Checks that `base` is still the table, and that specs of `files` are as they were.
  void CheckBase(const Table& base, const std::vector<DataFile>& files) const;

  /// Snapshots of the branch in `base` that were not there, or not there yet, when the change
  /// was planned, the newest first; nothing if what it was planned on is not in the branch's
  /// history any more.
  std::optional<std::vector<SnapshotPtr>> AddedSince(const Table& base) const;

  /// Manifests of added data and delete files; written once for a schema and version, then
  /// used by every try.
  const std::vector<ManifestFile>& AddedManifests(const Table& base,
                                                  const std::vector<DataFile>& files);
  /// Writes a manifest of entries of one spec. Thread-safe.
  ManifestFile WriteManifest(const Table& base, int32_t spec_id,
                             const std::vector<ManifestEntry>& entries,
                             ManifestContent content = ManifestContent::kData);
  /// Writes a manifest anew, with the live entries that `is_deleted` takes as deleted: counts
  /// them, and adds their paths to `deleted`. Returns it as it is if there are none.
  /// Thread-safe.
  ManifestFile DeleteEntries(const Table& base, const ManifestFile& manifest,
                             const EntryPredicate& is_deleted, SummaryCounts* counts,
                             std::vector<std::string>* deleted);
  /// Writes the list of `manifests` and says what to commit; `added` are the data files that
  /// come with it.
  AppliedChange MakeSnapshot(const Table& base, std::string operation,
                             const SummaryCounts& counts, std::vector<ManifestFile> manifests,
                             const std::vector<DataFile>& added);

  bool IsIn(const TableMetadata& metadata) const;
  void DiscardUnused() noexcept;
  void DiscardAll() noexcept;

 private:
  void Discard(const std::set<std::string>& keep) noexcept;
  /// Writes the manifest list and returns its location.
  std::string WriteList(const Table& base, const std::vector<ManifestFile>& manifests,
                        const Snapshot& snapshot);

  const Table table_;
  const Properties summary_;
  const WriteBranch branch_;
  int64_t snapshot_id_;
  const std::string commit_uuid_;
  int attempts_ = 0;
  std::optional<std::vector<ManifestFile>> added_manifests_;
  /// Format version and schema id that added_manifests_ were written with.
  std::pair<int, int32_t> added_written_for_;
  std::set<std::string> last_used_;
  std::mutex mutex_;               // guards what follows
  std::set<std::string> written_;  // every file written
  int manifest_count_ = 0;
};

}  // namespace floe::inline v0
