#include "puffin/puffin_json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/puffin/puffin_file.h"

namespace floe::inline v0 {
namespace {

PuffinProperties ReadProperties(JsonValue& value) {
  PuffinProperties properties;
  value.ForEachMember([&](std::string_view name, JsonValue& text) {
    properties.emplace_back(name, text.AsString());
  });
  return properties;
}

std::vector<int32_t> ReadFields(JsonValue& value) {
  std::vector<int32_t> fields;
  value.ForEachElement([&](JsonValue& id) { fields.push_back(id.AsInt32()); });
  return fields;
}

PuffinBlob ReadBlob(JsonValue& value) {
  PuffinBlob blob;
  std::optional<std::string> type;
  std::optional<std::vector<int32_t>> fields;
  std::optional<int64_t> snapshot_id;
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> offset;
  std::optional<int64_t> length;
  value.ForEachMember([&](std::string_view name, JsonValue& member) {
    if (name == "type") {
      type = member.AsString();
    } else if (name == "fields") {
      fields = ReadFields(member);
    } else if (name == "snapshot-id") {
      snapshot_id = member.AsInt64();
    } else if (name == "sequence-number") {
      sequence_number = member.AsInt64();
    } else if (name == "offset") {
      offset = member.AsInt64();
    } else if (name == "length") {
      length = member.AsInt64();
    } else if (name == "compression-codec") {
      if (!member.IsNull()) {
        blob.compression_codec = member.AsString();
      }
    } else if (name == "properties") {
      if (!member.IsNull()) {
        blob.properties = ReadProperties(member);
      }
    } else {
      KeepExtra(name, member, &blob.extras);
    }
  });
  blob.type = value.Require(type, "type");
  blob.fields = value.Require(fields, "fields");
  blob.snapshot_id = value.Require(snapshot_id, "snapshot-id");
  blob.sequence_number = value.Require(sequence_number, "sequence-number");
  blob.offset = value.Require(offset, "offset");
  blob.length = value.Require(length, "length");
  return blob;
}

void WriteProperties(const PuffinProperties& properties, JsonWriter* json) {
  if (properties.empty()) {
    return;
  }
  json->Key("properties").BeginObject();
  for (const auto& [name, text] : properties) {
    json->Member(name, text);
  }
  json->EndObject();
}

void WriteBlob(const PuffinBlob& blob, JsonWriter* json) {
  json->BeginObject().Member("type", blob.type).Key("fields").BeginArray();
  for (const int32_t id : blob.fields) {
    json->Int(id);
  }
  json->EndArray()
      .Member("snapshot-id", blob.snapshot_id)
      .Member("sequence-number", blob.sequence_number)
      .Member("offset", blob.offset)
      .Member("length", blob.length);
  if (blob.compression_codec) {
    json->Member("compression-codec", *blob.compression_codec);
  }
  WriteProperties(blob.properties, json);
  json->Extras(blob.extras).EndObject();
}

}  // namespace

std::string PuffinFooterToJson(const PuffinFooter& footer) {
  JsonWriter json;
  json.BeginObject().Key("blobs").BeginArray();
  for (const PuffinBlob& blob : footer.blobs) {
    WriteBlob(blob, &json);
  }
  json.EndArray();
  WriteProperties(footer.properties, &json);
  json.Extras(footer.extras).EndObject();
  return std::move(json).Take();
}

PuffinFooter PuffinFooterFromJson(std::string text, const std::string& location) {
  PuffinFooter footer;
  JsonDocument document(std::move(text), location, JsonOrigin::kFile);
  document.Read([&](JsonValue& root) {
    std::optional<bool> has_blobs;
    root.ForEachMember([&](std::string_view name, JsonValue& member) {
      if (name == "blobs") {
        has_blobs = true;
        member.ForEachElement([&](JsonValue& blob) { footer.blobs.push_back(ReadBlob(blob)); });
      } else if (name == "properties") {
        if (!member.IsNull()) {
          footer.properties = ReadProperties(member);
        }
      } else {
        KeepExtra(name, member, &footer.extras);
      }
    });
    root.Require(has_blobs, "blobs");
  });
  return footer;
}

}  // namespace floe::inline v0
