#include "manifest/avro_field.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "avro/avro_schema.h"
#include "manifest/manifest_schema.h"

namespace floe::inline v0 {

std::vector<OptionalAvroField> FieldsOf(const AvroSchema& record,
                                        std::span<const ManifestField> known) {
  std::vector<OptionalAvroField> fields;
  for (const AvroField& field : record.fields) {
    fields.push_back(OptionalAvroField::Of(field));
  }
  const auto has_id = [&](int32_t id) {
    return std::ranges::any_of(
        fields, [&](const OptionalAvroField& field) { return field.field_id == id; });
  };
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].field_id >= 0) {
      continue;
    }
    for (const ManifestField& candidate : known) {
      if (candidate.name == record.fields[i].name && !has_id(candidate.id)) {
        fields[i].field_id = candidate.id;
      }
    }
  }
  return fields;
}

}  // namespace floe::inline v0
