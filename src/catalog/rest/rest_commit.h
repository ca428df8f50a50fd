#pragma once

#include <functional>

#include "catalog/rest/rest_client.h"
#include "catalog/rest/rest_errors.h"
#include "catalog/rest/rest_session.h"
#include "floe/table/catalog.h"

namespace floe::inline v0 {

/// What became of a commit that was not answered by success: a conflict, or not known. Throws
/// the error of one that was not made for certain, for another reason. `is_conflict` looks
/// whether the tables have moved on, for servers that call this a bad request.
CommitResult RefusedCommit(const RestSession& session, const RestOperation& operation,
                           const RestOutcome& outcome,
                           const std::function<bool()>& is_conflict);

}  // namespace floe::inline v0
