#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "avro/avro_container.h"
#include "avro/avro_cursor.h"
#include "avro/avro_schema.h"
#include "floe/base/error.h"
#include "floe/expr/bound.h"
#include "floe/expr/prune.h"
#include "floe/io/file_io.h"
#include "floe/manifest/data_file.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "floe/partition/spec.h"
#include "floe/schema/type.h"
#include "manifest/avro_field.h"
#include "manifest/data_file_decoder.h"
#include "manifest/manifest_fields.h"
#include "manifest/manifest_schema.h"

namespace floe::inline v0 {

namespace ids = manifest_field;

namespace {

RawPartitionValue Unpack(const PackedValue& packed, std::string_view arena) {
  RawPartitionValue value;
  value.kind = static_cast<RawPartitionValue::Kind>(packed.kind);
  switch (packed.kind) {
    case PackedValue::Kind::kNull:
      break;
    case PackedValue::Kind::kInteger:
      value.integer = packed.integer;
      break;
    case PackedValue::Kind::kDouble:
      value.floating = packed.floating;
      break;
    case PackedValue::Kind::kBytes:
      value.bytes = arena.substr(packed.bytes.offset, packed.bytes.size);
      break;
  }
  return value;
}

PartitionValues ToLiterals(const Type& partition_type,
                           const std::vector<RawPartitionValue>& raw) {
  PartitionValues values;
  values.reserve(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) {
    values.push_back(PartitionLiteral(partition_type.fields()[i].type, raw[i]));
  }
  return values;
}

[[noreturn]] void ThrowCorrupt(const std::string& location, const AvroDataError& error) {
  throw CorruptFileError(fmt::format("corrupt manifest {}: {}", location, error.problem),
                         {.path = location});
}

std::vector<int32_t> WantedColumns(const ManifestReadOptions& options) {
  return options.row_filter ? ColumnsOf(*options.row_filter) : std::vector<int32_t>{};
}

}  // namespace

/// Reads one manifest into a ManifestEntries.
class ManifestReader {
 public:
  ManifestReader(const ManifestFile& manifest, const Type& partition_type,
                 const ManifestReadOptions& options)
      : manifest_(manifest),
        options_(options),
        statistics_(WantedColumns(options)),
        entries_(std::make_shared<ManifestEntries>()),
        next_row_id_(manifest.first_row_id) {
    entries_->location_ = manifest.manifest_path;
    entries_->spec_id_ = manifest.partition_spec_id;
    entries_->partition_type_ = partition_type;
    Reserve();
  }

  ManifestEntriesPtr Read(std::string_view content) {
    AvroContainerReader container(content, manifest_.manifest_path);
    Prepare(container);
    container.ForEachBlock([&](int64_t count, AvroCursor& cursor) {
      for (; count > 0; --count) {
        ReadEntry(cursor);
        ++entries_read_;
      }
    });
    CheckComplete(content.size());
    Trim();
    return entries_;
  }

 private:
  void Reserve() {
    if (options_.partition_filter || options_.row_filter) {
      return;
    }
    // Counts come from a file, so they are only a hint.
    constexpr int64_t kMostReserved = 1 << 20;
    const auto count = static_cast<size_t>(
        std::clamp<int64_t>(manifest_.added_files_count.value_or(0), 0, kMostReserved) +
        std::clamp<int64_t>(manifest_.existing_files_count.value_or(0), 0, kMostReserved));
    for (auto* column : {&entries_->record_count_, &entries_->file_size_}) {
      column->reserve(count);
    }
  }

  /// Gives back what the arrays have grown beyond their contents.
  void Trim() {
    ManifestEntries& out = *entries_;
    const auto trim = [](auto&... columns) { (columns.shrink_to_fit(), ...); };
    trim(out.status_, out.content_, out.file_format_, out.all_rows_match_, out.snapshot_id_,
         out.sequence_number_, out.file_sequence_number_, out.record_count_, out.file_size_,
         out.path_offset_, out.path_size_, out.record_offset_, out.record_size_,
         out.first_row_id_, out.deletes_, out.equality_ids_, out.partitions_, out.arena_);
  }

