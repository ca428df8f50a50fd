#include "floe/table/catalog.h"

#include <fmt/format.h>

#include <utility>

#include "floe/base/error.h"
#include "floe/table/identifier.h"
#include "floe/table/table.h"

namespace floe::inline v0 {

Table Catalog::LoadTable(const TableIdentifier& identifier) {
  auto table = TryLoadTable(identifier);
  if (!table) {
    throw NoSuchTableError(
        fmt::format("table {} does not exist in catalog '{}'", identifier.ToString(), name()),
        {.table = identifier.ToString()});
  }
  return *std::move(table);
}

}  // namespace floe::inline v0
