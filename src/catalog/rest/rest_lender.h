#pragma once

#include <memory>

#include "floe/io/storage.h"
#include "floe/table/identifier.h"
#include "floe/table/table_origin.h"

namespace floe::inline v0 {

class RestSession;

/// What a server says of the storage of a table: its secrets are no secrets there.
TableStorage StorageOf(const std::shared_ptr<RestSession>& session,
                       const TableIdentifier& identifier, const TableOrigin& origin);

}  // namespace floe::inline v0
