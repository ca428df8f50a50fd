#include "metadata/statistics_json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/metadata/encryption_key.h"
#include "floe/metadata/statistics_file.h"
#include "metadata/snapshot_json.h"

namespace floe::inline v0 {
namespace {

StatisticsBlob ReadBlob(JsonValue& value) {
  StatisticsBlob blob;
  std::optional<std::string> type;
  std::optional<int64_t> snapshot_id;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "type") {
      type = member.AsString();
    } else if (key == "snapshot-id") {
      snapshot_id = member.AsInt64();
    } else if (key == "sequence-number") {
      blob.sequence_number = member.AsInt64();
    } else if (key == "fields") {
      member.ForEachElement([&](JsonValue& id) { blob.fields.push_back(id.AsInt32()); });
    } else if (key == "properties") {
      if (!member.IsNull()) {
        blob.properties = ReadProperties(member);
      }
    } else {
      KeepExtra(key, member, &blob.extras);
    }
  });
  blob.type = value.Require(type, "type");
  blob.snapshot_id = value.Require(snapshot_id, "snapshot-id");
  return blob;
}

void WriteBlob(const StatisticsBlob& blob, JsonWriter* writer) {
  writer->BeginObject().Member("type", blob.type).Member("snapshot-id", blob.snapshot_id);
  writer->Member("sequence-number", blob.sequence_number).Key("fields").BeginArray();
  for (const int32_t id : blob.fields) {
    writer->Int(id);
  }
  writer->EndArray();
  if (!blob.properties.empty()) {
    writer->Key("properties");
    WriteProperties(blob.properties, writer);
  }
  writer->Extras(blob.extras).EndObject();
}

}  // namespace

StatisticsFile ReadStatisticsFile(JsonValue& value) {
  StatisticsFile file;
  std::optional<int64_t> snapshot_id;
  std::optional<std::string> path;
  std::optional<int64_t> size;
  std::optional<int64_t> footer_size;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "snapshot-id") {
      snapshot_id = member.AsInt64();
    } else if (key == "statistics-path") {
      path = member.AsString();
    } else if (key == "file-size-in-bytes") {
      size = member.AsInt64();
    } else if (key == "file-footer-size-in-bytes") {
      footer_size = member.AsInt64();
    } else if (key == "key-metadata") {
      if (!member.IsNull()) {
        file.key_metadata = member.AsString();
      }
    } else if (key == "blob-metadata") {
      member.ForEachElement(
          [&](JsonValue& blob) { file.blob_metadata.push_back(ReadBlob(blob)); });
    } else {
      KeepExtra(key, member, &file.extras);
    }
  });
  file.snapshot_id = value.Require(snapshot_id, "snapshot-id");
  file.statistics_path = value.Require(path, "statistics-path");
  file.file_size_in_bytes = value.Require(size, "file-size-in-bytes");
  file.file_footer_size_in_bytes = value.Require(footer_size, "file-footer-size-in-bytes");
  return file;
}

void WriteStatisticsFile(const StatisticsFile& file, JsonWriter* writer) {
  writer->BeginObject().Member("snapshot-id", file.snapshot_id);
  writer->Member("statistics-path", file.statistics_path);
  writer->Member("file-size-in-bytes", file.file_size_in_bytes);
  writer->Member("file-footer-size-in-bytes", file.file_footer_size_in_bytes);
  if (file.key_metadata) {
    writer->Member("key-metadata", *file.key_metadata);
  }
  writer->Key("blob-metadata").BeginArray();
  for (const StatisticsBlob& blob : file.blob_metadata) {
    WriteBlob(blob, writer);
  }
  writer->EndArray().Extras(file.extras).EndObject();
}

PartitionStatisticsFile ReadPartitionStatisticsFile(JsonValue& value) {
  PartitionStatisticsFile file;
  std::optional<int64_t> snapshot_id;
  std::optional<std::string> path;
  std::optional<int64_t> size;
  value.ForEachMember([&](std::string_view key, JsonValue& member) {
    if (key == "snapshot-id") {
      snapshot_id = member.AsInt64();
    } else if (key == "statistics-path") {
      path = member.AsString();
    } else if (key == "file-size-in-bytes") {
      size = member.AsInt64();
    } else {
      KeepExtra(key, member, &file.extras);
    }
  });
  file.snapshot_id = value.Require(snapshot_id, "snapshot-id");
  file.statistics_path = value.Require(path, "statistics-path");
  file.file_size_in_bytes = value.Require(size, "file-size-in-bytes");
  return file;
}

void WritePartitionStatisticsFile(const PartitionStatisticsFile& file, JsonWriter* writer) {
  writer->BeginObject().Member("snapshot-id", file.snapshot_id);
  writer->Member("statistics-path", file.statistics_path);
  writer->Member("file-size-in-bytes", file.file_size_in_bytes);
  writer->Extras(file.extras).EndObject();
}

EncryptionKey ReadEncryptionKey(JsonValue& value) {
  EncryptionKey key;
  std::optional<std::string> id;
  std::optional<std::string> metadata;
  value.ForEachMember([&](std::string_view name, JsonValue& member) {
    if (name == "key-id") {
      id = member.AsString();
    } else if (name == "encrypted-key-metadata") {
      metadata = member.AsString();
    } else if (name == "encrypted-by-id") {
      if (!member.IsNull()) {
        key.encrypted_by_id = member.AsString();
      }
    } else if (name == "properties") {
      if (!member.IsNull()) {
        key.properties = ReadProperties(member);
      }
    } else {
      KeepExtra(name, member, &key.extras);
    }
  });
  key.key_id = value.Require(id, "key-id");
  key.encrypted_key_metadata = value.Require(metadata, "encrypted-key-metadata");
  return key;
}

void WriteEncryptionKey(const EncryptionKey& key, JsonWriter* writer) {
  writer->BeginObject().Member("key-id", key.key_id);
  writer->Member("encrypted-key-metadata", key.encrypted_key_metadata);
  if (key.encrypted_by_id) {
    writer->Member("encrypted-by-id", *key.encrypted_by_id);
  }
  if (!key.properties.empty()) {
    writer->Key("properties");
    WriteProperties(key.properties, writer);
  }
  writer->Extras(key.extras).EndObject();
}

}  // namespace floe::inline v0
