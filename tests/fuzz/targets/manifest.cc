// A manifest of any spec: decoded with and without details, and under a filter.

#include <cstddef>
#include <string>

#include "any_schema.h"
#include "floe/expr/bound.h"
#include "floe/expr/expression.h"
#include "floe/expr/prune.h"
#include "floe/manifest/manifest_entries.h"
#include "floe/manifest/manifest_file.h"
#include "fuzz_target.h"
#include "support/memory_file_io.h"

namespace floe::fuzz {
namespace {

constexpr const char* kLocation = "file:///t/metadata/m0.avro";

void ReadEntries(testing::MemoryFileIO& io, const ManifestFile& manifest,
                 const ManifestReadOptions& options) {
  const auto entries = ReadManifest(io, manifest, AnyPartitionType(), options);
  for (size_t i = 0; i < entries->size(); ++i) {
    const DataFile file = entries->ToDataFile(i);
    Expect(file.file_path == entries->file_path(i), "two paths of a file", file.file_path);
    Expect(file.partition.size() == AnySpec().fields().size(), "a partition of other fields");
    Expect(PartitionKey(file.partition).size() > 0, "a partition without a key");
  }
}

ManifestReadOptions Filtered() {
  ManifestReadOptions options;
  options.row_filter =
      Bind(*ParseExpression(
               "long > 3 and (string like 'a%' or float is nan) and date < '2024-01-01'"),
           AnySchema());
  options.partition_filter =
      ProjectInclusive(*options.row_filter, AnySpec(), AnyPartitionType());
  options.strict_partition_filter =
      ProjectStrict(*options.row_filter, AnySpec(), AnyPartitionType());
  return options;
}

}  // namespace
}  // namespace floe::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::fuzz;  // NOLINT(google-build-using-namespace): a C function has none
  static const floe::ManifestReadOptions kFiltered = Filtered();
  floe::testing::MemoryFileIO io;
  io.Put(kLocation, std::string(TextOf(data, size)));
  floe::ManifestFile manifest;
  manifest.manifest_path = kLocation;
  manifest.manifest_length = static_cast<int64_t>(size);
  manifest.sequence_number = 3;
  for (const auto content : {floe::ManifestContent::kData, floe::ManifestContent::kDeletes}) {
    manifest.content = content;
    Survive([&] { ReadEntries(io, manifest, {.include_deleted = true}); });
    Survive([&] { ReadEntries(io, manifest, kFiltered); });
  }
  return 0;
}
