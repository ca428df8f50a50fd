#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace floe::inline v0 {

enum class AvroKind : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kRecord,
  kArray,
  kMap,
  kUnion,
};

struct AvroSchema;
using AvroSchemaPtr = std::shared_ptr<const AvroSchema>;

struct AvroField {
  std::string name;
  AvroSchemaPtr schema;
  std::optional<int32_t> field_id;  ///< Iceberg's `field-id`
};

/// A parsed Avro schema, as far as reading needs it. Immutable.
struct AvroSchema {
  AvroKind kind = AvroKind::kNull;
  std::vector<AvroField> fields;        ///< record
  std::vector<AvroSchemaPtr> branches;  ///< union; element of an array, value of a map
  int64_t fixed_size = 0;               ///< fixed, bytes
  std::string logical_type;             ///< "date", "decimal", …; empty: none
  int32_t precision = 0;                ///< decimal
  int32_t scale = 0;                    ///< decimal
  std::optional<bool> adjust_to_utc;    ///< Iceberg's mark of zoned timestamps
  std::vector<std::string> symbols;     ///< enum
  std::optional<int32_t> element_id;    ///< Iceberg's id of an array's element
  std::optional<int32_t> key_id;        ///< Iceberg's id of a map's key
  std::optional<int32_t> value_id;      ///< Iceberg's id of a map's value
  /// Values have no bytes: null, an empty fixed, a record of nothing else. Records can be
  /// named so that their number doubles with each level, so it is not to be found out by
  /// walking through them.
  bool is_empty = false;

  const AvroSchema& element() const { return *branches[0]; }
};

/// Parses the schema of an Avro file; `location` names it in CorruptFileError.
AvroSchemaPtr ParseAvroSchema(std::string json, const std::string& location);

}  // namespace floe::inline v0
