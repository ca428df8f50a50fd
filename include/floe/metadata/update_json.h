#pragma once

#include <string>

#include "floe/metadata/update.h"

namespace floe::inline v0 {

/// @name JSON forms of updates and requirements (REST specification)
/// As catalogs get them in a commit: `{"action": "set-location", "location": …}`,
/// `{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": null}`. Members that are
/// not known are not kept. Readers throw ParseError naming the place, and for an action or type
/// that is none.
/// @{
std::string TableUpdateToJson(const TableUpdate& update);
TableUpdate TableUpdateFromJson(const std::string& text);
std::string TableRequirementToJson(const TableRequirement& requirement);
TableRequirement TableRequirementFromJson(const std::string& text);
/// @}

}  // namespace floe::inline v0
