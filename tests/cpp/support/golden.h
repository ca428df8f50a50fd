#pragma once

#include <string>

namespace floe::testing {

/// Compares `text` with the golden file `name` under tests/golden. With FLOE_REWRITE_GOLDEN in
/// the environment the file is written instead, for its diff to be reviewed.
void ExpectGolden(const std::string& name, const std::string& text);

}  // namespace floe::testing