  /// A file that ends between two blocks is whole for Avro. Both what the manifest list says
  /// of its size and of its entries must speak against it: writers are known to get one wrong.
  void CheckComplete(size_t size) const {
    if (static_cast<int64_t>(size) >= manifest_.manifest_length) {
      return;
    }
    int64_t surplus = entries_read_;
    for (const auto& count : {manifest_.added_files_count, manifest_.existing_files_count,
                              manifest_.deleted_files_count}) {
      if (!count) {
        return;
      }
      surplus -= std::min(*count, surplus + 1);
    }
    if (surplus < 0) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: it has {} bytes and {} entries, but the manifest "
                      "list says {} bytes and more entries; the file seems to be cut off",
                      manifest_.manifest_path, size, entries_read_, manifest_.manifest_length),
          {.path = manifest_.manifest_path});
    }
  }

  void Prepare(const AvroContainerReader& container) {
    const AvroSchema& entry = container.schema();
    if (entry.kind == AvroKind::kRecord) {
      fields_ = FieldsOf(entry, KnownEntryFields());
      for (const OptionalAvroField& resolved : fields_) {
        if (resolved.field_id == ids::kDataFile && resolved.schema->kind == AvroKind::kRecord) {
          decoder_ = std::make_shared<const DataFileDecoder>(
              container.schema_ptr(), *resolved.schema, *entries_->partition_type_,
              manifest_.partition_spec_id, manifest_.manifest_path);
        }
        if (resolved.field_id >= 0 && resolved.field_id <= ids::kFileSequenceNumber &&
            resolved.field_id != ids::kDataFile && !resolved.is_integer()) {
          decoder_ = nullptr;
          break;
        }
      }
    }
    if (decoder_ == nullptr) {
      throw CorruptFileError(
          fmt::format("corrupt manifest {}: its Avro schema is not that of manifest entries",
                      manifest_.manifest_path),
          {.path = manifest_.manifest_path});
    }
    if (options_.keep_details) {
      entries_->decoder_ = decoder_;
    }
    // Version 1 had no sequence numbers: those files are older than all that have one.
    inherited_number_ =
        container.Metadata("format-version") == "1" ? 0 : manifest_.sequence_number.value_or(0);
  }

  void ReadEntry(AvroCursor& cursor) {
    std::optional<int64_t> status;
    std::optional<int64_t> snapshot_id;
    std::optional<int64_t> sequence_number;
    std::optional<int64_t> file_sequence_number;
    std::string_view record;
    for (const OptionalAvroField& field : fields_) {
      if (!field.HasValue(cursor)) {
        continue;
      }
      switch (field.field_id) {
        case ids::kStatus:
          status = cursor.ReadLong();
          break;
        case ids::kSnapshotId:
          snapshot_id = cursor.ReadLong();
          break;
        case ids::kSequenceNumber:
          sequence_number = cursor.ReadLong();
          break;
        case ids::kFileSequenceNumber:
          file_sequence_number = cursor.ReadLong();
          break;
        case ids::kDataFile: {
          const char* start = cursor.position();
          decoder_->DecodeOutline(cursor, &outline_, &partition_, &statistics_);
          record = {start, static_cast<size_t>(cursor.position() - start)};
          break;
        }
        default:
          cursor.Skip(*field.schema);
      }
    }
    if (!status || *status < 0 || *status > 2 || record.empty()) {
      cursor.Fail("an entry without a status or a file");
    }
    InheritFirstRowId(static_cast<EntryStatus>(*status), cursor);
    Keep(static_cast<EntryStatus>(*status), snapshot_id.value_or(manifest_.added_snapshot_id),
         Inherit(sequence_number, *status, cursor),
         Inherit(file_sequence_number, *status, cursor), record);
  }

  /// Added files take the sequence number of their manifest's commit.
  int64_t Inherit(std::optional<int64_t> number, int64_t status,
                  const AvroCursor& cursor) const {
    if (number) {
      return *number;
    }
    // Nobody needs the number of a file that is gone.
    if (inherited_number_ != 0 && static_cast<EntryStatus>(status) == EntryStatus::kExisting) {
      cursor.Fail("a file that was not added here has no sequence number");
    }
    return inherited_number_;
  }

  /// Live data files without a row id take the manifest's, one after the other (specification,
  /// "First Row ID Inheritance"), whether or not a filter lets them through.
  void InheritFirstRowId(EntryStatus status, const AvroCursor& cursor) {
    if (outline_.content != FileContent::kData || manifest_.content != ManifestContent::kData) {
      outline_.first_row_id.reset();
      return;
    }
    if (outline_.first_row_id || !next_row_id_ || status == EntryStatus::kDeleted) {
      return;
    }
    outline_.first_row_id = next_row_id_;
    if (outline_.record_count > std::numeric_limits<int64_t>::max() - *next_row_id_) {
      cursor.Fail("row ids beyond 64 bits");
    }
    *next_row_id_ += outline_.record_count;
  }

  bool IsWanted(EntryStatus status, bool* all_rows_match) const {
    if (status == EntryStatus::kDeleted && !options_.include_deleted) {
      return false;
    }
    *all_rows_match = false;
    if (options_.partition_filter || options_.strict_partition_filter) {
      const PartitionValues values = ToLiterals(*entries_->partition_type_, partition_);
      if (options_.partition_filter && !EvaluatePartition(*options_.partition_filter, values)) {
        return false;
      }
      *all_rows_match = options_.strict_partition_filter &&
                        EvaluatePartition(*options_.strict_partition_filter, values);
    }
    if (options_.row_filter) {
      if (!RowsMayMatch(*options_.row_filter, statistics_)) {
        return false;
      }
      *all_rows_match = *all_rows_match || AllRowsMatch(*options_.row_filter, statistics_);
    }
    return true;
  }

  void Keep(EntryStatus status, int64_t snapshot_id, int64_t sequence_number,
            int64_t file_sequence_number, std::string_view record) {
    bool all_rows_match = false;
    if (!IsWanted(status, &all_rows_match)) {
      return;
    }
    ManifestEntries& out = *entries_;
    out.status_.push_back(static_cast<uint8_t>(status));
    out.content_.push_back(static_cast<uint8_t>(outline_.content));
    out.file_format_.push_back(static_cast<uint8_t>(outline_.format));
    out.all_rows_match_.push_back(all_rows_match ? 1 : 0);
    out.snapshot_id_.push_back(snapshot_id);
    out.sequence_number_.push_back(sequence_number);
    out.file_sequence_number_.push_back(file_sequence_number);
    out.record_count_.push_back(outline_.record_count);
    out.file_size_.push_back(outline_.file_size);
    uint32_t path_offset = 0;
    if (options_.keep_details) {
      const uint32_t offset = Store(record);
      out.record_offset_.push_back(offset);
      out.record_size_.push_back(static_cast<uint32_t>(record.size()));
      path_offset = offset + static_cast<uint32_t>(outline_.path.data() - record.data());
    } else {
      path_offset = Store(outline_.path);
    }
    out.path_offset_.push_back(path_offset);
    out.path_size_.push_back(static_cast<uint32_t>(outline_.path.size()));
    for (const RawPartitionValue& value : partition_) {
      out.partitions_.push_back(Pack(value));
    }
    KeepRareMembers();
  }

  /// What few manifests have: arrays that stay empty in the others.
  void KeepRareMembers() {
    ManifestEntries& out = *entries_;
    const size_t before = out.status_.size() - 1;
    if (outline_.first_row_id || !out.first_row_id_.empty()) {
      out.first_row_id_.resize(before, -1);
      out.first_row_id_.push_back(outline_.first_row_id.value_or(-1));
    }
    if (outline_.content == FileContent::kData && out.deletes_.empty()) {
      return;
    }
    out.deletes_.resize(before);
    ManifestEntries::DeleteMembers members;
    if (outline_.referenced_data_file) {
      members.referenced_data_file = StoreBytes(*outline_.referenced_data_file);
    }
    members.content_offset = outline_.content_offset;
    members.content_size_in_bytes = outline_.content_size_in_bytes;
    members.equality_ids_begin = static_cast<uint32_t>(out.equality_ids_.size());
    members.equality_ids_size = static_cast<uint32_t>(outline_.equality_ids.size());
    out.equality_ids_.insert(out.equality_ids_.end(), outline_.equality_ids.begin(),
                             outline_.equality_ids.end());
    out.deletes_.push_back(members);
  }

  PackedBytes StoreBytes(std::string_view bytes) {
    return {Store(bytes), static_cast<uint32_t>(bytes.size())};
  }

  uint32_t Store(std::string_view bytes) {
    const size_t offset = entries_->arena_.size();
    if (offset + bytes.size() > std::numeric_limits<uint32_t>::max()) {
      throw UnsupportedError(
          fmt::format("manifest {} has more than 4 GiB of entries", manifest_.manifest_path),
          {.path = manifest_.manifest_path});
    }
    entries_->arena_.append(bytes);
    return static_cast<uint32_t>(offset);
  }

  PackedValue Pack(const RawPartitionValue& value) {
    PackedValue packed{};
    packed.kind = static_cast<PackedValue::Kind>(value.kind);
    switch (value.kind) {
      case RawPartitionValue::Kind::kNull:
        break;
      case RawPartitionValue::Kind::kInteger:
        packed.integer = value.integer;
        break;
      case RawPartitionValue::Kind::kDouble:
        packed.floating = value.floating;
        break;
      case RawPartitionValue::Kind::kBytes:
        packed.bytes = StoreBytes(value.bytes);
        break;
    }
    return packed;
  }

  const ManifestFile& manifest_;
  const ManifestReadOptions& options_;
  StatisticsSlots statistics_;
  std::shared_ptr<ManifestEntries> entries_;
  std::vector<OptionalAvroField> fields_;
  std::shared_ptr<const DataFileDecoder> decoder_;
  FileOutline outline_;
  std::vector<RawPartitionValue> partition_;
  int64_t entries_read_ = 0;
  std::optional<int64_t> next_row_id_;
  int64_t inherited_number_ = 0;
};

