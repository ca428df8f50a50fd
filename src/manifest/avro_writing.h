#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/varint.h"
#include "floe/schema/literal.h"
#include "floe/schema/type.h"

namespace floe::inline v0 {

/// @name Avro values, appended to `out`; optional ones are `[null, T]`
/// @{
inline void PutLong(int64_t value, std::string* out) { AppendZigZag(value, out); }
inline void PutBytes(std::string_view value, std::string* out) {
  AppendZigZag(static_cast<int64_t>(value.size()), out);
  out->append(value);
}
inline void PutBoolean(bool value, std::string* out) { out->push_back(value ? '\1' : '\0'); }
inline void PutNull(std::string* out) { PutLong(0, out); }
inline void PutSome(std::string* out) { PutLong(1, out); }
inline void PutOptionalLong(const std::optional<int64_t>& value, std::string* out) {
  if (value) {
    PutSome(out);
    PutLong(*value, out);
  } else {
    PutNull(out);
  }
}
inline void PutOptionalBytes(const std::optional<std::string>& value, std::string* out) {
  if (value) {
    PutSome(out);
    PutBytes(*value, out);
  } else {
    PutNull(out);
  }
}
/// @}

/// A partition value in the Avro type that AvroTypeJson() gives for its type.
void PutLiteral(const Literal& value, std::string* out);

/// The Avro schema of a primitive Iceberg type (specification, appendix A). Types that Avro
/// gives names to can be defined once: `name_suffix` makes another name.
std::string AvroTypeJson(const Type& type, std::string_view name_suffix = {});

/// `name` with what Avro does not allow in names replaced (specification, appendix A).
std::string AvroName(std::string_view name);

/// Writes record fields of Avro schemas.
class AvroSchemaWriter {
 public:
  void Begin(std::string_view record_name);
  /// A field whose type is given as JSON.
  void Field(std::string_view name, int32_t field_id, std::string_view type_json,
             std::string_view doc = {});
  /// An optional field, `["null", type]` with default null.
  void OptionalField(std::string_view name, int32_t field_id, std::string_view type_json,
                     std::string_view doc = {});
  std::string Finish();

  /// A map from int keys: an array of key-value records.
  static std::string MapJson(int32_t key_id, int32_t value_id, std::string_view value_type);
  static std::string ListJson(int32_t element_id, std::string_view element_type);

 private:
  void EndField(int32_t field_id, std::string_view doc);

  JsonWriter writer_;
};

}  // namespace floe::inline v0
