#include "floe/table/catalog.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "floe/base/error.h"
#include "floe/metadata/snapshot.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

Table Catalog::LoadTable(const TableIdentifier& identifier, const LoadTableOptions& options) {
  auto table = TryLoadTable(identifier, options);
  if (!table) {
    throw NoSuchTableError(
        fmt::format("table {} does not exist in catalog '{}'", identifier.ToString(), name()),
        {.table = identifier.ToString()});
  }
  return *std::move(table);
}

void Catalog::CheckPropertyNames(const Properties& updates,
                                 const std::vector<std::string>& removals) {
  for (const std::string& name : removals) {
    if (FindProperty(updates, name)) {
      throw InvalidArgumentError(
          fmt::format("property {} can't be both set and removed", name));
    }
  }
}

}  // namespace floe::inline v0