PartitionValues ManifestEntries::partition(size_t i) const {
  const size_t fields = partition_type_->fields().size();
  std::vector<RawPartitionValue> raw;
  for (size_t f = 0; f < fields; ++f) {
    raw.push_back(Unpack(partitions_[i * fields + f], arena_));
  }
  try {
    return ToLiterals(*partition_type_, raw);
  } catch (const AvroDataError& error) {
    ThrowCorrupt(location_, error);
  }
}

std::optional<std::string_view> ManifestEntries::referenced_data_file(size_t i) const {
  if (deletes_.size() <= i || !deletes_[i].referenced_data_file) {
    return std::nullopt;
  }
  const PackedBytes& bytes = *deletes_[i].referenced_data_file;
  return std::string_view(arena_).substr(bytes.offset, bytes.size);
}

std::optional<int64_t> ManifestEntries::content_offset(size_t i) const {
  return deletes_.size() <= i ? std::nullopt : deletes_[i].content_offset;
}

std::optional<int64_t> ManifestEntries::content_size_in_bytes(size_t i) const {
  return deletes_.size() <= i ? std::nullopt : deletes_[i].content_size_in_bytes;
}

std::span<const int32_t> ManifestEntries::equality_ids(size_t i) const {
  if (deletes_.size() <= i) {
    return {};
  }
  return std::span(equality_ids_)
      .subspan(deletes_[i].equality_ids_begin, deletes_[i].equality_ids_size);
}

