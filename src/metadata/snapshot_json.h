#pragma once

#include <memory>
#include <string>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/metadata/snapshot.h"

namespace floe::inline v0 {

/// Reads a snapshot of a table of `format_version`, whose JSON and summary are kept as slices
/// of the document's text, that `owner` has; without an owner all is copied, and what floe does
/// not know is left out.
SnapshotPtr ReadSnapshot(JsonValue& value, int format_version,
                         const std::shared_ptr<const std::string>& owner);
void WriteSnapshot(const Snapshot& snapshot, int format_version, JsonWriter* writer);

SnapshotRef ReadSnapshotRef(JsonValue& value);
void WriteSnapshotRef(const SnapshotRef& ref, JsonWriter* writer);

/// Reads and writes an object of strings.
Properties ReadProperties(JsonValue& value);
void WriteProperties(const Properties& properties, JsonWriter* writer);

/// The snapshot's JSON form, in version 2 or, if it has row lineage, 3.
std::string SnapshotToJson(const Snapshot& snapshot);

}  // namespace floe::inline v0
