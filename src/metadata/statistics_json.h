#pragma once

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "floe/metadata/encryption_key.h"
#include "floe/metadata/statistics_file.h"

namespace floe::inline v0 {

StatisticsFile ReadStatisticsFile(JsonValue& value);
void WriteStatisticsFile(const StatisticsFile& file, JsonWriter* writer);

PartitionStatisticsFile ReadPartitionStatisticsFile(JsonValue& value);
void WritePartitionStatisticsFile(const PartitionStatisticsFile& file, JsonWriter* writer);

EncryptionKey ReadEncryptionKey(JsonValue& value);
void WriteEncryptionKey(const EncryptionKey& key, JsonWriter* writer);

}  // namespace floe::inline v0