DataFile ManifestEntries::ToDataFile(size_t i) const {
  DataFile file;
  if (decoder_ != nullptr) {
    try {
      file =
          decoder_->Decode(std::string_view(arena_).substr(record_offset_[i], record_size_[i]));
    } catch (const AvroDataError& error) {
      ThrowCorrupt(location_, error);
    }
    file.first_row_id = first_row_id(i);
    return file;
  }
  file.content = content(i);
  file.file_path = file_path(i);
  file.file_format = file_format(i);
  file.spec_id = spec_id_;
  file.partition = partition(i);
  file.record_count = record_count_[i];
  file.file_size_in_bytes = file_size_[i];
  file.first_row_id = first_row_id(i);
  file.referenced_data_file = referenced_data_file(i);
  file.content_offset = content_offset(i);
  file.content_size_in_bytes = content_size_in_bytes(i);
  const std::span<const int32_t> ids = equality_ids(i);
  file.equality_ids.assign(ids.begin(), ids.end());
  return file;
}

size_t ManifestEntries::memory_bytes() const {
  const auto bytes = [](const auto&... columns) {
    return ((columns.capacity() * sizeof(columns[0])) + ...);
  };
  return sizeof(*this) + bytes(status_, content_, file_format_, all_rows_match_, snapshot_id_,
                               sequence_number_, file_sequence_number_, record_count_,
                               file_size_, path_offset_, path_size_, record_offset_,
                               record_size_, first_row_id_, deletes_, equality_ids_,
                               partitions_, arena_);
}

ManifestEntriesPtr ReadManifest(FileIO& io, const ManifestFile& manifest,
                                const Type& partition_type,
                                const ManifestReadOptions& options) {
  if (io.IsFar(manifest.manifest_path)) {
    try {
      return ManifestReader(manifest, partition_type, options)
          .Read(ReadFile(io, manifest.manifest_path, manifest.manifest_length));
      // NOLINTNEXTLINE(bugprone-empty-catch): the length may be wrong; read without it below
    } catch (const CorruptFileError&) {
    }
  }
  return ManifestReader(manifest, partition_type, options)
      .Read(ReadFile(io, manifest.manifest_path));
}

}  // namespace floe::inline v0
