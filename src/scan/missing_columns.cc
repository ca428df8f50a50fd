#include "scan/missing_columns.h"

#include <cstddef>
#include <memory>
#include <string>

#include "floe/metadata/snapshot.h"
#include "floe/metadata/table_metadata.h"
#include "floe/partition/spec.h"
#include "floe/partition/transform.h"
#include "floe/scan/plan.h"
#include "floe/schema/name_mapping.h"
#include "parquet/column_conversion.h"

namespace floe::inline v0 {

std::shared_ptr<const NameMapping> NameMappingOf(const TableMetadata& metadata) {
  const auto text = FindProperty(metadata.properties, kNameMappingProperty);
  return text ? std::make_shared<const NameMapping>(NameMapping::Parse(std::string(*text)))
              : nullptr;
}

ConstantColumns IdentityConstants(const TableMetadata& metadata, const ScanTask& task) {
  ConstantColumns constants;
  const PartitionSpecPtr& spec = metadata.SpecById(task.spec_id());
  if (spec == nullptr || spec->fields().empty()) {
    return constants;
  }
  const PartitionValues values = task.partition();
  for (size_t i = 0; i < spec->fields().size() && i < values.size(); ++i) {
    if (spec->fields()[i].transform == Transform::Identity()) {
      constants[spec->fields()[i].source_id] = values[i];
    }
  }
  return constants;
}

}  // namespace floe::inline v0
