#pragma once

#include <string>

#include "floe/puffin/puffin_file.h"

namespace floe::inline v0 {

/// The JSON of a footer (specification, Puffin, "FileMetadata").
std::string PuffinFooterToJson(const PuffinFooter& footer);

/// Reads it. Throws CorruptFileError naming `location` and the place in the JSON.
PuffinFooter PuffinFooterFromJson(std::string text, const std::string& location);

}  // namespace floe::inline v0
